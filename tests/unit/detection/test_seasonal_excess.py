"""The default method: what it needs, what it finds, and that its limit, alarm and p-value say the same."""

import numpy as np
import pytest

from include.postmarket.detection.seasonal_excess import (
    SeasonalExcessParams,
    detect,
    required_history,
    tail,
    threshold,
)
from include.postmarket.detection.shapes import Counts, FloatArray, MethodInputError, Reason


@pytest.fixture(name="seasonal")
def _seasonal() -> FloatArray:
    """Six series of six years with a season, a trend and overdispersion."""
    week = np.arange(312)
    mean = np.exp(1.5 + 0.002 * week + 0.7 * np.cos(2 * np.pi * week / 52))
    return np.random.default_rng(8).negative_binomial(mean, 0.5, (6, 312)).astype(float)


def test_required_history_is_the_boundary() -> None:
    """The first evaluated period has exactly the required history before it; the one before says it is too short."""
    params = SeasonalExcessParams()
    chart = detect(Counts(counts=np.full((1, 90), 4.0)), params)
    needed = required_history(params)

    assert int(np.argmax(chart.evaluated[0])) == needed
    assert chart.reason[0, needed - 1] == Reason.SHORT_HISTORY.value
    assert chart.evaluated[0, needed:].all()


def test_alarm_limit_and_p_value_agree(seasonal: FloatArray) -> None:
    """Alarm, count above limit, and p-value below alpha are the same points."""
    chart = detect(Counts(counts=seasonal), SeasonalExcessParams(alpha=0.05))
    shown = chart.evaluated

    assert np.array_equal(chart.alarm[shown], seasonal[shown] > chart.limit[shown])
    assert np.array_equal(chart.alarm[shown], chart.p_value[shown] < 0.05)
    assert chart.alarm.any()


def test_season_is_expected_and_an_outbreak_is_not(seasonal: FloatArray) -> None:
    """The yearly peak is expected; twice the count in two weeks of it alarms."""
    params = SeasonalExcessParams(last_periods=2)
    seasonal[:, -2:] = np.round(2.6 * np.exp(1.5 + 0.002 * 311 + 0.7 * np.cos(2 * np.pi * 311 / 52)))
    chart = detect(Counts(counts=seasonal), params)

    assert chart.alarm[:, -1].all()
    assert chart.expected[:, -1] == pytest.approx(np.full(6, 16.7), rel=0.25)


def test_two_small_excesses_make_an_alarm() -> None:
    """A count that is quiet alone alarms after a like one: the limit falls after a high period."""
    counts = np.random.default_rng(1).poisson(20.0, (1, 200)).astype(float)
    counts[0, -2:] = 30.0
    twice = detect(Counts(counts=counts), SeasonalExcessParams())
    counts[0, -2] = 20.0
    once = detect(Counts(counts=counts), SeasonalExcessParams())

    assert twice.alarm[0, -1]
    assert not once.alarm[0, -1]
    assert twice.limit[0, -1] < once.limit[0, -1]


def test_only_the_newest_are_evaluated_when_asked(seasonal: FloatArray) -> None:
    """With ``last_periods`` the rest says it was not asked for, and the result of those asked is the same."""
    every = detect(Counts(counts=seasonal), SeasonalExcessParams())
    newest = detect(Counts(counts=seasonal), SeasonalExcessParams(last_periods=3))

    assert newest.evaluated.sum() == 18
    assert newest.reason[0, -4] == Reason.OUT_OF_RANGE.value
    assert newest.limit[:, -3:] == pytest.approx(every.limit[:, -3:])
    assert newest.p_value[:, -3:] == pytest.approx(every.p_value[:, -3:], rel=1e-6)


def test_later_data_change_nothing(seasonal: FloatArray) -> None:
    """A detection for an old week on the data of that week equals the one made on all data (as-of)."""
    whole = detect(Counts(counts=seasonal), SeasonalExcessParams())
    then = detect(Counts(counts=seasonal[:, :280]), SeasonalExcessParams())

    assert np.array_equal(whole.alarm[:, :280], then.alarm)
    assert whole.p_value[:, 279] == pytest.approx(then.p_value[:, 279], rel=1e-6)


def test_period_before_not_observed(seasonal: FloatArray) -> None:
    """After a gap the period is judged alone, and the gap is not evaluated."""
    seasonal[0, -2] = np.nan
    chart = detect(Counts(counts=seasonal), SeasonalExcessParams())

    assert chart.reason[0, -2] == Reason.NOT_OBSERVED.value
    assert chart.evaluated[0, -1]
    assert np.isfinite(chart.p_value[0, -1])


def test_exposure_explains_a_rise(seasonal: FloatArray) -> None:
    """Twice the counts on twice the exposure is no excess; on the same exposure it is."""
    exposure = np.full(seasonal.shape, 100.0)
    seasonal[:, -26:] *= 2
    plain = detect(Counts(counts=seasonal, exposure=exposure), SeasonalExcessParams(last_periods=20))
    exposure[:, -26:] *= 2
    grown = detect(Counts(counts=seasonal, exposure=exposure), SeasonalExcessParams(last_periods=20))

    assert plain.alarm[:, -20:].mean() > 0.4
    assert grown.alarm[:, -20:].mean() < 0.1


def test_silent_series_is_evaluated_without_alarm() -> None:
    """No event in three years: finite numbers, no alarm; then a burst alarms."""
    counts = np.zeros((1, 160))
    quiet = detect(Counts(counts=counts), SeasonalExcessParams())
    counts[0, -1] = 6.0
    burst = detect(Counts(counts=counts), SeasonalExcessParams())

    assert not quiet.alarm.any()
    assert np.isfinite(quiet.limit[quiet.evaluated]).all()
    assert burst.alarm[0, -1]


def test_monthly_series() -> None:
    """With 12 periods a year and six years of months the season is known and quiet data stay quiet."""
    month = np.arange(72)
    mean = 30 * np.exp(0.6 * np.sin(2 * np.pi * month / 12))
    counts = np.random.default_rng(3).poisson(mean, (40, 72)).astype(float)
    chart = detect(Counts(counts=counts), SeasonalExcessParams(year_length=12.0))

    assert 0 < chart.alarm[:, 48:].mean() < 0.03


def test_tail_is_that_of_two_normal_scores() -> None:
    """The tail equals that of simulated pairs of scores within 4 standard errors, and the threshold inverts it."""
    now, before = np.random.default_rng(9).normal(size=(2, 400_000))
    larger = np.maximum(now - 0.6, (now + 0.85 * before) / np.hypot(1, 0.85))
    simulated = np.mean(larger >= 2.0)

    assert abs(simulated - tail(np.array(2.0))) < 4 * np.sqrt(simulated / 400_000)
    assert float(tail(np.array(threshold(0.01)))) == pytest.approx(0.01, rel=1e-9)


@pytest.mark.parametrize(
    "bad", [{"alpha": 0.5}, {"year_length": 3.0}, {"harmonics": 26}, {"min_history": 5}, {"last_periods": -1}]
)
def test_unusable_parameters_are_refused(bad: dict[str, float]) -> None:
    """Parameters that make no model are refused with the method's name."""
    with pytest.raises(MethodInputError, match="seasonal_excess"):
        SeasonalExcessParams(**bad)  # type: ignore[arg-type]
