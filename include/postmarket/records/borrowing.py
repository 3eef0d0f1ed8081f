"""The embedded server for the length of one command: a summary can be read when nothing runs.

And nothing is left on.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from include.postmarket.records import embedded_postgres
from include.postmarket.records.embedded_postgres import EmbeddedPostgres

_LOCK, _MARK = "borrowers.lock", "borrowed"


@contextmanager
def borrowed(folder: Path) -> Iterator[EmbeddedPostgres]:
    """Give the server of a folder, started when it is down and stopped by the last borrower when a borrower started it.

    A server that a local run owns (`keep`) is left alone. Raises what `embedded_postgres.start` raises.
    """
    with (folder / _LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        if not embedded_postgres.is_running(folder):
            (folder / _MARK).touch()
        server = embedded_postgres.start(folder)
        try:
            yield server
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)
            _return(server, lock.fileno())


def keep(folder: Path) -> None:
    """Say that a local run owns the server from now on: borrowers no longer stop it."""
    (folder / _MARK).unlink(missing_ok=True)


def _return(server: EmbeddedPostgres, lock: int) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:  # somebody else has borrowed it too, and will see to it
        return
    if (server.folder / _MARK).exists():
        server.stop()
        (server.folder / _MARK).unlink(missing_ok=True)
