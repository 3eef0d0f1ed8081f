"""CPU seconds of vigipy on a CSV of report rows, for `benchmarks.pairs`; runs in an interpreter that has vigipy.

usage: python vigipy_times.py reports.csv     (columns report, product, event; prints step, CPU s, peak MB by tabs)
"""

import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import vigipy


def timed(step: str, work: Callable[[], Any]) -> Any:
    """Run the work and print what it took."""
    start = time.process_time()
    answer = work()
    spent = time.process_time() - start
    print(step, f"{spent:.2f}", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, sep="\t", flush=True)
    return answer


def main(source: str) -> None:
    """Time counting and every measure that we have too."""
    rows = pd.read_csv(source)
    counted = timed("count", lambda: rows.drop_duplicates().groupby(["product", "event"]).size().rename("n"))
    table = timed(
        "convert",
        lambda: vigipy.convert(counted.reset_index(), product_label="product", ae_label="event", count_label="n"),
    )
    for step in ("prr", "ror", "bcpnn", "gps"):
        timed(step, partial(getattr(vigipy, step), table, min_events=1))


if __name__ == "__main__":
    main(sys.argv[1])
