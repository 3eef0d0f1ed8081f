"""Whether a total and its subgroups tell one story."""

import pytest

from include.postmarket.model.batch import Source
from include.postmarket.model.signal import Detection
from include.postmarket.signals.subgroups import explains, is_general
from tests.unit.signals.worlds import detection, indicator

TOTAL = detection(observed=20.0, expected=12.0, limit=17.0)


def part(observed: float | None = 7.0, **changes: object) -> Detection:
    """Give an alarming subgroup with 4 events expected; 7 take exactly the total's 3 beyond its limit away."""
    return detection(1, "model=A", **({"observed": observed, "expected": 4.0, "limit": 6.0} | changes))


@pytest.mark.parametrize(("observed", "explained"), [(6.9, False), (7.0, True), (12.0, True)])
def test_part_explains_the_total_from_its_limit_on(*, observed: float, explained: bool) -> None:
    """20 less the part's excess has to come down to the limit of 17: an excess of 3, boundary included."""
    assert explained == explains(indicator(), TOTAL, (part(observed),))


def test_parts_explain_together() -> None:
    """Two subgroups with half of the excess each explain it, one alone does not."""
    half = part(5.5)

    assert (explains(indicator(), TOTAL, (half, half)), explains(indicator(), TOTAL, (half,))) == (True, False)


FLEET = indicator(source=Source.PERFORMANCE)
OF_ALL = detection(unit="share of devices", observed=0.35, expected=0.05, limit=0.1, exposure=300.0)


def of_version(observed: float = 0.8, devices: float | None = 120.0) -> Detection:
    """Give the alarm of a software version with 5 % expected; by itself it has 90 devices too many of 300."""
    return part(observed, expected=0.05, limit=0.1, unit="share of devices", exposure=devices)


@pytest.mark.parametrize(("observed", "explained"), [(0.8, True), (0.675, True), (0.67, False)])
def test_shares_add_up_as_devices(*, observed: float, explained: bool) -> None:
    """105 of 300 devices are odd and 30 are the limit: a version of 120 explains it with 75 too many or more."""
    assert explained == explains(FLEET, OF_ALL, (of_version(observed),))


def test_shares_of_unknown_numbers_do_not_add_up() -> None:
    """Without the number of devices measured, of the part or of all, the total stands for itself."""
    unknown = detection(unit="share of devices", observed=0.35, expected=0.05, limit=0.1, exposure=None)

    assert not explains(FLEET, OF_ALL, (of_version(devices=None),))
    assert not explains(FLEET, unknown, (of_version(),))


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (part(None),),
        (part(12.0, expected=None),),
        (part(12.0, unit="per 1000 device days"),),
        (part(15.0), part(15.0)),
    ],
    ids=["no part", "nothing observed", "nothing expected", "another unit", "more than the total"],
)
def test_what_cannot_be_added_up_explains_nothing(parts: tuple[Detection, ...]) -> None:
    """In doubt the total stands for itself."""
    assert not explains(indicator(), TOTAL, parts)


def test_total_without_limit_is_not_explained() -> None:
    """Without a limit nobody can say that the rest is within it."""
    assert not explains(indicator(), detection(observed=20.0, limit=None), (part(),))


@pytest.mark.parametrize(
    ("alarming", "evaluated", "general"), [(1, 1, False), (2, 2, True), (2, 3, True), (2, 4, False), (3, 4, True)]
)
def test_general_is_more_than_half_and_at_least_two(alarming: int, evaluated: int, *, general: bool) -> None:
    """One subgroup is never general, half is not, more than half is; those not evaluated do not count."""
    subgroups = [detection(1, f"model={n}", alarm=n < alarming) for n in range(evaluated)]
    unknown = detection(1, "model=unknown", evaluated=False, alarm=False)

    assert general == is_general([TOTAL, *subgroups, unknown], subgroups[:alarming])
