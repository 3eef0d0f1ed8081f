"""MaxSPRT against R Sequential 4.5.1: CV.Poisson(SampleSize, D = 0, M, alpha) and CV.Binomial(N, alpha, M, z)."""

from csv import DictReader
from pathlib import Path

import numpy as np
import pytest

from include.postmarket.detection.maxsprt import (
    MaxSprtParams,
    binomial_critical_value,
    chance_of_signal,
    critical_value,
    detect,
)
from include.postmarket.detection.shapes import Counts, MethodInputError


def read(path: Path) -> list[dict[str, str]]:
    """Read a table, without the blanks of R's format()."""
    with path.open() as file:
        return [{key.strip(): value.strip() for key, value in row.items()} for row in DictReader(file)]


@pytest.mark.shared
def test_poisson_critical_values(shared: Path) -> None:
    """All 345 values agree to 1e-6 at alpha 0.05 and to R's stop rule elsewhere; where R has NA there is none.

    R stops when the level is within 1e-8 of alpha, which leaves up to 1.5e-5 in its value at alpha 0.001; ours solves
    to 1e-10. Where R has NA, M events in T expected are rarer than alpha.
    """
    for row in read(shared / "reference/maxsprt_poisson_cv.csv"):
        horizon, least, alpha = float(row["T"]), int(row["M"]), float(row["alpha"])
        if row["cv_llr"] == "NA":
            with pytest.raises(MethodInputError):
                critical_value(horizon, alpha, least)
        else:
            of_r = float(row["cv_llr"])
            close = 1e-6 if alpha == 0.05 else 1.5e-8 / alpha

            assert critical_value(horizon, alpha, least) == pytest.approx(of_r, abs=close), row
            assert chance_of_signal(of_r, horizon, least) == pytest.approx(
                alpha, abs=6e-8 if alpha == 0.05 else 1.01e-8
            )


@pytest.mark.shared
def test_binomial_critical_values(shared: Path) -> None:
    """All values agree to 2e-5: R finds the value between two attainable ones by bisection and prints five digits."""
    for row in read(shared / "reference/maxsprt_binomial_cv.csv"):
        if row["cv_llr"] != "NA":
            value = binomial_critical_value(int(row["N"]), float(row["z"]), float(row["alpha"]), int(row["M"]))

            assert value == pytest.approx(float(row["cv_llr"]), abs=2e-5), row


@pytest.mark.shared
def test_streams(shared: Path) -> None:
    """LLR and signals of twelve streams of 40 periods are those of R."""
    rows = read(shared / "reference/maxsprt_streams.csv")
    shape = (12, 40)
    column = {
        name: np.array([float(row[name]) for row in rows]).reshape(shape) for name in ("cases", "expected", "llr")
    }
    horizon = max(float(row["cum_expected"]) for row in rows)
    chart = detect(
        Counts(counts=column["cases"], exposure=column["expected"]),
        MaxSprtParams(rate=1.0, horizon=horizon * (1 + 1e-12), least_events=1),
    )
    signal = np.array([row["signal_M1"] == "TRUE" for row in rows]).reshape(shape)

    assert chart.statistic == pytest.approx(column["llr"], rel=1e-9, abs=1e-12)
    assert np.array_equal(chart.alarm, signal)
