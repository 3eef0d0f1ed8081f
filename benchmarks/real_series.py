"""The default method and its rivals on real weekly counts: how often each alarms where no outbreak is known.

The series are those of R surveillance as a table series,t,observed,freq,start_year,start_period,state (state 1 marks a
week of a known outbreak). They are not part of this repository: give the file.

    nice -n 10 .venv/bin/python -m benchmarks.real_series weekly_counts.csv
On your own table: python -m include.postmarket method default --help (docs/methods-noufaily.md has the results)
"""

import argparse
import csv
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np

from include.postmarket.detection import ears, farrington, seasonal_excess, seasonal_model
from include.postmarket.detection.shapes import BoolArray, Chart, Counts, FloatArray

PLANTED = 5.0  # size of a planted outbreak in roots of the mean count
EVERY_TERM = 1.0  # a Wald test that keeps everything


def default(counts: Counts, newest: int, alpha: float = 0.01) -> Chart:
    """Run the default method on the newest periods (0: all): the data choose trend and season."""
    return seasonal_excess.detect(counts, seasonal_excess.SeasonalExcessParams(last_periods=newest, alpha=alpha))


def fixed(counts: Counts, newest: int) -> Chart:
    """Run it with trend and both harmonics always in the model."""
    with _kept(EVERY_TERM):
        return default(counts, newest)


def seasonless(counts: Counts, newest: int) -> Chart:
    """Run it without a season."""
    return seasonal_excess.detect(counts, seasonal_excess.SeasonalExcessParams(harmonics=0, last_periods=newest))


def flexible(counts: Counts, newest: int, alpha: float = 0.01) -> Chart:
    """Run Farrington flexible on three years, as Noufaily set it otherwise."""
    return farrington.detect(counts, farrington.FarringtonParams(years=3, last_periods=newest, alpha=alpha))


def ears_c2(counts: Counts, newest: int) -> Chart:  # noqa: ARG001 - it is quick enough for all periods
    """Run EARS C2 at the level of the others."""
    return ears.detect(counts, ears.EarsParams(alpha=0.01))


METHODS: dict[str, Callable[[Counts, int], Chart]] = {
    "default": default,
    "fixed harmonics": fixed,
    "no season": seasonless,
    "farrington": flexible,
    "default, alpha .02": partial(default, alpha=0.02),
    "farrington, alpha .005": partial(flexible, alpha=0.005),
    "ears C2": ears_c2,
}


@contextmanager
def _kept(level: float) -> Iterator[None]:
    """Give the season model another level of its Wald tests while this is open."""
    before = seasonal_model.TERM_P
    seasonal_model.TERM_P = level
    try:
        yield
    finally:
        seasonal_model.TERM_P = before


def read(path: Path) -> dict[str, tuple[FloatArray, BoolArray]]:
    """Give each series' counts (T,) and the weeks of known outbreaks (T,)."""
    rows: dict[str, list[tuple[int, float, bool]]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            rows[row["series"]].append((int(row["t"]), float(row["observed"]), row["state"] in {"1", "TRUE"}))
    return {
        name: (np.array([n for _, n, _ in sorted(found)]), np.array([mark for _, _, mark in sorted(found)]))
        for name, found in rows.items()
    }


def planted(counts: FloatArray, week: int, run: Callable[[Counts, int], Chart]) -> bool:
    """Say whether a method finds an outbreak planted into a week and the next: 5 sqrt(mean of the year before) cases.

    55 % of them fall into the first week.
    """
    size = math.ceil(PLANTED * math.sqrt(float(counts[max(week - 52, 0) : week].mean())))
    changed = counts[: week + 2].copy()
    changed[week:] += (round(0.55 * size), size - round(0.55 * size))
    return bool(run(Counts(counts=changed[None, :]), 2).alarm[0, -2:].any())


def main() -> None:
    """Print one row a series and the sums, over the weeks that every method evaluates."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("table", type=Path)
    print(f"| series | weeks | {' | '.join(METHODS)} |\n|---|---|{'---|' * len(METHODS)}")
    sums: Counter[tuple[str, str]] = Counter()
    for name, (counts, marked) in sorted(read(arguments.parse_args().table).items()):
        charts = {method: run(Counts(counts=counts[None, :]), 0) for method, run in METHODS.items()}
        common = np.all([chart.evaluated[0] for chart in charts.values()], axis=0)
        quiet = common & ~marked
        sums["", "weeks"] += int(quiet.sum())
        sums["", "known"] += int((common & marked).sum())
        places = [int(week) for week in np.flatnonzero(quiet[:-1] & quiet[1:])]
        sums["", "planted"] += len(places)
        told = []
        for method, chart in charts.items():
            alarms = int((chart.alarm[0] & quiet).sum())
            sums[method, "weeks"] += alarms
            sums[method, "known"] += int((chart.alarm[0] & common & marked).sum())
            sums[method, "planted"] += sum(planted(counts, week, METHODS[method]) for week in places)
            told.append(f"{alarms} ({alarms / max(int(quiet.sum()), 1):.1%})")
        print(f"| {name} | {int(quiet.sum())} | {' | '.join(told)} |", flush=True)
    for what, words in (("weeks", "all"), ("planted", "planted outbreaks found"), ("known", "known weeks found")):
        of = sums["", what]
        cells = (f"{sums[method, what]} ({sums[method, what] / max(of, 1):.1%})" for method in METHODS)
        print(f"| {words} | {of} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
