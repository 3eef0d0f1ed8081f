"""The fixtures of the signing tests: records of their own, and a site with people, signals and a drafted update."""

from pathlib import Path

import pytest
from argon2 import PasswordHasher

from include.postmarket.records import passwords
from tests.contract.signing.people import Office, open_office
from tests.faults.loop.small_site import make_site
from tests.postgres import RecordsDatabase, engine, records

__all__ = ["engine", "records"]


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with the least effort: what is tested here is who may do what, and the hash is slow on purpose."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture(name="office")
def fixture_office(tmp_path: Path, records: RecordsDatabase) -> Office:
    """Give a site with an administrator, four people, a signal and a drafted risk update."""
    return open_office(make_site(tmp_path, records.url()).house())
