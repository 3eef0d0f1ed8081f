"""The sliding two-rate test: history, gaps, exposure and its one rule."""

import numpy as np
import pytest
from scipy import stats

from include.postmarket.detection.rate_change import RateChangeParams, detect, required_history
from include.postmarket.detection.shapes import Counts, MethodInputError, Reason


def test_first_evaluated_period_is_the_required_history() -> None:
    """Exactly ``required_history`` observed periods come before the first evaluated one, with any window."""
    for params in (RateChangeParams(), RateChangeParams(window=3, baseline=8, min_history=4)):
        chart = detect(Counts(counts=np.full((1, 20), 4.0)), params)

        assert required_history(params) == int(np.argmax(chart.evaluated[0]))
        assert {Reason.SHORT_HISTORY.value} == set(chart.reason[0, : required_history(params)].tolist())
        assert bool(chart.evaluated[0, required_history(params) :].all())


def test_tail_is_the_conditional_binomial() -> None:
    """The p-value equals scipy's binomial tail for the sums of window and baseline."""
    counts = np.array([[3, 1, 0, 2, 5, 4, 9.0]])
    exposure = np.array([[10, 12, 9, 20, 11, 13, 17.0]])
    chart = detect(Counts(counts=counts, exposure=exposure), RateChangeParams(window=2, baseline=4, min_history=4))
    expected = stats.binom.sf(12, 3 + 1 + 0 + 2 + 5 + 4 + 9 - 3, 30 / (30 + 52))

    assert chart.p_value[0, 6] == pytest.approx(expected, rel=1e-12)


def test_limit_is_the_last_count_that_does_not_alarm() -> None:
    """Raising the newest count to the limit is quiet, one more alarms, and the p-values straddle alpha."""
    base = [4.0, 6, 5, 3, 7, 5, 4]
    params = RateChangeParams(window=2, baseline=5, min_history=5)
    limit = detect(Counts(counts=np.array([[*base, 0.0]])), params).limit[0, -1]
    at, above = (detect(Counts(counts=np.array([[*base, limit + more]])), params) for more in (0, 1))

    assert not at.alarm[0, -1]
    assert above.alarm[0, -1]
    assert above.p_value[0, -1] <= params.alpha < at.p_value[0, -1]


def test_unobserved_period_is_not_a_zero() -> None:
    """A gap drops out of the baseline: the result is that of the series without it; the gap is not evaluated."""
    params = RateChangeParams(baseline=6, min_history=6)
    gap = detect(Counts(counts=np.array([[4, 5, np.nan, 3, 6, 4, 5, 12.0]])), RateChangeParams(baseline=7))
    none = detect(Counts(counts=np.array([[4, 5, 3, 6, 4, 5, 12.0]])), params)

    assert gap.p_value[0, -1] == none.p_value[0, -1]
    assert gap.reason[0, 2] == Reason.NOT_OBSERVED.value
    assert not gap.alarm[0, 2]


def test_period_without_exposure_says_so() -> None:
    """Exposure of zero or nan: not evaluated, with its own reason, and left out of later baselines."""
    exposure = np.ones((1, 9))
    exposure[0, 7:] = [0.0, np.nan]
    chart = detect(Counts(counts=np.full((1, 9), 2.0), exposure=exposure), RateChangeParams())

    assert [Reason.NO_EXPOSURE.value] * 2 == chart.reason[0, 7:].tolist()


def test_all_zero_series_is_quiet_and_finite() -> None:
    """No event at all is evaluated, without alarm, without nan."""
    chart = detect(Counts(counts=np.zeros((2, 10))), RateChangeParams())

    assert not chart.alarm.any()
    assert chart.p_value[0, 9] == 1.0
    assert np.isfinite(chart.statistic[:, 6:]).all()


def test_burst_after_an_empty_baseline_alarms() -> None:
    """Twelve quiet periods and then ten events is an alarm, not a division by zero."""
    chart = detect(Counts(counts=np.array([[0.0] * 12 + [10.0]])), RateChangeParams())

    assert chart.alarm[0, 12]


@pytest.mark.parametrize(
    "bad",
    [{"window": 0}, {"min_history": 0}, {"min_history": 13}, {"alpha": 0.0}, {"alpha": 1.0}],
)
def test_unusable_parameters_are_refused(bad: dict[str, float]) -> None:
    """Parameters that make no test are refused when they are written down, not when the data come."""
    with pytest.raises(MethodInputError, match="rate_change"):
        RateChangeParams(**bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("dispersion", [1.5, 3.0, 6.0])
def test_a_stated_dispersion_keeps_the_level(dispersion: float) -> None:
    """Counts that spread more than Poisson alarm several times too often; with their dispersion stated they do not.

    20,000 months each: four standard errors of a level of 1 % are 0.0028.
    """
    generator = np.random.default_rng(17)
    for mean in (3.0, 50.0):
        counts = generator.negative_binomial(mean / (dispersion - 1), 1 / dispersion, size=(20_000, 13)).astype(float)
        plain, stated = (
            float(detect(Counts(counts=counts), RateChangeParams(dispersion=d)).alarm[:, -1].mean())
            for d in (1.0, dispersion)
        )

        assert plain > 0.017
        assert 0.004 < stated < 0.0128


def test_limit_and_tail_agree_with_a_dispersion() -> None:
    """Over a grid of counts and histories the alarm, the limit and p <= alpha say the same."""
    params = RateChangeParams(baseline=3, min_history=3, alpha=0.02, dispersion=2.3)
    counts = np.array([[a, b, a, x] for a in (0.0, 1.0, 7.0) for b in (0.0, 4.0) for x in np.arange(40.0)])
    chart = detect(Counts(counts=counts, exposure=np.full(counts.shape, 0.1)), params)

    assert np.array_equal(chart.alarm[:, -1], chart.p_value[:, -1] <= params.alpha)
    assert chart.alarm[:, -1].any()


def test_dispersion_below_one_is_refused() -> None:
    """Counts that spread less than Poisson's are no reason to alarm more often."""
    with pytest.raises(MethodInputError, match="dispersion"):
        RateChangeParams(dispersion=0.9)
