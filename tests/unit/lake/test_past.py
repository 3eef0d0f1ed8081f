"""The past read once: cut as of any day it gives what a snapshot gives."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from include.postmarket.lake import snapshots
from include.postmarket.lake.index import Lake, MemoryIndex
from include.postmarket.lake.past import recall
from include.postmarket.lake.store import FolderStore
from include.postmarket.model.batch import Source, Window
from tests.unit.lake.test_snapshots import _ingest

DAYS = [date(2024, month, day) for month in (2, 3, 4, 5) for day in (1, 10, 20)]


@pytest.fixture(name="lake")
def _lake(tmp_path: Path) -> Lake:
    return Lake(FolderStore(tmp_path), MemoryIndex())


def _rows(rng: np.random.Generator, window: Window) -> str:
    """Draw complaints of few ids, so that pulls correct one another and move rows in time."""
    days = [window.start.replace(day=int(day)) for day in rng.integers(1, 28, 6)]
    ids = rng.choice(9, 6, replace=False)
    return "\n".join(f"C{i},{d},{m},2024,A07" for i, d, m in zip(ids, days, rng.choice(["X", "Y"], 6), strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_a_cut_is_the_snapshot(lake: Lake, seed: int) -> None:
    """Corrected, moved, repeated and stopped rows, pulled out of order: row for row and type for type the same."""
    rng = np.random.default_rng(seed)
    windows = [Window(date(2024, m, 1), date(2024, m + 1, 1)) for m in (2, 3, 4, 2, 3, 4)]
    for number, window in enumerate(windows):
        _ingest(lake, _rows(rng, window), window, stopped="held" if number == seed else "")
    past = recall(lake, snapshots.take(lake.index, date(2024, 6, 1)), Source.COMPLAINTS)

    for day in DAYS:
        snapshot = snapshots.take(lake.index, day)
        expected = snapshots.read(lake, snapshot, Source.COMPLAINTS).execute()

        pd.testing.assert_frame_equal(expected, past.rows(snapshot))


def test_a_source_that_nobody_pulled_has_no_rows(lake: Lake) -> None:
    """Nothing was pulled: no row, and the columns of the table."""
    snapshot = snapshots.take(lake.index, date(2024, 6, 1))
    expected = snapshots.read(lake, snapshot, Source.REPORTS).execute()

    assert recall(lake, snapshot, Source.REPORTS).rows(snapshot).columns.tolist() == expected.columns.tolist()
