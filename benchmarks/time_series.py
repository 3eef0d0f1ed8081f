"""CPU seconds of every method over time on simulated weekly series: points evaluated in a second.

OMP_NUM_THREADS=1 nice -n 10 .venv/bin/python -m benchmarks.time_series --series 200 --weeks 520
On your own table: python -m include.postmarket method --list (docs/methods-over-time.md has the results)
"""

import argparse
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from include.postmarket.detection import (
    bayes,
    cusum,
    ears,
    ewma,
    farrington,
    maxsprt,
    poisson_rate,
    rate_change,
    rki,
    seasonal_excess,
    shewhart,
)
from include.postmarket.detection.shapes import Chart, Counts

METHODS: dict[str, Callable[[Counts], Chart]] = {
    "ears C1": partial(ears.detect, params=ears.EarsParams(variant="C1")),
    "ears C3-published": partial(ears.detect, params=ears.EarsParams(variant="C3-published")),
    "cusum": partial(cusum.detect, params=cusum.CusumParams(baseline=52)),
    "ewma": partial(ewma.detect, params=ewma.EwmaParams(baseline=52)),
    "shewhart u-laney": partial(shewhart.detect, params=shewhart.ShewhartParams(variant="u-laney")),
    "poisson_rate": partial(poisson_rate.detect, params=poisson_rate.PoissonRateParams(rate=4.0)),
    "rate_change": partial(rate_change.detect, params=rate_change.RateChangeParams(baseline=52, window=4)),
    "maxsprt": partial(maxsprt.detect, params=maxsprt.MaxSprtParams(rate=4.0, horizon=1000.0)),
    "rki 2": partial(rki.detect, params=rki.RkiParams()),
    "bayes 2": partial(bayes.detect, params=bayes.BayesParams()),
    "farrington flexible": partial(farrington.detect, params=farrington.FarringtonParams(last_periods=26)),
    "seasonal_excess": partial(seasonal_excess.detect, params=seasonal_excess.SeasonalExcessParams(last_periods=26)),
}


def simulate(series: int, weeks: int, seed: int) -> Counts:
    """Simulate overdispersed weekly counts with season and trend, means from 0.3 to 50."""
    rng = np.random.default_rng(seed)
    week = np.arange(weeks)
    level = np.exp(rng.uniform(np.log(0.3), np.log(50.0), (series, 1)))
    mean = level * np.exp(0.0005 * week + 0.4 * np.cos(2 * np.pi * week / 52))
    return Counts(counts=rng.negative_binomial(mean, 0.5).astype(np.float64))


def main() -> None:
    """Print points evaluated, CPU seconds, and points per CPU second of every method."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=200)
    parser.add_argument("--weeks", type=int, default=520)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    data = simulate(wanted.series, wanted.weeks, wanted.seed)
    print("| method | points | CPU s | points per CPU s |\n|---|---|---|---|")
    for name, method in METHODS.items():
        begun = time.process_time()
        points = int(method(data).evaluated.sum())
        spent = time.process_time() - begun
        print(f"| {name} | {points:,} | {spent:.3f} | {points / spent:,.0f} |")


if __name__ == "__main__":
    main()
