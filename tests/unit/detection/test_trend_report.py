"""The Article 88 test: frequency and severity against what was foreseen, over the observation period."""

import numpy as np
import pytest
from scipy import stats

from include.postmarket.detection.shapes import Counts, MethodInputError, Reason
from include.postmarket.detection.trend_report import (
    SeverityTrendParams,
    TrendReportParams,
    detect,
    detect_severity,
    required_history,
)


def test_frequency_is_tested_over_the_whole_observation_period() -> None:
    """Twelve months of 5 events per 1,000 where 4 were foreseen: each month is quiet, the year is significant."""
    data = Counts(counts=np.full((1, 12), 6.0), exposure=np.full((1, 12), 1000.0))
    chart = detect(data, TrendReportParams(rate=0.004, window=12))

    assert chart.p_value[0, 11] == pytest.approx(stats.poisson.sf(71, 48.0), rel=1e-10)
    assert chart.alarm[0, 11]
    assert chart.statistic[0, 11] == pytest.approx(1.5)


def test_half_of_alpha() -> None:
    """A tail between half of alpha and alpha does not alarm: the other half is spent on severity."""
    data = Counts(counts=np.array([[8.0]]))
    chart = detect(data, TrendReportParams(rate=4.0, window=1, alpha=0.06))

    assert 0.03 < chart.p_value[0, 0] < 0.06
    assert not chart.alarm[0, 0]


def test_severity_is_a_share_of_all_events() -> None:
    """Eight of 32 severe where a tenth was foreseen is significant; four of forty is what was foreseen."""
    params = SeverityTrendParams(severe_share=0.1, window=4)
    worse = detect_severity(Counts(counts=np.full((1, 4), 2.0), exposure=np.full((1, 4), 8.0)), params)
    same = detect_severity(Counts(counts=np.full((1, 4), 1.0), exposure=np.full((1, 4), 10.0)), params)

    assert worse.p_value[0, 3] == pytest.approx(stats.binom.sf(7, 32, 0.1), rel=1e-10)
    assert worse.alarm[0, 3]
    assert not same.alarm[0, 3]


def test_limit_and_p_value_agree() -> None:
    """Both tests alarm exactly where the tail is at most half of alpha."""
    rng = np.random.default_rng(3)
    every = rng.poisson(9.0, (20, 40)).astype(float)
    severe = rng.binomial(every.astype(int), 0.2).astype(float)
    often = detect(Counts(counts=every), TrendReportParams(rate=8.0, window=6))
    worse = detect_severity(Counts(counts=severe, exposure=every), SeverityTrendParams(severe_share=0.15, window=6))
    for chart in (often, worse):
        shown = chart.evaluated

        assert np.array_equal(chart.alarm[shown], chart.p_value[shown] <= 0.025)
        assert chart.alarm.any()


def test_observation_period_must_be_whole() -> None:
    """Before the observation period has passed nothing is evaluated."""
    params = TrendReportParams(rate=1.0, window=6)
    chart = detect(Counts(counts=np.ones((1, 8))), params)

    assert required_history(params) == 5 == int(np.argmax(chart.evaluated[0]))
    assert chart.reason[0, 4] == Reason.SHORT_HISTORY.value


def test_severity_needs_all_events() -> None:
    """Without the total, or with more severe events than events, severity cannot be judged: refused."""
    params = SeverityTrendParams(severe_share=0.1)
    with pytest.raises(MethodInputError, match="total"):
        detect_severity(Counts(counts=np.ones((1, 20))), params)
    with pytest.raises(MethodInputError, match="more severe"):
        detect_severity(Counts(counts=np.full((1, 20), 2.0), exposure=np.ones((1, 20))), params)


@pytest.mark.parametrize("bad", [{"rate": 0.0}, {"window": 0}, {"alpha": 1.0}])
def test_unusable_parameters_are_refused(bad: dict[str, float]) -> None:
    """What the plan must fix has to be usable."""
    with pytest.raises(MethodInputError, match="trend_report"):
        TrendReportParams(**({"rate": 1.0} | bad))  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [{"severe_share": 1.0}, {"window": 0}, {"alpha": 1.0}])
def test_unusable_parameters_of_severity_are_refused(bad: dict[str, float]) -> None:
    """The same for the share of severe events."""
    with pytest.raises(MethodInputError, match="severity_trend"):
        SeverityTrendParams(**({"severe_share": 0.1} | bad))  # type: ignore[arg-type]
