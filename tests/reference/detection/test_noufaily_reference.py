"""The 420 simulated series of noufaily/ (simulate.R, seed 999): our methods against the alarms of R."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from benchmarks.noufaily import TESTED, Score, Simulation, score
from include.postmarket.detection import farrington, seasonal_excess
from include.postmarket.detection.shapes import BoolArray, Counts, FloatArray


def read(path: Path) -> FloatArray:
    """Read a table of numbers without its header and its first column, the id."""
    with gzip.open(path, "rt") as file:
        return np.loadtxt(file, delimiter=",", skiprows=1)[:, 1:]


@pytest.fixture(scope="module", name="simulation")
def _simulation(shared: Path) -> Simulation:
    folder = shared / "noufaily"
    with (folder / "meta.csv").open() as file:
        meta = np.loadtxt(file, delimiter=",", skiprows=1, usecols=(1, 4))
    return Simulation(
        scenario=meta[:, 0].astype(np.int64),
        base=read(folder / "series_baseline.csv.gz"),
        outbreak=read(folder / "current_outbreak_cases.csv.gz"),
        start=meta[:, 1].astype(np.int64) - 576,
    )


def alarms_of_r(shared: Path, which: str) -> BoolArray:
    """Give R's alarms (N, 49): farringtonFlexible, nbPlugin, alpha 0.01, on series without or with the outbreak."""
    alarms: BoolArray = read(shared / f"noufaily/alarms_farr_nouf_nbPlugin_{which}.csv.gz") == 1
    return alarms


def own_score(simulation: Simulation) -> Score:
    """Score the default method."""
    params = seasonal_excess.SeasonalExcessParams(last_periods=TESTED)
    base, current = (
        seasonal_excess.detect(Counts(counts=counts), params).alarm[:, -TESTED:]
        for counts in (simulation.base, simulation.current)
    )
    return score(simulation, base, current)


@pytest.mark.shared
@pytest.mark.slow
def test_farrington_alarms_are_those_of_r(shared: Path, simulation: Simulation) -> None:
    """At least 99.5 % of alarms are the same on every third series (limit54 = c(0, 4), noPeriods = 10, nbPlugin)."""
    params = farrington.FarringtonParams(few=0, last_periods=TESTED)
    same = [
        farrington.detect(Counts(counts=counts[::3]), params).alarm[:, -TESTED:] == alarms_of_r(shared, which)[::3]
        for which, counts in (("base", simulation.base), ("cur", simulation.current))
    ]

    assert np.mean(same) >= 0.995


@pytest.mark.shared
@pytest.mark.slow
def test_default_finds_more_at_fewer_false_alarms(shared: Path, simulation: Simulation) -> None:
    """The default method alarms falsely in at most 1 % of weeks and finds more outbreaks than R's best at 1 %."""
    ours = own_score(simulation)
    of_r = score(simulation, alarms_of_r(shared, "base"), alarms_of_r(shared, "cur"))

    assert ours.false_alarms.mean() <= 0.010
    assert ours.false_alarms.mean() < of_r.false_alarms.mean()
    assert ours.found.mean() > of_r.found.mean() + 0.04


@pytest.mark.shared
def test_scoring_is_that_of_the_paper(shared: Path, simulation: Simulation) -> None:
    """Our scoring of R's alarms gives the summary that came with them: FPR 0.0106, POD 0.5286, first week 0.4357."""
    of_r = score(simulation, alarms_of_r(shared, "base"), alarms_of_r(shared, "cur"))

    assert of_r.false_alarms.mean() == pytest.approx(0.0106, abs=5e-5)
    assert of_r.found.mean() == pytest.approx(0.5286, abs=5e-5)
    assert of_r.found_first_week.mean() == pytest.approx(0.4357, abs=5e-5)
    assert of_r.timeliness == pytest.approx(0.5053, abs=5e-5)
