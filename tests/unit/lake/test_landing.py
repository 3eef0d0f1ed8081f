"""Landing: bytes under their hash, and windows that cover only days that are over."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from include.postmarket.lake import landing
from include.postmarket.lake.store import FolderStore
from include.postmarket.model.batch import Fetched, Label, Media, Source, Window
from include.postmarket.model.errors import ConfigurationError, IntegrityError

MARCH = Window(date(2024, 3, 1), date(2024, 4, 1))
FETCHED = Fetched(content=b"bytes\x00\xff", media=Media.CSV, origin="x.csv", label=Label.REAL)


def test_bytes_come_back_as_they_were(tmp_path: Path) -> None:
    """Any bytes are kept; landing them again is the same batch and one file."""
    store = FolderStore(tmp_path)
    first = landing.land(store, FETCHED, Source.REPORTS, MARCH, datetime(2024, 4, 2, tzinfo=UTC))
    again = landing.land(store, FETCHED, Source.REPORTS, MARCH, datetime(2024, 5, 2, tzinfo=UTC))

    assert landing.content(store, again) == b"bytes\x00\xff"
    assert first.batch == again.batch
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 1


def test_half_a_month_is_not_a_month(tmp_path: Path) -> None:
    """A pull in the middle of its window covers the days before it; the rest is another batch."""
    store = FolderStore(tmp_path)
    early = landing.land(store, FETCHED, Source.REPORTS, MARCH, datetime(2024, 3, 10, 23, tzinfo=UTC))
    late = landing.land(store, FETCHED, Source.REPORTS, MARCH, datetime(2024, 4, 1, tzinfo=UTC))

    assert early.window == Window(date(2024, 3, 1), date(2024, 3, 10))
    assert late.window == MARCH
    assert early.batch != late.batch


def test_window_of_the_future_is_refused(tmp_path: Path) -> None:
    """On its first day no day of a window is over."""
    with pytest.raises(ConfigurationError, match="was over"):
        landing.land(FolderStore(tmp_path), FETCHED, Source.REPORTS, MARCH, datetime(2024, 3, 1, tzinfo=UTC))


def test_changed_bytes_are_noticed(tmp_path: Path) -> None:
    """Landed bytes that no longer have their hash are not read; landing them anew heals them."""
    store = FolderStore(tmp_path)
    landed = landing.land(store, FETCHED, Source.REPORTS, MARCH, datetime(2024, 4, 2, tzinfo=UTC))
    next(p for p in tmp_path.rglob("*") if p.is_file()).write_bytes(b"by")

    with pytest.raises(IntegrityError, match="have changed"):
        landing.content(store, landed)
    landing.land(store, FETCHED, Source.REPORTS, MARCH, datetime(2024, 4, 2, tzinfo=UTC))
    assert landing.content(store, landed) == FETCHED.content
