"""Precision and recall of the rules for pairs on simulated tables with planted signals, beside what the truth allows.

usage: nice .venv/bin/python -m benchmarks.planted [tables per row, 20]
On your own table: python -m include.postmarket method screen --help (results: docs/methods-pairs.md)

Counts are Poisson around Zipf margins; the rate of a pair is Gamma(a, a), or, in a share of all cells, one of a few
raised values. "Truth known" is the screen's own rule given true expected counts, spread, share and rates: no rule can
do better on average. Precision: true signals among the alarms. Recall: signals that alarm, among those with three or
more reports. Each is the mean over tables, with the standard deviation between tables in brackets.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import gammaln, logsumexp

from include.postmarket.detection import gps, information_component, prr_ror, screen
from include.postmarket.detection.contingency import count_table
from include.postmarket.detection.shapes import BoolArray, FloatArray, Pairs

FALSE_SHARE = screen.ScreenParameters().false_share


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of table: ``shape`` of the background rates (infinity for none), ``share`` of cells with a raised rate."""

    products: int = 200
    events: int = 400
    reports: int = 150_000
    shape: float = 20.0
    share: float = 0.02
    rates: tuple[float, ...] = (2.0, 3.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Table:
    """Pairs of a kind with the truth: expected counts and which are signals, shape (P,)."""

    kind: Kind
    pairs: Pairs
    expected: FloatArray
    signal: BoolArray


@dataclass(frozen=True, slots=True)
class Score:
    """Of one rule on one table: precision is nan without an alarm, recall without a signal."""

    alarms: float
    precision: float
    recall: float


MIDDLE = Kind()
KINDS = {
    "200 x 400, 150,000 reports": MIDDLE,
    "120 x 300, 30,000 reports, spread 32 %": Kind(products=120, events=300, reports=30_000, shape=10.0),
    "300 x 600, 400,000 reports": Kind(products=300, events=600, reports=400_000),
    "300 x 600, 60,000 reports": Kind(products=300, events=600, reports=60_000),
    "100 x 200, 300,000 reports": Kind(products=100, events=200, reports=300_000),
    "30 x 1,000, 100,000 reports": Kind(products=30, events=1_000, reports=100_000),
    "60 x 120, 10,000 reports, spread 32 %": Kind(products=60, events=120, reports=10_000, shape=10.0),
    "as the first, spread 45 %": replace(MIDDLE, shape=5.0),
    "as the first, no spread": replace(MIDDLE, shape=np.inf),
    "as the first, 0.5 % signals": replace(MIDDLE, share=0.005),
    "as the first, 5 % signals": replace(MIDDLE, share=0.05),
    "as the first, rates 1.5, 20, 50": replace(MIDDLE, rates=(1.5, 20.0, 50.0)),
    "as the first, no signal": replace(MIDDLE, share=0.0),
    "as the second, no signal": Kind(products=120, events=300, reports=30_000, shape=10.0, share=0.0),
}


def draw(kind: Kind, seed: int) -> Table:
    """Draw a table of a kind."""
    r = np.random.default_rng(seed)
    product = r.lognormal(0, 0.3, kind.products) / np.arange(1, kind.products + 1)
    event = r.lognormal(0, 0.3, kind.events) / np.arange(1, kind.events + 1) ** 1.1
    expected = kind.reports * np.outer(product / product.sum(), event / event.sum())
    background = r.gamma(kind.shape, 1 / kind.shape, expected.shape) if np.isfinite(kind.shape) else 1.0
    signal = np.asarray(r.random(expected.shape) < kind.share)
    n = r.poisson(np.where(signal, r.choice(kind.rates, expected.shape), background) * expected)
    at = np.nonzero(n)
    return Table(kind, count_table(at[0], at[1], n[at]), expected[at], signal[at])


def truth_known(table: Table) -> BoolArray:
    """Give the alarms at the stated false share of someone who knows all but which pairs are signals."""
    n, expected, kind = table.pairs.n, table.expected, table.kind
    enough = n >= screen.ScreenParameters().minimum_reports
    if kind.share == 0:
        return np.zeros(len(n), dtype=np.bool_)
    shape = min(kind.shape, 1e9)
    background = gammaln(shape + n) - gammaln(shape) - shape * np.log1p(expected / shape)
    background += n * np.log(expected / (1 + expected / shape)) - n * np.log(shape)
    raised = logsumexp([n * np.log(rate * expected) - rate * expected for rate in kind.rates], axis=0)
    odds = np.log(kind.share / (1 - kind.share)) + raised - np.log(len(kind.rates)) - background
    false = 1 / (1 + np.exp(np.clip(odds, -700, 700)))
    order = np.argsort(np.where(enough, false, np.inf), kind="stable")[: int(enough.sum())]
    taken = np.flatnonzero(np.cumsum(false[order]) <= FALSE_SHARE * np.arange(1, len(order) + 1))
    alarm = np.zeros(len(n), dtype=np.bool_)
    alarm[order[: taken[-1] + 1 if len(taken) else 0]] = True
    return alarm


RULES: dict[str, Callable[[Table], BoolArray]] = {
    "truth known": truth_known,
    "screen": lambda t: screen.detect(t.pairs, screen.ScreenParameters()).alarm,
    "EB05 >= 2": lambda t: gps.detect(t.pairs, gps.GpsParameters()).alarm,
    "MHRA": lambda t: (
        gps.detect(t.pairs, gps.GpsParameters(minimum_eb05=1.8, minimum_ebgm=2.5, minimum_reports=3)).alarm
    ),
    "Evans": lambda t: prr_ror.detect(t.pairs, prr_ror.RatioParameters()).alarm,
    "IC025 > 0": lambda t: (
        information_component.detect(t.pairs, information_component.InformationComponentParameters()).alarm
    ),
}


def score(alarm: BoolArray, table: Table) -> Score:
    """Score the alarms of a rule."""
    hits, findable = int((alarm & table.signal).sum()), int((table.signal & (table.pairs.n >= 3)).sum())
    alarms = int(alarm.sum())
    return Score(alarms, hits / alarms if alarms else np.nan, hits / findable if findable else np.nan)


def cell(scores: list[Score], kind: Kind) -> str:
    """Give mean and spread as a cell: precision and recall, or alarms a table where there is nothing to find."""
    if kind.share == 0:
        return f"{np.mean([s.alarms for s in scores]):.1f} alarms"
    measured = ([s.precision for s in scores if s.alarms], [s.recall for s in scores])
    return " / ".join(f"{np.mean(v):.3f} ({np.std(v):.3f})".replace("0.", ".") if v else "none" for v in measured)


def main(tables: int) -> None:
    """Print the table."""
    print(f"| table | {' | '.join(RULES)} |\n|---|{'---|' * len(RULES)}")
    for row, (name, kind) in enumerate(KINDS.items()):
        drawn = [draw(kind, seed=1000 * row + number) for number in range(tables)]
        cells = [cell([score(rule(table), table) for table in drawn], kind) for rule in RULES.values()]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
