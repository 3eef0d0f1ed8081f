"""CPU seconds of every method over time on simulated weekly series, beside R surveillance where it is installed.

OMP_NUM_THREADS=1 nice -n 10 .venv/bin/python -m benchmarks.time_series --series 200 --weeks 520
R: apt-get install r-cran-surveillance (found by its Rscript; it gets the first 20 series and their last 49 weeks).
On your own table: python -m include.postmarket method --list (docs/methods-over-time.md has the results)
"""

import argparse
import shutil
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

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

PEER = Path(__file__).with_name("surveillance_times.R")
PEER_SERIES, PEER_WEEKS = 20, 49

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


def peer_rates(data: Counts) -> dict[str, float]:
    """Give points per CPU second of R's methods by our names; empty where R or the package is not installed."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return {}
    if subprocess.run([rscript, "-e", "library(surveillance)"], check=False, capture_output=True).returncode:
        return {}
    with TemporaryDirectory() as folder:
        source = Path(folder) / "counts.csv"
        np.savetxt(source, data.counts[:PEER_SERIES], fmt="%d", delimiter=",")
        said = subprocess.run(
            [rscript, PEER, source, str(PEER_WEEKS)], check=True, capture_output=True, text=True
        ).stdout
    rows = (line.split("\t") for line in said.splitlines() if line.count("\t") == 2)
    return {name: float(points) / float(spent) for name, points, spent in rows}


def main() -> None:
    """Print points evaluated, CPU seconds, and points per CPU second of every method."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=200)
    parser.add_argument("--weeks", type=int, default=520)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    data = simulate(wanted.series, wanted.weeks, wanted.seed)
    peer = peer_rates(data)
    absent = "-" if peer else "not installed"
    print("| method | points | CPU s | points per CPU s | R surveillance |\n|---|---|---|---|---|")
    for name, method in METHODS.items():
        begun = time.process_time()
        points = int(method(data).evaluated.sum())
        spent = time.process_time() - begun
        theirs = f"{peer[name]:,.0f}" if name in peer else absent
        print(f"| {name} | {points:,} | {spent:.3f} | {points / spent:,.0f} | {theirs} |")


if __name__ == "__main__":
    main()
