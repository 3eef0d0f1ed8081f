"""A run that dies at any write: nothing half-done is seen, and the next run ends where an undisturbed one does."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from include.postmarket.lake import accept, batches, landing, snapshots
from include.postmarket.lake.index import Lake, MemoryIndex
from include.postmarket.lake.store import FolderStore
from include.postmarket.model.batch import Fetched, Label, Media, Source, Window
from include.postmarket.model.errors import IntegrityError, UnavailableError
from include.postmarket.sources import complaints
from tests.conftest import ROOT
from tests.faults.lake.mortal_store import KilledError, MortalStore

CONTENT = b"""complaint_id,received,model,imdrf_release,problem_code
A,2024-03-02,X,2024,A07
B,2024-03-03,X,2024,A07
C,2024-03-04,BAD,2024,A07
"""
MARCH = Window(date(2024, 3, 1), date(2024, 4, 1))
WRITES = 4  # landing, three parts of the batch


def _ingest(lake: Lake, content: bytes = CONTENT) -> None:
    fetched = Fetched(content=content, media=Media.CSV, origin="made", label=Label.SIMULATED)
    landed = landing.land(lake.store, fetched, Source.COMPLAINTS, MARCH, datetime(2024, 4, 2, tzinfo=UTC))
    rows = complaints.read(fetched.content, fetched.media)
    known = batches.known(lake, Source.COMPLAINTS, rows)
    pull = accept.take(rows, landed, known)
    settled = accept.settle(pull, {3: ("marked",)}, known)
    batches.write(lake, landed, settled)
    lake.index.publish(batches.outcome_of(landed, settled, "", "e" * 64), landed.pulled_at)


def _seen(lake: Lake) -> pd.DataFrame:
    frame: pd.DataFrame = snapshots.read(
        lake, snapshots.take(lake.index, date(2024, 4, 1)), Source.COMPLAINTS
    ).execute()
    return frame


@pytest.mark.parametrize("moment", ["before", "middle", "after", "full"])
@pytest.mark.parametrize("dies_at", range(1, WRITES + 1))
def test_killed_at_any_write(tmp_path: Path, dies_at: int, moment: str) -> None:
    """What a run left that died, or found the disk full, is not seen.

    The run that follows sees, keeps and counts as if nothing had happened.
    """
    index = MemoryIndex()
    mortal = MortalStore(FolderStore(tmp_path / "killed"), dies_at, moment)
    with pytest.raises((KilledError, UnavailableError)):
        _ingest(Lake(mortal, index))
    lake, undisturbed = Lake(mortal.real, index), Lake(FolderStore(tmp_path / "whole"), MemoryIndex())

    assert _seen(lake).empty
    assert batches.quarantined(lake, Source.COMPLAINTS).empty
    _ingest(lake)
    _ingest(undisturbed)

    pd.testing.assert_frame_equal(_seen(undisturbed), _seen(lake))
    assert undisturbed.index.outcomes(Source.COMPLAINTS) == lake.index.outcomes(Source.COMPLAINTS)
    assert len(batches.quarantined(lake, Source.COMPLAINTS)) == 1


def test_all_writes_are_killed(tmp_path: Path) -> None:
    """The test above dies at every write there is."""
    store = MortalStore(FolderStore(tmp_path), 0, "never")
    _ingest(Lake(store, MemoryIndex()))

    assert store.writes == WRITES


def test_rows_from_nowhere_are_not_seen(tmp_path: Path) -> None:
    """A Parquet file in the lake's folder that no outcome names is nobody's data."""
    lake = Lake(FolderStore(tmp_path), MemoryIndex())
    _ingest(lake)
    part = next((tmp_path / "tables" / "complaints").glob("*.parquet"))
    (part.parent / "0123456789abcdef0123456789abcdef.parquet").write_bytes(part.read_bytes())

    assert len(_seen(lake)) == 2


@pytest.mark.parametrize("damage", ["removed", "replaced"])
def test_published_rows_that_are_not_what_was_accepted(tmp_path: Path, damage: str) -> None:
    """A published file that is gone, or holds fewer rows than were accepted, stops every reader."""
    lake = Lake(FolderStore(tmp_path), MemoryIndex())
    _ingest(lake)
    part = next((tmp_path / "tables" / "complaints").glob("*.parquet"))
    if damage == "removed":
        part.unlink()
    else:
        pd.read_parquet(part).iloc[:1].to_parquet(part)

    with pytest.raises(IntegrityError):
        _seen(lake)


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """A write that the system refuses half-way is told as such, leaves nothing behind, and the file it was to replace.

    The limit on the size of files stands in for the end of the disk: the write fails in the kernel, in the middle.
    """
    (tmp_path / "kept").write_bytes(b"old")
    words = (
        "import resource, signal, sys; from pathlib import Path; "
        "from include.postmarket.lake.store import FolderStore; "
        "from include.postmarket.model.errors import PostmarketError; "
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try: FolderStore(Path(sys.argv[1])).put('kept', b'x' * 1_000_000)\n"
        "except PostmarketError as error: print(type(error).__name__, error)"
    )

    done = subprocess.run(
        [sys.executable, "-c", words, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.startswith("UnavailableError cannot write kept: File too large [lake]")
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]
    assert (tmp_path / "kept").read_bytes() == b"old"


def test_two_ingests_of_one_source_at_once(tmp_path: Path) -> None:
    """Two pulls of the same rows in other bytes, started together: each row is accepted by one of them, once."""
    lake = Lake(FolderStore(tmp_path), MemoryIndex())
    contents = [CONTENT, CONTENT + b"D,2024-03-05,X,2024,A07\n"]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda content: _ingest_alone(lake, content), contents))

    outcomes = lake.index.outcomes(Source.COMPLAINTS)
    assert sorted(_seen(lake)["complaint_id"]) == ["A", "B", "D"]
    assert sum(o.accepted for o in outcomes) == 3
    assert sum(o.quarantined for o in outcomes) == 1


def _ingest_alone(lake: Lake, content: bytes) -> None:
    with lake.index.alone(Source.COMPLAINTS):
        _ingest(lake, content)
