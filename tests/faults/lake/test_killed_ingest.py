"""A run that dies at any write: nothing half-done is seen, and the next run ends where an undisturbed one does."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from include.postmarket.lake import accept, batches, landing, snapshots
from include.postmarket.lake.index import Lake, MemoryIndex
from include.postmarket.lake.store import FolderStore
from include.postmarket.model.batch import Fetched, Label, Media, Source, Window
from include.postmarket.model.errors import IntegrityError
from include.postmarket.sources import complaints

CONTENT = b"""complaint_id,received,model,imdrf_release,problem_code
A,2024-03-02,X,2024,A07
B,2024-03-03,X,2024,A07
C,2024-03-04,BAD,2024,A07
"""
MARCH = Window(date(2024, 3, 1), date(2024, 4, 1))
WRITES = 4  # landing, three parts of the batch


class KilledError(Exception):
    """The process dies here."""


@dataclass
class MortalStore:
    """A folder store whose process dies at a write: before it, in the middle of it, or after it."""

    real: FolderStore
    dies_at: int
    moment: str
    writes: int = 0

    def put(self, key: str, content: bytes) -> None:
        """Write, unless this is the write to die at."""
        self.writes += 1
        if self.writes != self.dies_at:
            self.real.put(key, content)
            return
        if self.moment == "middle":
            path = Path(self.real.uri(key))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_name(f".{path.name}.dead.tmp").write_bytes(content[: len(content) // 2])
        if self.moment == "after":
            self.real.put(key, content)
        raise KilledError

    def get(self, key: str) -> bytes:
        """Read."""
        return self.real.get(key)

    def has(self, key: str) -> bool:
        """Look."""
        return self.real.has(key)

    def uri(self, key: str) -> str:
        """Give the path."""
        return self.real.uri(key)


def _ingest(lake: Lake) -> None:
    fetched = Fetched(content=CONTENT, media=Media.CSV, origin="made", label=Label.SIMULATED)
    landed = landing.land(lake.store, fetched, Source.COMPLAINTS, MARCH, datetime(2024, 4, 2, tzinfo=UTC))
    known = batches.known(lake, Source.COMPLAINTS)
    pull = accept.take(complaints.read(fetched.content, fetched.media), landed, known)
    settled = accept.settle(pull, {3: ("marked",)}, known)
    batches.write(lake, landed, settled)
    lake.index.publish(batches.outcome_of(landed, settled, "", "e" * 64))


def _seen(lake: Lake) -> pd.DataFrame:
    frame: pd.DataFrame = snapshots.read(
        lake, snapshots.take(lake.index, date(2024, 4, 1)), Source.COMPLAINTS
    ).execute()
    return frame


@pytest.mark.parametrize("moment", ["before", "middle", "after"])
@pytest.mark.parametrize("dies_at", range(1, WRITES + 1))
def test_killed_at_any_write(tmp_path: Path, dies_at: int, moment: str) -> None:
    """What a dead run left is not seen, and the run that follows sees, keeps and counts as if nothing had happened."""
    index = MemoryIndex()
    mortal = MortalStore(FolderStore(tmp_path / "killed"), dies_at, moment)
    with pytest.raises(KilledError):
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
