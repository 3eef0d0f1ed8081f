"""Rows of a database: SQLite always, the embedded PostgreSQL where it is marked."""

import json
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from include.postmarket.model.batch import Fetched, Label, Window
from include.postmarket.model.errors import ConfigurationError, UnavailableError
from include.postmarket.sources import complaints, database, exposure
from include.postmarket.sources.address import Address
from include.postmarket.sources.database import Query
from include.postmarket.sources.shape import Asked
from include.postmarket.sources.translation import Translation

MARCH = Window(date(2024, 3, 1), date(2024, 4, 1))
SELECT = "select * from cases where opened >= :start and opened < :end order by id"


@pytest.fixture(name="address")
def _address(tmp_path: Path) -> Address:
    path = tmp_path / "complaints.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table cases (id, opened, product, failure, note, units)")
        connection.executemany(
            "insert into cases values (?, ?, ?, ?, ?, ?)",
            [
                (1, "2024-02-29", "X", "BATT", "before", 1),
                (2, "2024-03-01", "X", "BATT", "the first day: 10 µg", 2.5),
                (3, "2024-03-31", "X", "PUMP", None, 3),
                (4, "2024-04-01", "X", "BATT", "behind", 4),
            ],
        )
    connection.close()
    return Address(name="complaints_db", kind="sqlite", database=str(path), password="")


def fetch(address: Address, query: str = SELECT) -> Fetched:
    """Ask for March."""
    return database.fetch(Query(connection=address.name, query=query), address, MARCH, Label.REAL)


def test_rows_of_the_window_are_read_in_their_own_spelling(address: Address) -> None:
    """The window's first day is in and its end is not; columns, codes and constants make them complaints."""
    fetched = fetch(address)
    translation = Translation(
        columns={
            "complaint_id": "ID",
            "received": "opened",
            "model": "product",
            "problem_code": "failure",
            "narrative": "note",
        },
        codes={"problem_code": {"BATT": "A0705"}},
        constants={"imdrf_release": "2024"},
    )

    rows = complaints.read(fetched.content, fetched.media, Asked(translation=translation))

    assert rows["complaint_id"].tolist() == ["2", "3"]
    assert rows["problem_code"].tolist() == ["A0705", "PUMP"]
    assert rows["narrative"].fillna("").tolist() == ["the first day: 10 µg", ""]
    assert rows["_faults"].tolist() == ["", ""]


def test_the_same_rows_are_the_same_batch(address: Address) -> None:
    """Asked twice, the bytes are the same; a query without the days may be asked as well."""
    assert fetch(address).content == fetch(address).content
    assert len(fetch(address, "select id from cases").content.splitlines()) == 4


def test_no_row_is_an_empty_pull(address: Address) -> None:
    """A month without rows is no error."""
    fetched = fetch(address, "select * from cases where id > 99")

    assert fetched.content == b""
    assert complaints.read(fetched.content, fetched.media).empty


def test_a_source_is_never_written(address: Address) -> None:
    """Whatever a query does is undone, and a statement without rows is refused."""
    with pytest.raises(ConfigurationError, match="gives no rows"):
        fetch(address, "delete from cases")

    assert len(fetch(address, "select id from cases").content.splitlines()) == 4


@pytest.mark.parametrize(
    "query", ["select secret_column from cases", "selekt", "select * from other", "select :unknown"], ids=str
)
def test_a_wrong_query_says_so_without_repeating_it(address: Address, query: str) -> None:
    """The kind of the error is told, never the driver's words."""
    with pytest.raises((ConfigurationError, UnavailableError)) as error:
        fetch(address, query)

    assert error.value.where == "complaints_db"
    assert "secret_column" not in str(error.value)


def test_an_unknown_kind_of_database_says_what_to_install() -> None:
    """A driver that is not there is named by what a person can do."""
    with pytest.raises(ConfigurationError, match="install the driver"):
        fetch(Address(name="db", kind="oracle", host="h", password="pw-canary"))


def test_a_database_that_is_down_is_tried_again_later() -> None:
    """Nobody there is the scheduler's to retry; neither address nor password is told."""
    address = Address(
        name="db", kind="postgres", host="127.0.0.1", port=9, login="u", password="pw-canary", database="d"
    )

    with pytest.raises(UnavailableError, match="does not answer") as error:
        fetch(address)

    assert "pw-canary" not in str(error.value)
    assert "127.0.0.1" not in str(error.value)


def test_typed_values_are_what_a_file_would_hold(address: Address) -> None:
    """Numbers of a database are figures of exposure: nothing is rounded on the way."""
    query = (
        "select '2024-03-01' as period, 'X' as model, '1' as software_version, 'EU' as region, units as units_in_use, "
        "units * 31 as device_days from cases where opened >= :start and opened < :end order by id"
    )
    fetched = fetch(address, query)

    rows = exposure.read(fetched.content, fetched.media)

    assert rows["units_in_use"].tolist() == [2.5, 3.0]
    assert json.loads(fetched.content.splitlines()[0])["device_days"] == 77.5
