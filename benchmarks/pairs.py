"""CPU seconds of the pair methods on a million synthetic report rows, beside vigipy where it is installed, as a table.

usage: nice .venv/bin/python -m benchmarks.pairs [--rows 1000000] [--vigipy PYTHON]
PYTHON is an interpreter that has vigipy: python3 -m venv /tmp/vigipy && /tmp/vigipy/bin/pip install vigipy
On your own table: python -m include.postmarket method screen --help (results: docs/methods-pairs.md)
The rows have Zipf products and events and 3 % planted ones; a million of them give 181,641 pairs. Compare CPU seconds
of one run: both sides read the same rows in the same minutes.
"""

import argparse
import resource
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np
import pandas as pd

from include.postmarket.detection import gps, information_component, lrt, prr_ror, screen
from include.postmarket.detection.contingency import count_reports, count_table
from include.postmarket.detection.shapes import IntArray

Answer = TypeVar("Answer")
PRODUCTS, EVENTS = 800, 1200
PEER = Path(__file__).with_name("vigipy_times.py")


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


def timed(name: str, theirs: str, work: Callable[[], Answer]) -> Answer:
    """Run the work, print its CPU seconds and the peak memory so far beside theirs, and give its answer."""
    start = time.process_time()
    answer = work()
    spent = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"| {name} | {spent:.2f} | {peak:.0f} | {theirs} |", flush=True)
    return answer


def peer_times(data: ReportRows, python: str) -> dict[str, tuple[float, int]]:
    """Give CPU seconds and peak MB of each step of vigipy; empty where no interpreter was named."""
    if not python:
        return {}
    with TemporaryDirectory() as folder:
        source = Path(folder) / "reports.csv"
        pd.DataFrame({"report": data.report, "product": data.product, "event": data.event}).to_csv(source, index=False)
        said = subprocess.run([python, PEER, source], check=True, capture_output=True, text=True).stdout
    steps = (line.split("\t") for line in said.splitlines())
    return {name: (float(seconds), int(peak)) for name, seconds, peak in steps}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--vigipy", default="", metavar="PYTHON")
    wanted = parser.parse_args()
    data = draw_rows(wanted.rows, seed=1)
    peer = peer_times(data, wanted.vigipy)

    def theirs(*steps: str) -> str:
        return f"{sum(peer[step][0] for step in steps):.2f}, {peer[steps[-1]][1]}" if peer else "not installed"

    print("| step | CPU s | peak MB | vigipy CPU s, peak MB |\n|---|---|---|---|")
    pairs = timed(
        "count distinct reports",
        theirs("count", "convert"),
        lambda: count_reports(data.report, data.product, data.event),
    )
    timed(
        "PRR, ROR, chi-square with limits",
        theirs("prr", "ror"),
        lambda: prr_ror.detect(pairs, prr_ror.RatioParameters()),
    )
    timed(
        "IC with exact bounds",
        theirs("bcpnn"),
        lambda: information_component.detect(pairs, information_component.InformationComponentParameters()),
    )
    timed("GPS: fit, EBGM, EB05, EB95", theirs("gps"), lambda: gps.detect(pairs, gps.GpsParameters()))
    timed("screen", "has none", lambda: screen.detect(pairs, screen.ScreenParameters()))
    few = pairs.product < 10
    small = count_table(pairs.product[few], pairs.event[few], pairs.n[few])
    timed("Poisson LRT, 10 products, 10,000 draws", "not timed", lambda: lrt.detect(small, lrt.LrtParameters()))
    print(f"\n{len(data.report):,} rows, {len(pairs.n):,} pairs, {pairs.total:,.0f} reports")


if __name__ == "__main__":
    main()
