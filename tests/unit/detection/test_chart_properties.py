"""What must hold for every method over time, tried with generated counts: numbers, reasons, one rule of alarm."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from include.postmarket.detection import (
    bayes,
    catalogue,
    cusum,
    cusum_standardised,
    ears,
    ewma,
    farrington,
    maxsprt,
    poisson_rate,
    rate_change,
    rki,
    seasonal_excess,
    shewhart,
    time_between,
    trend_report,
)
from include.postmarket.detection.shapes import Chart, Counts, FloatArray, MethodInputError

METHODS: dict[str, tuple[Callable[..., Chart], Any]] = {
    "bayes": (bayes.detect, bayes.BayesParams(system=1)),
    "cusum": (cusum.detect, cusum.CusumParams(baseline=5)),
    "cusum_standardised": (
        cusum_standardised.detect,
        cusum_standardised.CusumStandardisedParams(baseline=5),
    ),
    "ears C2": (ears.detect, ears.EarsParams()),
    "ears C3": (ears.detect, ears.EarsParams(variant="C3")),
    "ewma": (ewma.detect, ewma.EwmaParams(baseline=5)),
    "farrington": (
        farrington.detect,
        farrington.FarringtonParams(years=2, half_window=1, year_length=6, levels=2, skip=2, few=0),
    ),
    "maxsprt": (maxsprt.detect, maxsprt.MaxSprtParams(rate=1.0, horizon=30.0)),
    "poisson_rate": (poisson_rate.detect, poisson_rate.PoissonRateParams(rate=2.0)),
    "rate_change": (rate_change.detect, rate_change.RateChangeParams()),
    "rki": (rki.detect, rki.RkiParams(system=1)),
    "seasonal_excess": (
        seasonal_excess.detect,
        seasonal_excess.SeasonalExcessParams(year_length=6.0, min_history=8),
    ),
    "shewhart": (shewhart.detect, shewhart.ShewhartParams(variant="u-laney", baseline=5)),
    "time_between": (time_between.detect, time_between.TimeBetweenParams(baseline=5)),
    "trend_report": (
        trend_report.detect,
        trend_report.TrendReportParams(rate=2.0, window=4),
    ),
}
WITH_EXPOSURE = ["cusum", "ewma", "farrington", "rate_change", "seasonal_excess", "shewhart"]
every_method = pytest.mark.parametrize("method", METHODS)
cells = st.one_of(st.integers(0, 60).map(float), st.just(0.0), st.just(float("nan")))
tables = hnp.arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 40)), elements=cells)


def run(method: str, counts: FloatArray, exposure: FloatArray | None = None) -> Chart:
    """Detect with every numpy warning an error."""
    detect, params = METHODS[method]
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        return detect(Counts(counts=counts, exposure=exposure), params)


@every_method
@settings(max_examples=25, deadline=None)
@given(counts=tables)
def test_evaluated_points_hold_numbers_and_the_others_reasons(method: str, counts: FloatArray) -> None:
    """Evaluated points hold numbers and alarm above the limit; the others hold a reason, nan and no alarm."""
    chart = run(method, counts)
    shown, hidden = chart.evaluated, ~chart.evaluated
    exceeds = np.nan_to_num(counts[shown]) > chart.limit[shown]

    assert np.isfinite(chart.expected[shown]).all()
    assert np.isfinite(chart.limit[shown]).all()
    assert np.isfinite(chart.statistic[shown]).all()
    assert np.array_equal(chart.alarm[shown], exceeds)
    assert not chart.alarm[hidden].any()
    assert np.array_equal(chart.reason != "", hidden)
    assert np.isnan(chart.limit[hidden]).all()
    assert not shown[np.isnan(counts)].any()
    assert np.isnan(chart.p_value[shown]).all() or not np.isnan(chart.p_value[shown]).any()


@every_method
@settings(max_examples=15, deadline=None)
@given(counts=tables, seed=st.integers(0, 1000))
def test_order_of_series_is_irrelevant(method: str, counts: FloatArray, seed: int) -> None:
    """Each series gets the same answer wherever it stands and whatever stands beside it."""
    order = np.random.default_rng(seed).permutation(len(counts))
    straight, shuffled, alone = run(method, counts), run(method, counts[order]), run(method, counts[:1])

    assert np.array_equal(straight.alarm[order], shuffled.alarm)
    assert np.array_equal(straight.reason[order], shuffled.reason)
    assert np.allclose(straight.limit[order], shuffled.limit, rtol=1e-6, equal_nan=True)
    assert np.array_equal(straight.alarm[:1], alone.alarm)


@every_method
@settings(max_examples=15, deadline=None)
@given(counts=tables, more=st.integers(1, 50))
def test_more_events_never_silence_an_alarm(method: str, counts: FloatArray, more: int) -> None:
    """Adding events to the newest period keeps its alarm."""
    before = run(method, counts)
    counts = counts.copy()
    counts[:, -1] += more
    after = run(method, counts)

    assert np.all(after.alarm[:, -1] >= (before.alarm[:, -1] & after.evaluated[:, -1]))


@pytest.mark.parametrize("method", WITH_EXPOSURE)
@settings(max_examples=15, deadline=None)
@given(counts=tables, unit=st.sampled_from([0.001, 3.0, 1000.0]))
def test_unit_of_exposure_is_irrelevant(method: str, counts: FloatArray, unit: float) -> None:
    """Thousand device-days or device-days: the same alarms, expected counts and limits."""
    exposure: FloatArray = 1.0 + np.arange(float(counts.size)).reshape(counts.shape) % 7
    one, other = run(method, counts, exposure), run(method, counts, exposure * unit)

    assert np.array_equal(one.evaluated, other.evaluated)
    assert np.allclose(one.expected, other.expected, rtol=1e-5, equal_nan=True)
    assert (one.alarm == other.alarm).mean() > 0.97


@every_method
@settings(max_examples=15, deadline=None)
@given(counts=tables, share=st.floats(0, 1))
def test_what_comes_later_changes_nothing(method: str, counts: FloatArray, share: float) -> None:
    """A period is judged by itself and what lay before it: cut off there, the series gives the same answer."""
    end = 1 + round(share * (counts.shape[1] - 1))
    whole, cut = run(method, counts), run(method, counts[:, :end])

    assert np.array_equal(whole.alarm[:, :end], cut.alarm)
    assert np.array_equal(whole.reason[:, :end], cut.reason)
    assert np.allclose(whole.limit[:, :end], cut.limit, rtol=1e-6, equal_nan=True)


@pytest.mark.parametrize("unit", [0.001, 3.0, 1000.0])
@settings(max_examples=15, deadline=None)
@given(counts=tables)
def test_a_stated_rate_goes_with_the_unit_of_exposure(unit: float, counts: FloatArray) -> None:
    """Two in a device-day or two thousand in a thousand of them: the same expected counts, limits and alarms."""
    exposure: FloatArray = 1.0 + np.arange(float(counts.size)).reshape(counts.shape) % 7
    one, other = Counts(counts=counts, exposure=exposure), Counts(counts=counts, exposure=exposure * unit)
    for straight, scaled in (
        (
            poisson_rate.detect(one, poisson_rate.PoissonRateParams(rate=2.0)),
            poisson_rate.detect(other, poisson_rate.PoissonRateParams(rate=2.0 / unit)),
        ),
        (
            trend_report.detect(one, trend_report.TrendReportParams(rate=2.0, window=4)),
            trend_report.detect(other, trend_report.TrendReportParams(rate=2.0 / unit, window=4)),
        ),
    ):
        assert np.allclose(straight.expected, scaled.expected, equal_nan=True)
        assert np.allclose(straight.limit, scaled.limit, equal_nan=True)
        assert np.array_equal(straight.reason, scaled.reason)


def test_every_method_over_time_is_tried_here() -> None:
    """A new method of the catalogue has to join this file; only what needs all events beside the severe ones cannot."""
    assert {name.split()[0] for name in METHODS} == set(catalogue.OVER_TIME) - {"severity_trend"}


@every_method
@pytest.mark.parametrize("bad", [-1.0, 0.5, np.inf, 1.1e12])
def test_what_is_no_count_is_refused(method: str, bad: float) -> None:
    """A negative, broken or infinite count raises; it is never charted."""
    counts = np.full((1, 40), 3.0)
    counts[0, 20] = bad
    with pytest.raises(MethodInputError, match="->"):
        run(method, counts)


@every_method
def test_a_silent_series_never_alarms(method: str) -> None:
    """Forty periods without an event: no alarm from any method."""
    assert not run(method, np.zeros((2, 40))).alarm.any()


@pytest.mark.parametrize("method", WITH_EXPOSURE)
def test_no_exposure_is_not_evaluated(method: str) -> None:
    """A period with exposure 0 or missing is not evaluated and says so."""
    counts = np.full((1, 40), 3.0)
    exposure = np.ones((1, 40))
    exposure[0, -2:] = [0.0, np.nan]
    chart = run(method, counts, exposure)

    assert not chart.evaluated[0, -2:].any()
    assert set(chart.reason[0, -2:].tolist()) == {"exposure is zero or missing"}


EXTREMES = {
    "no series": np.zeros((0, 30)),
    "no period": np.zeros((2, 0)),
    "one period": np.ones((1, 1)),
    "never observed": np.full((2, 60), np.nan),
    "every second period": np.where(np.arange(120) % 2, np.nan, 3.0)[None, :],
    "one event": np.eye(1, 120, 60),
    "millions": np.random.default_rng(0).poisson(1e6, (2, 120)).astype(float),
    "silence, then hundreds": np.where(np.arange(120) > 60, 500.0, 0.0)[None, :],
    "the most there can be": np.resize([0.0, 1e12, 5e11, 1e12], (1, 120)),
    "a hundred million at once": np.where(np.arange(120) == 119, 1e8, 1.0)[None, :],
}


@every_method
@pytest.mark.parametrize("case", EXTREMES)
def test_extreme_tables_give_numbers(method: str, case: str) -> None:
    """Empty tables, gaps, silence and floods: no failure, no numpy warning, finite where evaluated."""
    counts = EXTREMES[case]
    exposures = [None, np.full(counts.shape, 1e-6), np.full(counts.shape, 1e9)] if method in WITH_EXPOSURE else [None]
    for exposure in exposures:
        chart = run(method, counts, exposure)

        assert chart.alarm.shape == counts.shape
        assert np.isfinite(chart.expected[chart.evaluated]).all()
        assert np.isfinite(chart.limit[chart.evaluated]).all()
        assert np.isfinite(chart.statistic[chart.evaluated]).all()
