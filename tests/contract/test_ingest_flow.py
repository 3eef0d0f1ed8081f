"""One ingest, as the steps call it: land, read, take, check, settle, write, publish; then a snapshot and its series."""

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from include.postmarket.checks.codes import CodeList
from include.postmarket.checks.result import History, Limits
from include.postmarket.checks.run import check
from include.postmarket.lake import accept, batches, landing, snapshots
from include.postmarket.lake.index import Lake, MemoryIndex
from include.postmarket.lake.store import FolderStore
from include.postmarket.model.batch import Fetched, Label, Media, Outcome, Source, Window
from include.postmarket.model.canonical import digest
from include.postmarket.model.period import Period, periods
from include.postmarket.model.plan import Indicator, Method
from include.postmarket.series.counts import Rows, count, record_ids
from include.postmarket.sources import manufacturers, reports

BIOMET_FRANCE_2017 = [17, 10, 6, 14, 6, 23, 7, 12, 17, 48, 30, 33]  # FDA MAUDE, bone cement, DOMAIN.md 5.4
YEAR = periods(Period(date(2017, 1, 1)), Period(date(2017, 12, 1)))
LIMITS = Limits(quarantine_share=0.1)
CODES = CodeList(frozenset({("2024", "A0705")}))


def ingest(lake: Lake, fetched: Fetched, window: Window, now: datetime) -> Outcome:
    """Take one pull through; this is the sequence for the steps."""
    landed = landing.land(lake.store, fetched, Source.REPORTS, window, now)
    published = lake.index.outcome(landed.batch)
    if published is not None:
        return published
    rows = reports.read(landing.content(lake.store, landed), landed.media, manufacturers.load())
    known = batches.known(lake, landed.source, rows)
    pull = accept.take(rows, landed, known)
    result = check(pull.rows, landed, History(per_day=snapshots.volumes(lake.index, landed.source)), LIMITS, CODES)
    settled = accept.stop(pull, result.failed) if result.stopped else accept.settle(pull, result.failed, known)
    batches.write(lake, landed, settled)
    outcome = batches.outcome_of(landed, settled, result.stopped, digest(result.evidence))
    lake.index.publish(outcome, now)
    return outcome


@pytest.fixture(name="lake")
def _lake(tmp_path: Path) -> Lake:
    return Lake(FolderStore(tmp_path / "lake"), MemoryIndex())


@pytest.mark.shared
def test_bone_cement_year(lake: Lake, shared: Path) -> None:
    """All 535 reports of 2017 are accepted month by month, and the monthly counts of Biomet France are the known ones.

    Every count is backed by as many record keys.
    """
    fetched = reports.fetch(shared / "data" / "device" / "maude_bone_cement_2017.csv", Label.REAL)
    outcomes = [ingest(lake, fetched, Window(p.start, p.end), datetime(2018, 6, 1, tzinfo=UTC)) for p in YEAR]

    snapshot = snapshots.take(lake.index, date(2018, 1, 1))
    rows = Rows(
        frame=snapshots.read(lake, snapshot, Source.REPORTS).execute(),
        coverage=snapshots.coverage(lake.index, snapshot, Source.REPORTS),
    )
    exposure = Rows(frame=snapshots.read(lake, snapshot, Source.EXPOSURE).execute(), coverage=())
    series = count(rows, exposure, _indicator(), YEAR)

    assert [sum(BIOMET_FRANCE_2017)] == [int(series.counts.counts.sum())]
    assert series.counts.counts.tolist() == [BIOMET_FRANCE_2017]
    assert [len(record_ids(rows, _indicator(), p)[""]) for p in YEAR] == BIOMET_FRANCE_2017
    assert (sum(o.pulled for o in outcomes), sum(o.accepted for o in outcomes)) == (535, 535)


@pytest.mark.shared
def test_raw_maude_sample(lake: Lake, shared: Path) -> None:
    """The 5,000 raw MAUDE rows of one day are accepted with their event types decoded, and pulled again add nothing."""
    fetched = reports.fetch(shared / "data" / "real" / "maude_2025_12_sample_5000.csv", Label.REAL)
    window = Window(date(2025, 12, 1), date(2026, 1, 1))

    first = ingest(lake, fetched, window, datetime(2026, 3, 1, tzinfo=UTC))
    again = ingest(lake, fetched, window, datetime(2026, 3, 2, tzinfo=UTC))
    wider = ingest(lake, fetched, Window(date(2025, 11, 1), date(2026, 1, 1)), datetime(2026, 3, 3, tzinfo=UTC))

    snapshot = snapshots.take(lake.index, date(2026, 1, 1))
    rows = snapshots.read(lake, snapshot, Source.REPORTS).execute()

    assert (first.pulled, first.accepted, first.quarantined, first.superseded) == (5000, 5000, 0, 0)
    assert first == again
    assert (wider.pulled, wider.accepted, wider.quarantined, wider.superseded) == (5000, 0, 0, 5000)
    assert rows["event_type"].value_counts().to_dict() == {"Malfunction": 2879, "Injury": 2092, "Death": 29}


def test_dirty_rows_wait_and_the_rest_goes_on(lake: Lake) -> None:
    """A bad row is quarantined with all its rules, a corrected one pulled later is accepted, and sums always hold."""
    good = "\n".join(f"{n},2024031{n % 10},M,ACME INC." for n in range(20))
    bad = "20,20240315,ZZ,ACME INC.\n,20240316,M,ACME INC.\n21,not a date,M,ACME INC."
    window, now = Window(date(2024, 3, 1), date(2024, 4, 1)), datetime(2024, 4, 2, tzinfo=UTC)

    first = ingest(lake, _csv(good + "\n" + bad), window, now)
    second = ingest(lake, _csv(good + "\n20,20240315,M,ACME INC.\n21,not a date,M,ACME INC."), window, now)

    waiting = batches.quarantined(lake, Source.REPORTS)
    assert (first.pulled, first.accepted, first.quarantined) == (23, 0, 23)
    assert first.stopped == "3 of 23 rows are bad (13.0%), the plan allows 10.0% of a pull"
    assert (second.pulled, second.accepted, second.quarantined, second.superseded) == (22, 21, 0, 1)
    assert (waiting["_rules"].value_counts().drop("received_readable,received_present").to_dict()) == {
        "batch_stopped": 20,
        "event_type_valid": 1,
        "report_key_present": 1,
    }


def test_empty_pull_covers_its_window(lake: Lake) -> None:
    """A month in which nothing was reported is observed: its count is zero, and the month after it is not known."""
    ingest(lake, _csv(""), Window(date(2024, 3, 1), date(2024, 4, 1)), datetime(2024, 6, 1, tzinfo=UTC))
    snapshot = snapshots.take(lake.index, date(2024, 5, 1))
    frame = snapshots.read(lake, snapshot, Source.REPORTS).execute()
    rows = Rows(frame=frame, coverage=snapshots.coverage(lake.index, snapshot, Source.REPORTS))
    no_exposure = Rows(frame=pd.DataFrame(), coverage=())

    series = count(rows, no_exposure, _indicator(), periods(Period(date(2024, 3, 1)), Period(date(2024, 4, 1))))

    assert str(series.counts.counts.tolist()) == "[[0.0, nan]]"


def _csv(rows: str) -> Fetched:
    content = "mdr_report_key,date_received,event_type,manufacturer_d_name\n" + rows
    return Fetched(content=content.encode(), media=Media.CSV, origin="made.csv", label=Label.SIMULATED)


def _indicator() -> Indicator:
    return Indicator(
        id="BC-1",
        title="Reports of bone cement",
        source=Source.REPORTS,
        method=Method(name="shewhart"),
        scope={"manufacturer": ("Biomet France",)},
    )
