"""CPU seconds of the pair methods on a million synthetic report rows, as a table.

usage: python -m benchmarks.pairs [rows]
On your own table: python -m include.postmarket method screen --help (docs/methods.md)
The rows are drawn as in the reference folder's speed_make_data.py (Zipf products and events, 3 % planted; a million
rows give 181,641 pairs). Compare CPU seconds on the same machine in the same hour.
"""

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from include.postmarket.detection import gps, information_component, lrt, prr_ror, screen
from include.postmarket.detection.contingency import count_reports, count_table
from include.postmarket.detection.shapes import IntArray

Answer = TypeVar("Answer")
PRODUCTS, EVENTS = 800, 1200


@dataclass(frozen=True, slots=True)
class ReportRows:
    """Parallel arrays of report id, product code and event code."""

    report: IntArray
    product: IntArray
    event: IntArray


def draw_rows(rows: int, seed: int) -> ReportRows:
    """Draw report rows with Zipf margins and planted pairs; repeated rows stay in, counting removes them."""
    r = np.random.default_rng(seed)
    product_share = 1 / np.arange(1, PRODUCTS + 1) ** 1.05
    event_share = 1 / np.arange(1, EVENTS + 1)
    product = r.choice(PRODUCTS, rows, p=product_share / product_share.sum())
    event = r.choice(EVENTS, rows, p=event_share / event_share.sum())
    hot = r.random(rows) < 0.03
    event[hot] = (product[hot] * 7 + r.integers(0, 3, hot.sum())) % EVENTS
    return ReportRows(np.sort(r.integers(0, int(rows / 2.3), rows)), product, event)


def timed(name: str, work: Callable[[], Answer]) -> Answer:
    """Run the work, print its CPU seconds and the peak memory so far, and give its answer."""
    start = time.process_time()
    answer = work()
    spent = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:42s} {spent:8.2f} {peak:8.0f}")
    return answer


def main(rows: int) -> None:
    """Print the table."""
    data = draw_rows(rows, seed=1)
    print(f"{'step':42s} {'CPU s':>8s} {'peak MB':>8s}")
    pairs = timed("count distinct reports", lambda: count_reports(data.report, data.product, data.event))
    timed("PRR, ROR, chi-square with limits", lambda: prr_ror.detect(pairs, prr_ror.RatioParameters()))
    timed(
        "IC with exact bounds",
        lambda: information_component.detect(pairs, information_component.InformationComponentParameters()),
    )
    timed("GPS: fit, EBGM, EB05, EB95", lambda: gps.detect(pairs, gps.GpsParameters()))
    timed("screen: local false discovery rate", lambda: screen.detect(pairs, screen.ScreenParameters()))
    small = count_table(pairs.product[pairs.product < 10], pairs.event[pairs.product < 10], pairs.n[pairs.product < 10])
    timed("Poisson LRT, 10 products, 10,000 draws", lambda: lrt.detect(small, lrt.LrtParameters()))
    print(f"{len(data.report)} rows, {len(pairs.n)} pairs, {pairs.total:.0f} reports")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
