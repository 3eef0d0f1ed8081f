"""The Noufaily benchmark (Stat Med 2013;32:1206-1222): simulated weekly counts with outbreaks, and scores of methods.

Written after the public description: 42 scenarios, 624 weeks, weeks 313-575 baseline with four past outbreaks, weeks
576-624 under test with one. Sizes below 2 are redrawn; sizes k2 run 1..10 over the replicates.

    nice -n 10 .venv/bin/python -m benchmarks.noufaily --replicates 100 --seed 2026
On your own table: python -m include.postmarket method default --help (docs/methods-noufaily.md has the results)
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from include.postmarket.detection import farrington, seasonal_excess
from include.postmarket.detection.shapes import BoolArray, Chart, Counts, FloatArray

WEEKS, FIRST_BASELINE, FIRST_TEST = 624, 313, 576  # weeks are counted from 1, as in the paper
TESTED = WEEKS - FIRST_TEST + 1
ROWS = (  # theta, beta where there is a trend, gamma1, gamma2, phi
    (0.1, 0.0025, 0.6, 0.6, 1.5),
    (-2.0, 0.005, 0.1, 0.3, 2.0),
    (1.5, 0.003, 0.2, -0.4, 1.0),
    (0.5, 0.002, 0.5, 0.5, 5.0),
    (2.5, 0.001, 1.0, 0.1, 3.0),
    (3.75, 0.001, 0.1, -0.1, 1.1),
    (5.0, 0.0001, 0.05, 0.01, 1.2),
)
PAST_SIZES = (2, 3, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One of the 42: its number, weekly means (624) and dispersion (variance = dispersion x mean)."""

    number: int
    mean: FloatArray
    dispersion: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """Series without current outbreak (N, 624), its cases (N, 49), and its first test week (from 0)."""

    scenario: npt.NDArray[np.int64]
    base: FloatArray
    outbreak: FloatArray
    start: npt.NDArray[np.int64]

    @property
    def current(self) -> FloatArray:
        """Give the series with the current outbreak."""
        counts = self.base.copy()
        counts[:, FIRST_TEST - 1 :] += self.outbreak
        return counts


def scenarios() -> list[Scenario]:
    """Give the 42 scenarios in the order of the paper: seven rows x no trend and trend x 0, 1, 2 harmonics."""
    week = np.arange(1, WEEKS + 1)
    found: list[Scenario] = []
    for theta, beta, gamma1, gamma2, dispersion in ROWS:
        for slope in (0.0, beta):
            for harmonics in range(3):
                angles = [2 * np.pi * j * week / 52 for j in range(1, harmonics + 1)]
                season = sum((gamma1 * np.cos(a) + gamma2 * np.sin(a) for a in angles), np.zeros(WEEKS))
                mean = np.exp(theta + slope * week + season)
                found.append(Scenario(number=len(found) + 1, mean=mean, dispersion=dispersion))
    return found


def simulate(replicates: int, seed: int) -> Simulation:
    """Simulate ``replicates`` series of every scenario."""
    rng = np.random.default_rng(seed)
    numbers, base, outbreak, start = [], [], [], []
    for scenario in scenarios():
        for replicate in range(replicates):
            counts = _background(rng, scenario)
            for first in rng.choice(np.arange(FIRST_BASELINE, FIRST_TEST), 4, replace=False):
                cases = _outbreak(rng, scenario, int(first), int(rng.choice(PAST_SIZES)))
                cases[FIRST_TEST - 1 :] = 0
                counts += cases
            begin = int(rng.integers(FIRST_TEST, WEEKS + 1))
            numbers.append(scenario.number)
            base.append(counts)
            outbreak.append(_outbreak(rng, scenario, begin, replicate % 10 + 1)[FIRST_TEST - 1 :])
            start.append(begin - FIRST_TEST)
    return Simulation(
        scenario=np.array(numbers), base=np.array(base), outbreak=np.array(outbreak), start=np.array(start)
    )


def _background(rng: np.random.Generator, scenario: Scenario) -> FloatArray:
    if scenario.dispersion == 1:
        return rng.poisson(scenario.mean).astype(np.float64)
    size = scenario.mean / (scenario.dispersion - 1)
    return rng.negative_binomial(size, 1 / scenario.dispersion).astype(np.float64)


def _outbreak(rng: np.random.Generator, scenario: Scenario, first: int, size: int) -> FloatArray:
    cases = 0
    while cases < 2:
        cases = int(rng.poisson(size * np.sqrt(scenario.dispersion * scenario.mean[first - 1])))
    weeks = first - 1 + np.floor(rng.lognormal(0.0, 0.5, cases)).astype(np.int64)
    return np.bincount(weeks[weeks < WEEKS], minlength=WEEKS).astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Weekly false alarms without outbreak, outbreaks found, and found in their first week; one value per scenario.

    ``timeliness`` is the share of the outbreak gone by at the first alarm, 1 if missed, over all outbreaks.
    """

    false_alarms: FloatArray
    found: FloatArray
    found_first_week: FloatArray
    timeliness: float


def score(simulation: Simulation, base: BoolArray, current: BoolArray) -> Score:
    """Score alarms (N, 49) on the series without and with the current outbreak, by scenario."""
    week = np.arange(TESTED)
    has_cases = simulation.outbreak > 0
    last = np.where(has_cases.any(axis=1), TESTED - 1 - np.argmax(has_cases[:, ::-1], axis=1), simulation.start)
    during = (week >= simulation.start[:, None]) & (week <= last[:, None])
    found: BoolArray = np.any(current & during, axis=1)
    first: BoolArray = current[np.arange(found.size), simulation.start]
    gone = (np.argmax(current & during, axis=1) - simulation.start) / (last - simulation.start + 1)
    groups = [simulation.scenario == number for number in np.unique(simulation.scenario)]
    return Score(
        false_alarms=np.array([base[group].mean() for group in groups]),
        found=np.array([found[group].mean() for group in groups]),
        found_first_week=np.array([first[group].mean() for group in groups]),
        timeliness=float(np.where(found, gone, 1.0).mean()),
    )


Method = Callable[[Counts], Chart]
METHODS: dict[str, Method] = {
    "seasonal_excess": partial(
        seasonal_excess.detect, params=seasonal_excess.SeasonalExcessParams(last_periods=TESTED)
    ),
    "farrington nbPlugin": partial(farrington.detect, params=farrington.FarringtonParams(few=0, last_periods=TESTED)),
}


def run(method: Method, simulation: Simulation) -> tuple[Score, float]:
    """Score a method, and give the bounds it computes in a CPU second."""
    begun = time.process_time()
    charts = [method(Counts(counts=counts)) for counts in (simulation.base, simulation.current)]
    spent = time.process_time() - begun
    base, current = (chart.alarm[:, -TESTED:] for chart in charts)
    return score(simulation, base, current), sum(float(chart.evaluated.sum()) for chart in charts) / spent


def main() -> None:
    """Print the table of all methods over all scenarios, and that of every scenario."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replicates", type=int, default=100)
    parser.add_argument("--seed", type=int, default=2026)
    wanted = parser.parse_args()
    simulation = simulate(wanted.replicates, wanted.seed)
    scores = {name: run(method, simulation) for name, method in METHODS.items()}
    print("| method | FPR | highest FPR of a scenario | POD | POD first week | timeliness | bounds per CPU s |")
    print("|---|---|---|---|---|---|---|")
    for name, (found, speed) in scores.items():
        print(
            f"| {name} | {found.false_alarms.mean():.4f} | {found.false_alarms.max():.4f} | {found.found.mean():.3f} "
            f"| {found.found_first_week.mean():.3f} | {found.timeliness:.3f} | {speed:,.0f} |"
        )
    print("\n| scenario | " + " | ".join(f"{name} FPR | {name} POD" for name in scores) + " |")
    print("|---|" + "---|---|" * len(scores))
    for row in range(len(scenarios())):
        cells = [f"{found.false_alarms[row]:.4f} | {found.found[row]:.2f}" for found, _ in scores.values()]
        print(f"| {row + 1} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
