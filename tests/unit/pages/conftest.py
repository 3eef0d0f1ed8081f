"""A filled house and an empty one, and browser-like clients that may read them.

Nothing of the pages writes, so the tests of a module share one filled house.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from include.postmarket.pages.app import make_app
from include.postmarket.pages.door import Door, lead_to
from include.postmarket.steps.house import House
from tests.postgres import RecordsDatabase, drop, engine, new_database, records
from tests.unit.pages import stage

__all__ = ["engine", "records"]


@pytest.fixture(name="filled", scope="module")
def _filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    database = new_database()
    house = stage.house_at(database.url(), tmp_path_factory.mktemp("home"))
    stage.fill(house)
    yield house
    house.engine.dispose()
    drop(database)


@pytest.fixture(name="reader", scope="module")
def _reader(filled: House) -> TestClient:
    """Give a client of the filled house that every door lets in."""
    return client_of(filled)


@pytest.fixture(name="empty")
def _empty(records: RecordsDatabase, tmp_path: Path) -> Iterator[House]:
    house = stage.house_at(records.url(), tmp_path)
    yield house
    house.engine.dispose()


def client_of(house: House) -> TestClient:
    """Give a client of a house that every door lets in."""
    app = make_app(stage.ports_of(house), Door(guards=(), ask=lead_to(lambda _: "/login")))
    return TestClient(app, raise_server_exceptions=False)
