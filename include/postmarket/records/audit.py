"""The audit trail: append-only, each record holding the hash of the one before it (21 CFR 11.10(e), G6).

A record is written in the transaction of what it tells about, so that neither exists without the other. Writers take
one lock to the end of their transaction: the chain never forks, and its order is the order of commits.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, Text, cast, insert, select, text

from include.postmarket.model.errors import IntegrityError
from include.postmarket.records.codec import digest_of
from include.postmarket.records.engine import reading, writing
from include.postmarket.records.tables import audit, audit_head

#: The lock of the chain: "auditlog" in ASCII.
_LOCK = 0x61756469746C6F67


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is to be told: who did what to what, when, and the facts as plain values (G4 holds here too)."""

    at: datetime
    actor: str
    action: str
    kind: str
    subject: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One link of the chain; ``seq`` counts from 1 without gaps."""

    seq: int
    at: datetime
    actor: str
    action: str
    kind: str
    subject: str
    payload: dict[str, Any]
    previous: str
    hash: str

    def expected_hash(self) -> str:
        """Give the SHA-256 over the canonical JSON of everything but the hash itself."""
        return digest_of({name: value for name, value in asdict(self).items() if name != "hash"})


def lock(connection: Connection) -> None:
    """Wait until no other transaction writes to the chain, and keep others out until this one ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def append(connection: Connection, entry: Entry) -> AuditRecord:
    """Write the next record of the chain in the transaction of ``connection``, and give it.

    Raises IntegrityError for a moment without a time zone or a payload without an exact JSON spelling.
    """
    if entry.at.tzinfo is None:
        raise IntegrityError(
            "a moment without a time zone", where=f"audit, {entry.action}", todo="pass an aware datetime in UTC"
        )
    lock(connection)
    seq, previous = connection.execute(select(audit_head.c.seq, audit_head.c.hash)).one()
    values = {name: getattr(entry, name) for name in ("actor", "action", "kind", "subject")}
    draft = AuditRecord(
        seq=seq + 1, at=entry.at.astimezone(UTC), payload=dict(entry.payload), previous=previous, hash="", **values
    )
    made = AuditRecord(**(asdict(draft) | {"hash": draft.expected_hash()}))
    connection.execute(insert(audit).values(**asdict(made)))
    return made


def rows_of_chain() -> Select[Any]:
    """Give the query of the chain in its order; the payload comes as the text that is stored."""
    columns = [cast(c, Text).label("payload") if c is audit.c.payload else c for c in audit.c]
    return select(*columns).order_by(audit.c.seq)


def record_of(row: Row[Any], payload: dict[str, Any]) -> AuditRecord:
    """Give the record of a row of `rows_of_chain` with its payload read."""
    return AuditRecord(**(dict(row._mapping) | {"at": row.at.astimezone(UTC), "payload": payload}))  # noqa: SLF001 - public API of SQLAlchemy despite its name


class Audit:
    """The trail as a whole: to be read, and to be told what has no row of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def tell(self, entry: Entry) -> AuditRecord:
        """Write one record in a transaction of its own; a retry tells it again, as it happened again."""
        with writing(self._engine) as connection:
            return append(connection, entry)

    def records(self, after: int = 0, limit: int = 1000) -> tuple[AuditRecord, ...]:
        """Give at most ``limit`` records with numbers above ``after``, oldest first."""
        return self._read(select(audit).where(audit.c.seq > after).order_by(audit.c.seq).limit(limit))

    def of_subject(self, kind: str, subject: str) -> tuple[AuditRecord, ...]:
        """Give all records about one thing, oldest first: earlier values are never obscured."""
        wanted = select(audit).where(audit.c.kind == kind, audit.c.subject == subject)
        return self._read(wanted.order_by(audit.c.seq))

    def latest(self, limit: int) -> tuple[AuditRecord, ...]:
        """Give the last ``limit`` records, newest first."""
        return self._read(select(audit).order_by(audit.c.seq.desc()).limit(limit))

    def of_kind(self, kind: str, since: datetime) -> tuple[AuditRecord, ...]:
        """Give the records of one kind from a moment on, newest first."""
        wanted = select(audit).where(audit.c.kind == kind, audit.c.at >= since)
        return self._read(wanted.order_by(audit.c.seq.desc()))

    def _read(self, query: Select[Any]) -> tuple[AuditRecord, ...]:
        with reading(self._engine) as connection:
            return tuple(record_of(row, row.payload) for row in connection.execute(query))
