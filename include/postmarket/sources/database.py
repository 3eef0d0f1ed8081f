"""Rows of any SQL database that SQLAlchemy speaks to: the one module of sources/ that knows SQLAlchemy (ADR 0018).

A query gives no bytes, so its rows are landed as JSON, one object a line, in the order the database gave them: write
``order by`` into the query, and the same rows are the same batch.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from include.postmarket.model.batch import Fetched, Label, Media, Window
from include.postmarket.model.errors import ConfigurationError, UnavailableError
from include.postmarket.sources.address import Address

#: SQLAlchemy's drivers by Airflow's types of connections; an extra ``driver`` names any other.
_DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg", "mssql": "mssql+pyodbc"}
_AT_A_TIME = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked of a database: the name of the connection and one SELECT.

    ``:start`` and ``:end`` stand for the first day of the pull and the first day behind it.
    """

    connection: str
    query: str


def fetch(query: Query, address: Address, window: Window, label: Label) -> Fetched:
    """Give the rows of the query for the days of a window.

    Raises ConfigurationError when the connection or the query is wrong, UnavailableError when the database does not
    answer. No message holds a value of a row, the address or the password.
    """
    days = {name: day for name, day in (("start", window.start), ("end", window.end)) if f":{name}" in query.query}
    with _connected(address) as connection:
        found = connection.execution_options(stream_results=True, yield_per=_AT_A_TIME).execute(text(query.query), days)
        if not found.returns_rows:
            raise ConfigurationError("the query gives no rows", where=address.name, todo="write one SELECT")
        lines = [json.dumps({k: _plain(v) for k, v in row.items()}) for row in found.mappings()]
    return Fetched(
        content="\n".join(lines).encode(), media=Media.JSON_ROWS, origin=f"query of {address.name}", label=label
    )


@contextmanager
def _connected(address: Address) -> Iterator[Connection]:
    try:
        engine = create_engine(_url(address), poolclass=NullPool, hide_parameters=True)
        with engine.connect() as connection:
            yield connection
            connection.rollback()  # whatever the query did is undone: a source is read, never written
    except (NoSuchModuleError, ArgumentError, ImportError) as error:
        raise ConfigurationError(
            f"no driver for connections of type {address.kind!r} ({type(error).__name__})",
            where=address.name,
            todo="install the driver, and name it in the connection's extra: "
            '{"driver": "oracle+oracledb"}, as SQLAlchemy spells it',
        ) from None
    except DBAPIError as error:
        raise _refusal(error, address) from None
    except SQLAlchemyError as error:
        raise ConfigurationError(
            f"the query cannot be run: {type(error).__name__}", where=address.name, todo="mend the query"
        ) from None


def _refusal(error: DBAPIError, address: Address) -> Exception:
    # the driver's text may repeat the address or values of rows: only the kind of the error and its code are kept
    kind = f"{type(error.orig).__name__} {getattr(error.orig, 'sqlstate', None) or ''}".strip()
    if error.connection_invalidated or type(error).__name__ in {"OperationalError", "InterfaceError"}:
        return UnavailableError(
            f"the database does not answer: {kind}",
            where=address.name,
            todo="look at the connection and the query; try again when the database is back",
        )
    return ConfigurationError(
        f"the database refused the query: {kind}",
        where=address.name,
        todo="run the query in the database's own tool and mend it there",
    )


def _url(address: Address) -> URL:
    return URL.create(
        str(address.extra.get("driver") or _DRIVERS.get(address.kind, address.kind)),
        username=address.login or None,
        password=address.password or None,
        host=address.host or None,
        port=address.port,
        database=address.database or None,
        query={k: str(v) for k, v in (address.extra.get("query") or {}).items()},
    )


def _plain(value: Any) -> Any:
    """Give a value of a database as JSON has it: moments in UTC, numbers without loss, bytes as hexadecimal."""
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
