"""Farrington's algorithm: its reference weeks, history, thresholds and refusals."""

from dataclasses import replace

import numpy as np
import pytest

from include.postmarket.detection.farrington import ORIGINAL, FarringtonParams, Threshold, detect, required_history
from include.postmarket.detection.farrington_model import reference_periods
from include.postmarket.detection.shapes import Counts, FloatArray, MethodInputError, Reason


@pytest.fixture(name="weekly")
def _weekly() -> FloatArray:
    """Three series of 320 weeks around 12 with a season."""
    week = np.arange(320)
    return np.random.default_rng(1).poisson(12 * np.exp(0.4 * np.sin(2 * np.pi * week / 52)), (3, 320)).astype(float)


def test_original_reference_weeks() -> None:
    """Five years of seven weeks around the same week, one level: Farrington's 35 values."""
    reference = reference_periods(years=5, half_window=3, year_length=52, levels=1, skip=3)

    assert len(reference.ago) == 35
    assert reference.ago[-7:].tolist() == [55, 54, 53, 52, 51, 50, 49]
    assert set(reference.level.tolist()) == {1}


def test_flexible_reference_weeks() -> None:
    """Ten levels share the year: seven weeks for the own one, five for each other; the newest 27 weeks are left out."""
    reference = reference_periods(years=5, half_window=3, year_length=52, levels=10, skip=26)
    whole_years = reference.ago > 52 + 3

    assert reference.ago.max() == 263
    assert reference.ago.min() == 27
    assert [int(np.sum(reference.level[whole_years] == level)) for level in (1, 9, 10)] == [20, 20, 28]


def test_first_evaluated_week(weekly: FloatArray) -> None:
    """Five years and three weeks are needed; the week before says so."""
    params = FarringtonParams()
    chart = detect(Counts(counts=weekly), params)

    assert required_history(params) == 263 == int(np.argmax(chart.evaluated[0]))
    assert chart.reason[0, 262] == Reason.SHORT_HISTORY.value


def test_few_events_are_not_evaluated(weekly: FloatArray) -> None:
    """Fewer than five events in four weeks: not evaluated, as R gives NA; with ``few`` 0 they are."""
    weekly[:, -4:] = 1.0
    strict, lax = (detect(Counts(counts=weekly), FarringtonParams(few=few)) for few in (5, 0))

    assert strict.reason[0, -1] == Reason.LOW_COUNT.value
    assert lax.evaluated[0, -1]


def test_season_without_observations(weekly: FloatArray) -> None:
    """If most of a level of the season was never observed the week is not evaluated; a few missing weeks do no harm."""
    weekly[0, 60:80] = np.nan
    weekly[1, :300] = np.where(np.arange(300) % 52 < 10, np.nan, weekly[1, :300])
    chart = detect(Counts(counts=weekly), FarringtonParams())

    assert chart.evaluated[0, -1]
    assert chart.reason[1, -1] == Reason.GAP_IN_HISTORY.value
    assert np.isfinite(chart.limit[chart.evaluated]).all()


@pytest.mark.parametrize("threshold", list(Threshold))
def test_outbreak_alarms_under_every_threshold(weekly: FloatArray, threshold: Threshold) -> None:
    """Forty cases where twelve are due alarm, and alarm is count above limit."""
    weekly[:, -1] = 45.0
    chart = detect(Counts(counts=weekly), FarringtonParams(threshold=threshold))

    assert chart.alarm[:, -1].all()
    assert (chart.statistic[:, -1] > 1).all()
    assert (chart.p_value[:, -1] < 0.01).all()


def test_past_outbreak_hardly_lifts_the_limit(weekly: FloatArray) -> None:
    """An outbreak in the reference weeks loses its weight: the limit rises by less than a tenth."""
    clean = detect(Counts(counts=weekly), FarringtonParams())
    weekly[:, 319 - 104] = 90.0
    spoilt = detect(Counts(counts=weekly), FarringtonParams())

    assert np.all(spoilt.limit[:, -1] <= 1.25 * clean.limit[:, -1])


def test_only_the_newest_when_asked(weekly: FloatArray) -> None:
    """The last two weeks come out as in the whole chart, the rest says it was not asked for."""
    whole = detect(Counts(counts=weekly), ORIGINAL)
    newest = detect(Counts(counts=weekly), replace(ORIGINAL, last_periods=2))

    assert newest.limit[:, -2:] == pytest.approx(whole.limit[:, -2:])
    assert newest.reason[0, -3] == Reason.OUT_OF_RANGE.value


@pytest.mark.parametrize(
    "bad",
    [
        {"years": 0},
        {"half_window": -1},
        {"levels": 47},
        {"skip": 2},
        {"skip": 52},
        {"reweight_above": 0.5},
        {"trend_p": 2.0},
        {"threshold": "x"},
        {"alpha": 0.5},
        {"few": -1},
    ],
)
def test_unusable_parameters_are_refused(bad: dict[str, object]) -> None:
    """Parameters that leave no model are refused with the method's name."""
    with pytest.raises(MethodInputError, match="farrington"):
        FarringtonParams(**bad)  # type: ignore[arg-type]
