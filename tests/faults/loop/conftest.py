"""A small site on a database of its own."""

from pathlib import Path

import pytest

from tests.faults.loop.small_site import SmallSite, make_site
from tests.postgres import RecordsDatabase, engine, records

__all__ = ["engine", "records"]


@pytest.fixture(name="small_site")
def fixture_small_site(tmp_path: Path, records: RecordsDatabase) -> SmallSite:
    """Give a site with good data that nothing was pulled from yet."""
    return make_site(tmp_path, records.url())
