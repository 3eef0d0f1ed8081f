"""Snapshots: what a run sees, and that it sees the same again."""

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from include.postmarket.lake import accept, batches, landing, snapshots
from include.postmarket.lake.index import Lake, MemoryIndex
from include.postmarket.lake.store import FolderStore
from include.postmarket.model.batch import Fetched, Label, Media, Outcome, Snapshot, Source, Window
from include.postmarket.model.errors import IntegrityError
from include.postmarket.sources import complaints

HEADER = "complaint_id,received,model,imdrf_release,problem_code"
FEBRUARY = Window(date(2024, 2, 1), date(2024, 3, 1))
MARCH = Window(date(2024, 3, 1), date(2024, 4, 1))
APRIL = Window(date(2024, 4, 1), date(2024, 5, 1))


@pytest.fixture(name="lake")
def _lake(tmp_path: Path) -> Lake:
    return Lake(FolderStore(tmp_path), MemoryIndex())


def _ingest(lake: Lake, rows: str, window: Window, stopped: str = "") -> Outcome:
    fetched = Fetched(content=f"{HEADER}\n{rows}".encode(), media=Media.CSV, origin="made", label=Label.SIMULATED)
    landed = landing.land(lake.store, fetched, Source.COMPLAINTS, window, datetime(2024, 6, 1, tzinfo=UTC))
    read = complaints.read(fetched.content, fetched.media)
    known = batches.known(lake, Source.COMPLAINTS, read)
    pull = accept.take(read, landed, known)
    settled = accept.stop(pull, {}) if stopped else accept.settle(pull, {}, known)
    batches.write(lake, landed, settled)
    outcome = batches.outcome_of(landed, settled, stopped, "e" * 64)
    lake.index.publish(outcome, landed.pulled_at)
    return outcome


def _read(lake: Lake, snapshot: Snapshot) -> pd.DataFrame:
    frame: pd.DataFrame = snapshots.read(lake, snapshot, Source.COMPLAINTS).execute()
    return frame


def test_rows_before_the_day_in_order(lake: Lake) -> None:
    """A row received on the as-of day was not known before it; rows come in order of day and key."""
    _ingest(
        lake,
        "B,2024-03-02,X,2024,A07\nA,2024-03-02,X,2024,A07\nC,2024-03-01,X,2024,A07\nD,2024-03-15,X,2024,A07",
        MARCH,
    )

    frame = _read(lake, snapshots.take(lake.index, date(2024, 3, 15)))

    assert frame["complaint_id"].tolist() == ["C", "A", "B"]
    assert {"_batch", "_row", "_raw"} <= set(frame.columns)


def test_newest_version_wins_and_old_snapshots_stay(lake: Lake) -> None:
    """A correction is seen by snapshots taken after it; the snapshot taken before gives what it always gave."""
    _ingest(lake, "A,2024-03-02,X,2024,A07\nB,2024-03-02,X,2024,A07", MARCH)
    before = snapshots.take(lake.index, date(2024, 4, 1))
    old = _read(lake, before)
    _ingest(lake, "A,2024-03-02,Y,2024,A07", MARCH)

    after = _read(lake, snapshots.take(lake.index, date(2024, 4, 1)))

    pd.testing.assert_frame_equal(old, _read(lake, before))
    assert list(zip(after["complaint_id"], after["model"], strict=True)) == [("A", "Y"), ("B", "X")]


def test_version_moved_past_the_day_is_not_seen(lake: Lake) -> None:
    """When the newest version says that a row was received later, the older version is not shown in its place."""
    _ingest(lake, "A,2024-02-02,X,2024,A07", FEBRUARY)
    _ingest(lake, "A,2024-03-20,X,2024,A07", MARCH)

    assert _read(lake, snapshots.take(lake.index, date(2024, 3, 10))).empty


def test_later_months_do_not_change_a_snapshot(lake: Lake) -> None:
    """Catching up with April leaves the snapshot of March as it was, to the hash."""
    _ingest(lake, "A,2024-03-02,X,2024,A07", MARCH)
    before = snapshots.take(lake.index, date(2024, 4, 1))
    _ingest(lake, "B,2024-04-02,X,2024,A07", APRIL)

    assert before == snapshots.take(lake.index, date(2024, 4, 1))
    assert before.sha256 != snapshots.take(lake.index, date(2024, 5, 1)).sha256


def test_stopped_batch_is_neither_seen_nor_covered(lake: Lake) -> None:
    """A stopped batch accepts nothing: its month is not observed, and that is not a zero."""
    _ingest(lake, "A,2024-03-02,X,2024,A07", MARCH, stopped="too many bad rows")
    snapshot = snapshots.take(lake.index, date(2024, 4, 1))

    assert snapshot.batches == ()
    assert snapshots.coverage(lake.index, snapshot, Source.COMPLAINTS) == ()
    assert _read(lake, snapshot).empty
    assert len(batches.quarantined(lake, Source.COMPLAINTS)) == 1


def test_coverage_is_the_union_of_pulls(lake: Lake) -> None:
    """Windows that touch are one, a gap stays a gap, and nothing is covered from the as-of day on."""
    _ingest(lake, "", FEBRUARY)
    _ingest(lake, "", MARCH)
    _ingest(lake, "", Window(date(2023, 12, 1), date(2024, 1, 1)))

    snapshot = snapshots.take(lake.index, date(2024, 3, 15))

    expected = (Window(date(2023, 12, 1), date(2024, 1, 1)), Window(date(2024, 2, 1), date(2024, 3, 15)))
    assert expected == snapshots.coverage(lake.index, snapshot, Source.COMPLAINTS)
    assert snapshots.coverage(lake.index, snapshot, Source.REPORTS) == ()


def test_source_without_batches_has_its_columns(lake: Lake) -> None:
    """An empty source reads as an empty table of the same columns and types."""
    empty = _read(lake, snapshots.take(lake.index, date(2024, 4, 1)))
    _ingest(lake, "A,2024-03-02,X,2024,A07", MARCH)
    filled = _read(lake, snapshots.take(lake.index, date(2024, 4, 1)))

    assert filled.dtypes.to_dict() == empty.dtypes.to_dict()


def test_volumes_are_rows_a_day(lake: Lake) -> None:
    """Months of different length are compared by the day; stopped batches are no history."""
    _ingest(lake, "\n".join(f"{n},2024-03-02,X,2024,A07" for n in range(62)), MARCH)
    _ingest(lake, "A,2024-02-02,X,2024,A07", FEBRUARY, stopped="no")

    assert snapshots.volumes(lake.index, Source.COMPLAINTS) == (2.0,)


def test_published_batch_is_never_written_again(lake: Lake) -> None:
    """What is published stays: the same pull again is refused by the writer and known to the index."""
    outcome = _ingest(lake, "A,2024-03-02,X,2024,A07", MARCH)

    with pytest.raises(IntegrityError, match="is published"):
        _ingest(lake, "A,2024-03-02,X,2024,A07", MARCH)
    assert lake.index.outcome(outcome.landing.batch) == outcome


def test_unknown_batch_in_a_snapshot(lake: Lake) -> None:
    """A snapshot of another index cannot be read."""
    with pytest.raises(IntegrityError, match="not in the index"):
        snapshots.read(lake, Snapshot(as_of=date(2024, 4, 1), batches=("b" * 32,)), Source.COMPLAINTS)


def test_batches_from_before_a_column_was_added_are_read(lake: Lake, tmp_path: Path) -> None:
    """A table may gain columns: rows of older files miss them, are still counted, and are still superseded."""
    _ingest(lake, "A,2024-03-02,X,2024,A07\nB,2024-03-02,X,2024,A07", MARCH)
    for file in (tmp_path / "tables").rglob("*.parquet"):
        table = pq.read_table(file)
        pq.write_table(table.drop_columns(["health_impact_code"]), file)
    alone = _read(lake, snapshots.take(lake.index, date(2024, 4, 1)))

    later = _ingest(lake, "B,2024-03-02,X,2024,A07\nC,2024-03-03,X,2024,A07", MARCH)
    both = _read(lake, snapshots.take(lake.index, date(2024, 4, 1)))

    assert alone["health_impact_code"].isna().tolist() == [True, True]
    assert both["complaint_id"].tolist() == ["A", "B", "C"]
    assert (later.accepted, later.superseded) == (1, 1)
