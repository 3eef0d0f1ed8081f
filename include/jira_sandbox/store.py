"""The SQLite file: opening it, filling a new one, and one transaction per request.

A write request is one `BEGIN IMMEDIATE ... COMMIT` in WAL mode, so a process killed at any line leaves the whole of it
or nothing.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from include.jira_sandbox.catalogue import LINK_TYPES, PROJECTS
from include.jira_sandbox.errors import StartError

# Written into the file's header, so that another program's database is refused instead of filled with our tables.
APPLICATION_ID = 0x4A534258
SCHEMA_VERSION = 2
FIRST_ID = 10_000
# What later versions added to a file of an earlier one.
_ADDED = {
    1: "CREATE TABLE watcher (issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE, "
    "account_id TEXT NOT NULL REFERENCES person (account_id), PRIMARY KEY (issue_id, account_id)) STRICT",
}
_NUMBERED_TABLES = ("project", "component", "version", "issue", "issue_link", "remote_link", "comment", "attachment")


class Store:
    """The stand-in's database at one path."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # SQLite's own waiting is unfair among many threads; a queue inside the process keeps every writer short.
        self._writer = threading.Lock()
        _prepare(path)
        # The last connection to close would checkpoint the log after each request; this one stays open.
        self._keeper = _connect(path)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that sees one state of the store throughout."""
        with closing(_connect(self._path)) as db:
            db.execute("BEGIN")
            yield db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection whose changes are kept together, or not at all when the block raises."""
        with self._writer, closing(_connect(self._path)) as db:
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")

    def close(self) -> None:
        """Fold the write-ahead log into the file and let go of it."""
        self._keeper.close()


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA synchronous = NORMAL")
    return db


def _prepare(path: Path) -> None:
    """Fill a new file or check an old one; raise StartError for anything that is not a stand-in's database."""
    if not path.parent.is_dir():
        raise StartError(f"The folder {path.parent} does not exist: make it, or name another file with --data.")
    try:
        with closing(_connect(path)) as db:
            if _is_empty(db):
                _fill(db)
            _raise_version(db)
            _check(db, path)
    except sqlite3.Error as error:
        raise StartError(f"{path} is not a Jira stand-in database ({error}): name another file with --data.") from error


def _is_empty(db: sqlite3.Connection) -> bool:
    return int(db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]) == 0


def _raise_version(db: sqlite3.Connection) -> None:
    """Bring a file of an earlier version up to this one, in one transaction."""
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        return
    db.execute("BEGIN IMMEDIATE")
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    while version in _ADDED:
        db.execute(_ADDED[version])
        version += 1
        db.execute(f"PRAGMA user_version = {version}")
    db.execute("COMMIT")


def _check(db: sqlite3.Connection, path: Path) -> None:
    found = db.execute("PRAGMA application_id").fetchone()[0], db.execute("PRAGMA user_version").fetchone()[0]
    if found[0] != APPLICATION_ID:
        raise StartError(f"{path} is a database of another program: name another file with --data.")
    if found[1] != SCHEMA_VERSION:
        raise StartError(
            f"{path} was written by version {found[1]} of the stand-in, this is {SCHEMA_VERSION}: "
            "name another file with --data."
        )


def _fill(db: sqlite3.Connection) -> None:
    """Write the tables and what a new site holds, in one transaction: two starts at once fill it once."""
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("BEGIN IMMEDIATE")
    if not _is_empty(db):
        db.execute("ROLLBACK")
        return
    for statement in Path(__file__).with_name("schema.sql").read_text(encoding="utf-8").split(";"):
        db.execute(statement)
    for table in _NUMBERED_TABLES:
        db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, FIRST_ID - 1))
    for project_key, name, description, types in PROJECTS:
        project = db.execute(
            "INSERT INTO project (key, name, description) VALUES (?, ?, ?)", (project_key, name, description)
        )
        db.executemany(
            "INSERT INTO project_type VALUES (?, ?)", [(project.lastrowid, issue_type.id) for issue_type in types]
        )
    db.executemany("INSERT INTO link_type VALUES (?, ?, ?, ?)", LINK_TYPES)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    db.execute("COMMIT")
