"""The Poisson CUSUM: phase I, gaps, its limit, and what it refuses."""

import numpy as np
import pytest

from include.postmarket.detection.cusum import CusumParams, detect, required_history
from include.postmarket.detection.shapes import Counts, MethodInputError, Reason


def test_phase_one_is_the_required_history() -> None:
    """The first ``baseline`` observed periods set the rate and are not evaluated; a gap does not count as observed."""
    params = CusumParams(baseline=4)
    chart = detect(Counts(counts=np.array([[2, 3, np.nan, 1, 2, 4, 2.0]])), params)

    assert required_history(params) == 4
    assert chart.evaluated[0].tolist() == [False, False, False, False, False, True, True]
    assert chart.reason[0, 2] == Reason.NOT_OBSERVED.value
    assert chart.expected[0, 5] == 2.0


def test_stated_rate_needs_no_history() -> None:
    """With a stated rate the first period is charted against rate x exposure."""
    params = CusumParams(rate=0.5)
    chart = detect(Counts(counts=np.array([[1.0]]), exposure=np.array([[4.0]])), params)

    assert required_history(params) == 0
    assert chart.expected[0, 0] == 2.0


def test_small_lasting_increase_is_found() -> None:
    """Counts of 6 where 4 are in control never alarm alone, but their sum does."""
    chart = detect(Counts(counts=np.full((1, 30), 6.0)), CusumParams(rate=4.0, ratio=1.5))

    assert not chart.alarm[0, 0]
    assert chart.alarm[0, -1]


def test_gap_leaves_the_sum_as_it_was() -> None:
    """A period that was not observed neither adds nor forgives."""
    params = CusumParams(rate=2.0, h=10.0)
    gap = detect(Counts(counts=np.array([[5, np.nan, 5.0]])), params)
    none = detect(Counts(counts=np.array([[5, 5.0]])), params)

    assert none.statistic[0, 1] == gap.statistic[0, 2]


def test_limit_is_the_count_that_reaches_h() -> None:
    """The sum after the period is above h exactly where the count is above the limit."""
    rng = np.random.default_rng(5)
    chart = detect(Counts(counts=rng.poisson(3.0, (5, 200)).astype(float)), CusumParams(rate=2.5, h=4.0))

    assert np.array_equal(chart.alarm, chart.statistic > 4.0)


def test_empty_baseline_still_charts() -> None:
    """No event in phase I: the rate is half an event over it, so a burst alarms instead of dividing by zero."""
    chart = detect(Counts(counts=np.array([[0.0] * 12 + [0.0, 6.0]])), CusumParams())

    assert chart.alarm[0, 12:].tolist() == [False, True]


@pytest.mark.parametrize("bad", [{"ratio": 1.0}, {"run_length": 1.0}, {"h": -1.0}, {"baseline": 0}, {"rate": -2.0}])
def test_unusable_parameters_are_refused(bad: dict[str, float]) -> None:
    """A ratio of one, no phase I without a rate, a negative limit: refused with the method's name."""
    with pytest.raises(MethodInputError, match="cusum"):
        CusumParams(**bad)  # type: ignore[arg-type]
