"""Control charts against reference/spc_charts.csv.gz (spc_reference.R: base R, Montgomery's formulas)."""

import gzip
from csv import DictReader
from pathlib import Path

import numpy as np
import pytest

from include.postmarket.detection import cusum, ewma, poisson_rate, shewhart
from include.postmarket.detection.rare_events import GapChartParameters, g_chart, t_chart
from include.postmarket.detection.shapes import Counts, FloatArray

Rows = dict[str, FloatArray]


@pytest.fixture(scope="module", name="charts")
def _charts(shared: Path) -> dict[tuple[str, str], Rows]:
    grouped: dict[tuple[str, str], list[dict[str, str]]] = {}
    with gzip.open(shared / "reference/spc_charts.csv.gz", "rt") as file:
        for row in DictReader(file):
            grouped.setdefault((row["chart"], row["series"]), []).append(row)
    names = ("x", "exposure", "stat", "center", "lcl", "ucl", "alarm")
    return {
        key: {name: np.array([[float(row[name].replace("NA", "nan")) for row in rows]]) for name in names}
        for key, rows in grouped.items()
    }


def phase_one_rate(rows: Rows) -> float:
    """Give the rate of the first 30 periods: all counts over all exposure, as in the R script."""
    return float(rows["x"][0, :30].sum() / rows["exposure"][0, :30].sum())


def counts(rows: Rows) -> Counts:
    """Give a chart's series in our shape."""
    return Counts(counts=rows["x"], exposure=rows["exposure"])


@pytest.mark.shared
def test_cusum_of_likelihood_ratios(charts: dict[tuple[str, str], Rows]) -> None:
    """C ln R equals R's cumulated log likelihood ratio (RR 1.5), and with h = 3 / ln R the alarms are the same."""
    slope = np.log(1.5)
    for (name, _), rows in charts.items():
        if name != "cusum_poisson_llr_RR1.5":
            continue
        params = cusum.CusumParams(rate=phase_one_rate(rows), ratio=1.5, h=3 / slope)
        chart = cusum.detect(counts(rows), params)

        assert chart.statistic * slope == pytest.approx(rows["stat"], rel=1e-10, abs=1e-12)
        assert np.array_equal(chart.alarm, rows["alarm"] == 1)


@pytest.mark.shared
def test_ewma_of_standardised_counts(charts: dict[tuple[str, str], Rows]) -> None:
    """Both z and the alarms equal R's with weight 0.2 and width 2.962."""
    for (name, _), rows in charts.items():
        if name != "ewma_std":
            continue
        chart = ewma.detect(counts(rows), ewma.EwmaParams(rate=phase_one_rate(rows)))

        assert chart.statistic == pytest.approx(rows["stat"], rel=1e-10, abs=1e-12)
        assert np.array_equal(chart.alarm, rows["alarm"] == 1)


@pytest.mark.shared
def test_exact_poisson_limits(charts: dict[tuple[str, str], Rows]) -> None:
    """Limits equal qpois(0.99865, rate x exposure), tails equal ppois(x - 1, lower.tail = FALSE)."""
    for (name, _), rows in charts.items():
        if name != "poisson_exact":
            continue
        params = poisson_rate.PoissonRateParams(rate=phase_one_rate(rows), alpha=0.00135)
        chart = poisson_rate.detect(counts(rows), params)

        assert np.array_equal(chart.limit, rows["ucl"])
        assert chart.p_value == pytest.approx(rows["stat"], rel=1e-10)
        assert np.array_equal(chart.alarm, rows["alarm"] == 1)


@pytest.mark.shared
@pytest.mark.parametrize(("name", "variant"), [("u", "u"), ("c", "u"), ("shewhart_individuals", "individuals")])
def test_shewhart_limits(charts: dict[tuple[str, str], Rows], name: str, variant: str) -> None:
    """Limits after phase I (30 periods) equal R's to 1e-10, and alarms are the same."""
    for (chart_name, _), rows in charts.items():
        if chart_name != name:
            continue
        data = counts(rows) if name == "u" else Counts(counts=rows["x"])
        scale = rows["exposure"] if name == "u" else 1.0
        chart = shewhart.detect(data, shewhart.ShewhartParams(variant=variant))

        assert chart.limit[:, 30:] == pytest.approx((rows["ucl"] * scale)[:, 30:], rel=1e-10)
        assert np.array_equal(chart.alarm[:, 30:], rows["alarm"][:, 30:] == 1)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["g", "t_nelson"])
def test_gap_charts(charts: dict[tuple[str, str], Rows], name: str) -> None:
    """Statistic, centre, limits and alarms of the g and t charts equal R's (phase I of 25 gaps)."""
    for (chart_name, _), rows in charts.items():
        if chart_name != name:
            continue
        chart = {"g": g_chart, "t_nelson": t_chart}[name](rows["x"][0], GapChartParameters(baseline=25))

        assert chart.statistic == pytest.approx(rows["stat"][0], rel=1e-10)
        assert [chart.centre, chart.lower, chart.upper] == pytest.approx(
            [rows["center"][0, 0], rows["lcl"][0, 0], rows["ucl"][0, 0]], rel=1e-10
        )
        assert name == "g" or np.array_equal(chart.alarm, rows["alarm"][0] == 1)
