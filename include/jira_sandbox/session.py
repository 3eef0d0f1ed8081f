"""Who asks, in which dialect and when, together with the transaction that the answer is made in."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, StrEnum
from urllib.parse import quote

from include.jira_sandbox.store import Store


class Dialect(Enum):
    """How rich text is written: version 2 of the API carries wiki text, version 3 the Atlassian Document Format."""

    WIKI = "2"
    ADF = "3"


class Deployment(StrEnum):
    """Which Jira is played: Cloud has removed the old search, Data Center ("Server" in its answers) keeps it."""

    CLOUD = "cloud"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class Caller:
    """One authenticated request: its account, its address, its dialect, its moment and when search will see it."""

    store: Store
    account_id: str
    base_url: str
    dialect: Dialect
    deployment: Deployment
    now: int
    search_lag: int

    @contextmanager
    def reading(self) -> "Iterator[Session]":
        """Give a session that sees one state of the store."""
        with self.store.reading() as db:
            yield Session(db, self)

    @contextmanager
    def writing(self) -> "Iterator[Session]":
        """Give a session whose changes are committed together when the block ends."""
        with self.store.writing() as db:
            yield Session(db, self)


@dataclass(frozen=True, slots=True)
class Session:
    """A caller and the open transaction."""

    db: sqlite3.Connection
    caller: Caller

    def url(self, *parts: object) -> str:
        """Return the address of a resource under the caller's version of the API."""
        path = "/".join(quote(str(part), safe="") for part in parts)
        return f"{self.caller.base_url}/rest/api/{self.caller.dialect.value}/{path}"

    def rows(self, statement: str, *values: object) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        return self.db.execute(statement, values).fetchall()

    def row(self, statement: str, *values: object) -> sqlite3.Row | None:
        """Return the first row of a query, None when there is none."""
        found: sqlite3.Row | None = self.db.execute(statement, values).fetchone()
        return found

    def insert(self, statement: str, *values: object) -> int:
        """Run an INSERT and return the new row's id."""
        return int(self.db.execute(statement, values).lastrowid or 0)

    def change(self, statement: str, *values: object) -> int:
        """Run an UPDATE or DELETE and return how many rows it touched."""
        return self.db.execute(statement, values).rowcount
