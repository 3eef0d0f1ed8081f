"""EARS: its history, gaps, flat baselines and the published C3."""

import numpy as np
import pytest

from include.postmarket.detection.ears import EarsParams, EarsVariant, detect, required_history
from include.postmarket.detection.shapes import Counts, MethodInputError, Reason


@pytest.mark.parametrize(("variant", "needed"), [("C1", 7), ("C2", 9), ("C3", 11), ("C3-published", 11)])
def test_first_evaluated_period(variant: str, needed: int) -> None:
    """C1 needs 7 periods, C2 9 and C3 11: one fewer is not evaluated and says so."""
    params = EarsParams(variant=variant)
    chart = detect(Counts(counts=np.array([[3.0, 4] * 8])), params)

    assert required_history(params) == needed
    assert int(np.argmax(chart.evaluated[0])) == needed
    assert chart.reason[0, needed - 1] == Reason.SHORT_HISTORY.value


def test_gap_spoils_the_periods_that_would_use_it() -> None:
    """One period not observed: C1 is not evaluated there and in the seven periods after, then goes on."""
    counts = np.array([[3.0, 4] * 12])
    counts[0, 10] = np.nan
    chart = detect(Counts(counts=counts), EarsParams(variant="C1"))

    assert chart.reason[0, 10] == Reason.NOT_OBSERVED.value
    assert set(chart.reason[0, 11:18].tolist()) == {Reason.GAP_IN_HISTORY.value}
    assert chart.evaluated[0, 18:].all()


def test_published_c3_hears_the_newest_period() -> None:
    """A burst in the newest period alarms in the published C3 and cannot in R's, whose limit moves with the count."""
    counts = np.array([[3.0, 4] * 8 + [90]])

    assert detect(Counts(counts=counts), EarsParams(variant="C3-published")).alarm[0, -1]
    assert not detect(Counts(counts=counts), EarsParams(variant="C3")).alarm[0, -1]


@pytest.mark.parametrize("variant", list(EarsVariant))
def test_flat_history_gives_numbers(variant: EarsVariant) -> None:
    """A history of equal counts has no spread; every evaluated limit is still a number."""
    chart = detect(Counts(counts=np.array([[0.0] * 15 + [1, 0, 0, 2]])), EarsParams(variant=variant))

    assert not np.isnan(chart.limit[chart.evaluated]).any()
    assert not np.isnan(chart.statistic[chart.evaluated]).any()


def test_least_spread_keeps_one_event_quiet() -> None:
    """With a least spread of one half a single event after silence does not alarm, two do."""
    params = EarsParams(variant="C1", min_sigma=0.5)
    alarms = [detect(Counts(counts=np.array([[0.0] * 8 + [events]])), params).alarm[0, -1] for events in (1.0, 2.0)]

    assert alarms == [False, True]


def test_exposure_is_refused() -> None:
    """EARS must not ignore a denominator silently."""
    with pytest.raises(MethodInputError, match="counts alone"):
        detect(Counts(counts=np.ones((1, 20)), exposure=np.ones((1, 20))), EarsParams())


@pytest.mark.parametrize("bad", [{"variant": "C4"}, {"baseline": 2}, {"alpha": 1.0}, {"min_sigma": -1.0}])
def test_unusable_parameters_are_refused(bad: dict[str, object]) -> None:
    """An unknown variant or a baseline too short for a spread is refused."""
    with pytest.raises(MethodInputError, match="ears"):
        EarsParams(**bad)  # type: ignore[arg-type]
