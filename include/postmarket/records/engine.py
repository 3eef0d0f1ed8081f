"""The way to the records: an engine, one transaction a write, and errors that say what to do.

No password and no value of a row may reach an error message: SQLAlchemy hides parameters, and of the driver's message
only the kind of the error is kept.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from include.postmarket.model.errors import ConfigurationError, IntegrityError, PostmarketError, UnavailableError
from include.postmarket.records.codec import encode

#: A writer that was frozen may hold the audit's lock: after a minute the server ends its transaction, and meanwhile
#: nobody waits longer than half of that.
_SESSION = "-c timezone=UTC -c lock_timeout=30s -c idle_in_transaction_session_timeout=60s"
_DRIVER = "postgresql+psycopg"


def connect(url: str) -> Engine:
    """Give an engine on the records at a SQLAlchemy address (``postgresql://`` and ``postgresql+psycopg://``).

    Raises ConfigurationError when the address cannot be read or names another database system, UnavailableError when
    the server does not answer.
    """
    engine = create_engine(
        address(url),
        pool_pre_ping=True,
        hide_parameters=True,
        json_serializer=encode,
        connect_args={"options": _SESSION, "connect_timeout": 10},
    )
    with reading(engine):
        return engine


def address(url: str) -> URL:
    """Give the address with the driver of the records.

    Raises ConfigurationError, which does not repeat the address: a mistyped one may hold the password anywhere.
    """
    try:
        found = make_url(url)
    except (ArgumentError, NoSuchModuleError, ValueError):
        found = URL.create("unreadable")
    if found.drivername not in {"postgresql", _DRIVER}:
        raise ConfigurationError(
            "the address is not one of a PostgreSQL database",
            where="address of the records",
            todo=f"give {_DRIVER}://user:password@host:port/database",
        )
    return found.set(drivername=_DRIVER)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give one transaction: all of it is kept, or nothing.

    Raises UnavailableError when the server is down or busy (whether a commit was lost is then unknown, and every write
    of the records may be repeated), ConfigurationError when tables or privileges are missing, IntegrityError when the
    database refuses the change.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise explained(error, engine) from None


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one state of the records and cannot write; raises as ``writing`` does."""
    try:
        with engine.connect().execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        ) as connection:
            yield connection
    except DBAPIError as error:
        raise explained(error, engine) from None


def explained(error: DBAPIError, engine: Engine) -> PostmarketError:
    """Give the error of the house for one of the driver: what to do, and no value or password."""
    state = getattr(error.orig, "sqlstate", None) or ""
    where = f"records at {engine.url.render_as_string(hide_password=True)}"
    kind = type(error.orig).__name__
    if state == "53100":
        return UnavailableError("the disk of the server is full", where=where, todo="free some space and try again")
    if state in {"42P01", "42703", "3F000"}:
        return ConfigurationError(f"a table or column is missing ({kind})", where=where, todo="run the migrations")
    if state == "42501":
        return ConfigurationError(
            "the role may not do this", where=where, todo="run the migrations, or use the application's role"
        )
    if state[:2] in {"22", "23", "P0", "42"}:
        return IntegrityError(f"the database refuses the change ({kind})", where=where, todo="a person has to look")
    if not state and any(words in str(error.orig) for words in ("authentication failed", "does not exist")):
        return ConfigurationError("the server refuses us", where=where, todo="check user, password and database")
    return UnavailableError(
        f"the server is down or busy ({kind})", where=where, todo="try again; if it stays, see the server's log"
    )
