"""Rare events: how soon the next ones come."""

import numpy as np
import pytest
from scipy import stats

from include.postmarket.detection.shapes import Counts, MethodInputError, Reason
from include.postmarket.detection.time_between import TimeBetweenParams, detect, required_history

pytestmark = pytest.mark.filterwarnings("error")


def test_a_single_event_is_judged_by_the_time_since_the_last() -> None:
    """With one event a cycle the p-value is that of the exponential time: 1 - exp(-rate times exposure)."""
    counts = np.array([[0.0, 0.0, 1.0, 0.0, 1.0]])
    chart = detect(Counts(counts=counts, exposure=np.full((1, 5), 10.0)), TimeBetweenParams(events=1, rate=0.01))

    assert chart.p_value[0, [2, 4]] == pytest.approx(-np.expm1([-0.3, -0.2]), rel=1e-12)
    assert chart.p_value[0, [0, 1, 3]].tolist() == [1.0, 1.0, 1.0]
    assert not chart.alarm.any()


def test_three_events_in_quick_succession_alarm_once() -> None:
    """Where one a year is foreseen, three within three months are Gamma(3): alarm with the third, then a new clock."""
    counts = np.array([[0.0, 1.0, 1.0, 1.0, 0.0, 0.0]])
    chart = detect(Counts(counts=counts), TimeBetweenParams(events=3, rate=1 / 12, alpha=0.006))

    assert chart.alarm.tolist() == [[False, False, False, True, False, False]]
    assert chart.p_value[0, 3] == pytest.approx(stats.gamma.cdf(4 / 12, 3), rel=1e-10)
    assert chart.limit[0, 3] < 1 <= chart.limit[0, 2]
    assert chart.statistic[0, 4] == 0.0


def test_alarm_where_the_cycle_is_complete_and_improbable() -> None:
    """The limit of the count says the same as the p-value of the cycle, also with several events in a period."""
    counts = np.random.default_rng(1).poisson(0.4, size=(40, 80)).astype(float)
    params = TimeBetweenParams(events=2, rate=0.1, alpha=0.05)
    chart = detect(Counts(counts=counts), params)

    assert np.array_equal(chart.alarm, chart.p_value <= params.alpha)
    assert chart.alarm.any()


def test_false_alarms_keep_to_alpha_a_cycle() -> None:
    """Of 3,000 cycles in control about 5 % or fewer alarm (0.999 quantile: 6.3 %)."""
    counts = np.random.default_rng(2).poisson(0.05, size=(30, 4000)).astype(float)
    chart = detect(Counts(counts=counts), TimeBetweenParams(events=2, rate=0.05, alpha=0.05))
    cycles = int((chart.p_value < 1).sum())

    assert cycles > 2_000
    assert 0.03 < chart.alarm.sum() / cycles < 0.063


def test_what_was_not_observed_is_left_out() -> None:
    """A month that was not pulled, or without exposure, lengthens no time and ends no cycle."""
    with_gap = np.array([[0.0, 1.0, np.nan, 0.0, 1.0]])
    without = np.array([[0.0, 1.0, 0.0, 1.0]])
    params = TimeBetweenParams(events=2, rate=0.1)
    gapped, whole = detect(Counts(counts=with_gap), params), detect(Counts(counts=without), params)

    assert gapped.reason[0, 2] == Reason.NOT_OBSERVED.value
    assert gapped.p_value[0, 4] == whole.p_value[0, 3]


def test_the_rate_comes_from_the_baseline() -> None:
    """Without a stated rate the first periods give it and are not judged; one without events counts as half of one."""
    params = TimeBetweenParams(baseline=6)
    chart = detect(Counts(counts=np.zeros((1, 8))), params)

    assert required_history(params) == 6 == int(np.argmax(chart.evaluated[0]))
    assert required_history(TimeBetweenParams(rate=0.1)) == 0
    assert chart.expected[0, 6] == pytest.approx(0.5 / 6)


@pytest.mark.parametrize("bad", [{"events": 0}, {"alpha": 0.0}, {"baseline": 0}, {"rate": -1.0}])
def test_unusable_parameters_are_refused(bad: dict[str, float]) -> None:
    """What the plan fixes has to be usable."""
    with pytest.raises(MethodInputError, match="time_between"):
        TimeBetweenParams(**bad)  # type: ignore[arg-type]
