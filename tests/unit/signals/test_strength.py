"""Strength is compared without regard to the unit or to the direction that is worse."""

from typing import Any

import pytest

from include.postmarket.signals.strength import excess, materially_more, ratio
from tests.unit.signals.worlds import detection


def test_ratio_and_excess_of_a_rise() -> None:
    """10 seen of 5 expected with a limit of 8: twice the expected, 5/3 of the way to the limit."""
    rise = detection(observed=10.0, expected=5.0, limit=8.0)

    assert pytest.approx((2.0, 5 / 3)) == (ratio(rise), excess(rise))


def test_fall_is_as_bad_as_the_rise_it_mirrors() -> None:
    """Battery hours of 5 where 10 are expected and 8 is the limit: half is as bad as twice."""
    fall = detection(observed=5.0, expected=10.0, limit=8.0)

    assert pytest.approx((2.0, 2.5)) == (ratio(fall), excess(fall))


@pytest.mark.parametrize("missing", [{"observed": None}, {"expected": None}, {"expected": 0.0}, {"observed": 0.0}])
def test_ratio_of_nothing_is_unknown(missing: dict[str, Any]) -> None:
    """A missing or zero number gives no ratio instead of an infinite one."""
    assert ratio(detection(**missing)) is None


@pytest.mark.parametrize("missing", [{"observed": None}, {"expected": None}, {"limit": None}, {"limit": 5.0}])
def test_excess_without_a_way_to_the_limit_is_unknown(missing: dict[str, Any]) -> None:
    """No limit, or one that is the expectation, gives no scale."""
    assert excess(detection(**missing)) is None


@pytest.mark.parametrize(("observed", "more"), [(14.999, False), (15.0, True), (40.0, True)])
def test_material_is_one_and_a_half_times_the_strongest(observed: float, *, more: bool) -> None:
    """The strongest refuted alarm was 2 times the expected: 3 times is materially more, boundary included."""
    refuted = (detection(1, observed=6.0), detection(2, observed=10.0))

    assert more == bool(materially_more(detection(3, observed=observed), refuted))


def test_excess_is_compared_where_there_is_no_ratio() -> None:
    """Nothing was expected, so ratios do not exist: 6 steps to the limit against 2 are more, against 5 not."""
    new = detection(3, observed=6.0, expected=0.0, limit=1.0)

    assert "excess 6" in materially_more(new, (detection(1, observed=2.0, expected=0.0, limit=1.0),))
    assert not materially_more(new, (detection(1, observed=5.0, expected=0.0, limit=1.0),))


def test_what_cannot_be_compared_goes_to_a_person() -> None:
    """Unknown is not 'no more evidence' (G8)."""
    assert "a person has to look" in materially_more(detection(observed=None), (detection(1),))
