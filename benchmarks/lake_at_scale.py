"""Prints what the lake costs at scale: ingest, a daily increment, and series of 1,000 indicators over ten years.

    python -m benchmarks.lake_at_scale ROWS [--ingest] [--parts N] [--lake FOLDER] [--seed N]

With ``--ingest`` every delivery is read from MAUDE-shaped CSV, checked and settled as the step does it. Without, the
accepted rows are written straight into the lake's files, so that queries can be measured at sizes whose ingest takes
hours. Times are CPU seconds of this process (all its threads); memory is its peak.
"""

import argparse
import io
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from include.postmarket.checks.codes import CodeList
from include.postmarket.checks.result import History, Limits
from include.postmarket.checks.run import check
from include.postmarket.lake import accept, batches, landing, snapshots
from include.postmarket.lake.accept import Settled
from include.postmarket.lake.frames import accepted_columns, conform, quarantined_columns, superseded_columns
from include.postmarket.lake.index import Lake, MemoryIndex
from include.postmarket.lake.store import FolderStore
from include.postmarket.model.batch import Fetched, Label, Landing, Media, Source, Window
from include.postmarket.model.canonical import digest
from include.postmarket.model.period import Period, periods
from include.postmarket.model.plan import Indicator, Method
from include.postmarket.model.tables import REPORTS
from include.postmarket.series.counts import HeldRows, Rows, count, record_ids
from include.postmarket.sources import manufacturers, reports
from include.sample import maude_shaped
from include.sample.maude_shaped import Span

START, YEARS = date(2016, 1, 1), 10
NOW = datetime(2026, 6, 1, tzinfo=UTC)
INDICATORS, DAILY = 1_000, 20_000
_MAKERS = manufacturers.load()


@contextmanager
def timed(what: str, rows: int) -> Iterator[None]:
    """Print CPU and wall seconds of the block, rows a CPU second, and the peak of memory so far."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    took, wall_took = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    rate = f"{rows / took:>12,.0f}" if rows else " " * 12
    print(f"{what:<44}{took:>9.1f}{wall_took:>9.1f}{rate}{peak:>8.2f}", flush=True)


def main() -> None:
    """Fill a lake, add a day, and count."""
    asked = _asked()
    folder = Path(asked.lake or tempfile.mkdtemp(prefix="postmarket-scale-"))
    lake = Lake(FolderStore(folder), MemoryIndex())
    spans = maude_shaped.spans(asked.rows, START, YEARS, asked.parts or max(1, asked.rows // 90_000))
    print(f"{'step':<44}{'CPU s':>9}{'wall s':>9}{'rows/CPU s':>12}{'GB peak':>8}")
    try:
        fill = _ingest if asked.ingest else _write
        with timed(f"{'ingest' if asked.ingest else 'fill'}: {len(spans)} deliveries", asked.rows):
            for number, span in enumerate(spans, 1):
                fill(lake, span, asked.seed)
                print(f"\r  delivery {number} of {len(spans)}", end="\r", flush=True)
        day = Span(start=date(2026, 5, 30), end=date(2026, 5, 31), first=asked.rows, rows=DAILY)
        with timed(f"one day of {DAILY:,} reports, end to end", DAILY):
            _ingest(lake, day, asked.seed)
        _series(lake, asked.rows)
        held = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
        print(
            f"{held / 2**30:.2f} GB on disk, {sum(o.accepted for o in lake.index.outcomes(Source.REPORTS)):,} accepted"
        )
    finally:
        if not asked.lake:
            shutil.rmtree(folder)


def _asked() -> argparse.Namespace:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("rows", type=int)
    words.add_argument("--ingest", action="store_true")
    words.add_argument("--parts", type=int, default=0)
    words.add_argument("--lake", default="")
    words.add_argument("--seed", type=int, default=7)
    return words.parse_args()


def _landed(lake: Lake, span: Span, content: bytes) -> Landing:
    fetched = Fetched(content=content, media=Media.CSV, origin="MAUDE-shaped", label=Label.SIMULATED)
    return landing.land(lake.store, fetched, Source.REPORTS, Window(span.start, span.end), NOW)


def _ingest(lake: Lake, span: Span, seed: int) -> None:
    """Take a delivery through as `steps.ingest` does."""
    content = maude_shaped.reports(span, seed)
    landed = _landed(lake, span, content)
    rows = reports.read(content, Media.CSV, _MAKERS)
    known = batches.known(lake, Source.REPORTS, rows)
    pull = accept.take(rows, landed, known)
    result = check(pull.rows, landed, History(), Limits(quarantine_share=0.1), CodeList(frozenset()))
    settled = accept.settle(pull, result.failed, known)
    batches.write(lake, landed, settled)
    lake.index.publish(batches.outcome_of(landed, settled, "", digest(result.evidence)), NOW)


def _write(lake: Lake, span: Span, seed: int) -> None:
    """Write a delivery's rows as accepted, unread and unchecked; follow-ups are marked as such."""
    content = maude_shaped.reports(span, seed)
    landed = _landed(lake, span, content)
    sent = pd.read_csv(io.BytesIO(content), dtype="str", keep_default_na=False)
    sound = sent[(sent["mdr_report_key"] != "") & (sent["date_received"] != "soon")]
    rows = pd.DataFrame(
        {
            "report_key": sound["mdr_report_key"],
            "report_number": sound["report_number"],
            "received": pd.to_datetime(sound["date_received"], format="%Y%m%d"),
            "event_type": sound["event_type"].map(reports.EVENT_TYPES),
            "manufacturer": sound["manufacturer_d_name"].str.extract(r"^(MAKER \d+)")[0],
            "brand": sound["brand_name"],
            "product_code": sound["device_report_product_code"],
            "events": sound["noe_summarized"].astype("int64"),
            "narrative": sound["foi_text"],
            "_batch": landed.batch,
            "_row": np.arange(len(sound)),
            "_raw": sound["foi_text"],
            "_again": (sound["mdr_report_key"].astype("int64") < 10_000_000 + span.first).astype("int64"),
        }
    ).dropna(subset=["event_type"])
    nothing = rows.iloc[:0].assign(_rules="", _reason="")
    settled = Settled(
        accepted=conform(rows, accepted_columns(REPORTS)),
        quarantined=conform(nothing, quarantined_columns(REPORTS)),
        superseded=conform(nothing, superseded_columns()),
    )
    batches.write(lake, landed, settled)
    lake.index.publish(batches.outcome_of(landed, settled, "", "e" * 64), NOW)


def _series(lake: Lake, rows: int) -> None:
    snapshot = snapshots.take(lake.index, date(2026, 1, 1))
    held = HeldRows(
        table=snapshots.rows(lake, snapshot, Source.REPORTS),
        order=("received", "report_key"),
        coverage=snapshots.coverage(lake.index, snapshot, Source.REPORTS),
    )
    spans = periods(Period(START), Period(date(2025, 12, 1)))
    none = Rows(frame=pd.DataFrame(), coverage=())
    with timed("first of the indicators (reads the lake)", rows):
        count(held, none, _indicator(0), spans)
    with timed(f"{INDICATORS:,} indicators x {len(spans)} months", 0):
        found = [count(held, none, _indicator(k), spans) for k in range(INDICATORS)]
    with timed(f"record ids of {INDICATORS:,} indicators, last month", 0):
        ids = [record_ids(held, _indicator(k), spans[-1]) for k in range(INDICATORS)]
    cells = next(iter(held.counted.values()))
    events = sum(float(np.nansum(s.counts.counts[0])) for s in found)
    print(f"  {len(cells.events):,} cells, {events:,.0f} events counted, {sum(len(i.get('', ())) for i in ids):,} ids")


def _indicator(number: int) -> Indicator:
    code = maude_shaped.code_name(number % maude_shaped.CODES)
    return Indicator(
        id=f"I-{number}",
        title="t",
        source=Source.REPORTS,
        method=Method(name="shewhart"),
        scope={"product_code": (code,), "event_type": ("Malfunction", "Injury", "Death")[number % 3 :]},
        subgroup_by="manufacturer",
    )


if __name__ == "__main__":
    main()
