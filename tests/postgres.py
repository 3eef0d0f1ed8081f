"""A PostgreSQL for the tests: one server a test run, a fresh migrated database a test (about 50 ms).

Use it from a ``conftest.py``::

    from tests.postgres import engine, records  # noqa: F401 - fixtures

``engine`` is an SQLAlchemy engine as the application; ``records`` gives the addresses of the same database for every
role. Mark such tests with ``pytest.mark.postgres``.
"""

import atexit
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine

from include.postmarket.records.embedded_postgres import EmbeddedPostgres, Role, start
from include.postmarket.records.engine import connect
from include.postmarket.records.migration import migrate

_PREFIX = "postmarket-tests-postgres-"
_TEMPLATE = "records_template"
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class RecordsDatabase:
    """A database of its own with the tables of the records."""

    server: EmbeddedPostgres
    name: str

    def url(self, role: Role = Role.APP) -> str:
        """Give its address for SQLAlchemy."""
        return self.server.url(self.name, role)

    def superuser(self) -> psycopg.Connection:
        """Give a connection that commits at once and may do anything, as a tamperer would have it."""
        return psycopg.connect(self.url(Role.SUPERUSER).replace("+psycopg", "", 1), autocommit=True)


@cache
def run_server() -> EmbeddedPostgres:
    """Give the server of this test run, started on first use and removed with the process."""
    _clear_dead_runs()
    folder = Path(tempfile.gettempdir()) / f"{_PREFIX}{os.getpid()}"
    server = start(folder)
    atexit.register(_remove, folder)
    address = server.url("postgres", Role.SUPERUSER).replace("+psycopg", "", 1)
    with psycopg.connect(address, autocommit=True) as connection:  # a power cut during the tests loses nothing of worth
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    server.create_database(_TEMPLATE)
    migrate(server.url(_TEMPLATE, Role.OWNER))
    return server


def new_database(template: str = _TEMPLATE) -> RecordsDatabase:
    """Give a new database: with the records' tables, or empty from ``template1``."""
    database = RecordsDatabase(run_server(), f"test_{next(_numbers)}")
    words = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
    names = (sql.Identifier(name) for name in (database.name, Role.OWNER, template))
    with _superuser() as connection:
        connection.execute(words.format(*names))
    return database


def drop(database: RecordsDatabase) -> None:
    """Remove a database, whoever is still connected."""
    with _superuser() as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database.name)))


@pytest.fixture(name="records")
def records() -> Iterator[RecordsDatabase]:
    """Give a database of this test's own, migrated and empty."""
    database = new_database()
    yield database
    drop(database)


@pytest.fixture(name="engine")
def engine(records: RecordsDatabase) -> Iterator[Engine]:
    """Give an engine on the test's database, with the rights of the application."""
    found = connect(records.url())
    yield found
    found.dispose()


def _superuser() -> psycopg.Connection:
    address = run_server().url("postgres", Role.SUPERUSER).replace("+psycopg", "", 1)
    return psycopg.connect(address, autocommit=True)


def _clear_dead_runs() -> None:
    """Remove the servers of test runs that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        number = folder.name.removeprefix(_PREFIX)
        if number.isdigit() and not psutil.pid_exists(int(number)):
            _remove(folder)


def _remove(folder: Path) -> None:
    EmbeddedPostgres(folder, port=0).stop()
    shutil.rmtree(folder, ignore_errors=True)
