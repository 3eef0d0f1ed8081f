"""Finding the first record that is not as it was written (G6).

Two layers. The chain: every audit record must have the hash of its own content, hold the hash of the one before it and
lead to the head. The rows: what a record sealed must still be there, and nothing else. What no chain can show by itself
is one that was written anew from some point on, head included; that needs a copy of a hash kept elsewhere.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from include.postmarket.model.errors import IntegrityError
from include.postmarket.records.audit import GENESIS, AuditRecord, record_of, rows_of_chain
from include.postmarket.records.codec import encode
from include.postmarket.records.sealed import seal
from include.postmarket.records.tables import CHANGES, METADATA, audit, audit_head

_AT_ONCE = 1000


class Fault(StrEnum):
    """What happened to a record."""

    ALTERED = "altered"
    MISSING = "missing"
    INSERTED = "inserted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The first record that does not hold: its number in the audit trail, the table it is in, and what was found."""

    seq: int
    table: str
    subject: str
    fault: Fault
    found: str

    def __str__(self) -> str:
        about = f" about {self.subject}" if self.subject else ""
        return f"{self.table}: record {self.seq}{about} is {self.fault}: {self.found}"


def verify(connection: Connection) -> Break | None:
    """Give the first record of the trail that does not hold, else the first row that does not fit its record.

    None when everything holds.
    The connection has to see one state of the database throughout (`engine.reading`).
    """
    broken = audit_verify(connection)
    if broken is not None:
        return broken
    found = [b for table in METADATA.sorted_tables if "audit" in table.columns for b in _broken_rows(connection, table)]
    return min(found, key=lambda b: b.seq, default=None)


def audit_verify(connection: Connection) -> Break | None:
    """Give the first record of the audit trail that was altered, removed or inserted, or None when the chain holds."""
    head = connection.execute(select(audit_head.c.seq, audit_head.c.hash)).first()
    if head is None:
        return _break(0, Fault.MISSING, "the head of the chain is gone")
    rows = iter(connection.execute(rows_of_chain().execution_options(yield_per=_AT_ONCE)))
    before, row = None, next(rows, None)
    while row is not None:
        after = next(rows, None)
        broken = _broken_link(before, row, _vouched(row, after, head))
        if broken is not None:
            return broken
        if row.seq > head.seq:
            return _break(row.seq, Fault.INSERTED, "the chain ended before it", row.subject)
        before, row = row, after
    return _broken_end(before, head)


def _vouched(row: Row[Any], after: Row[Any] | None, head: Row[int, str]) -> bool:
    """Say whether what follows a record knows it by its hash."""
    follower = head.hash if after is None else after.previous
    return bool(follower == row.hash)


def _broken_link(before: Row[Any] | None, row: Row[Any], vouched: bool) -> Break | None:
    """Give what is wrong between a record and the one before it, which is known to fit its own predecessor.

    When the two do not fit, what follows decides: a record known to its follower is sound, so the one before it was
    rewritten; a record that points past the one before it shows that one to be inserted.
    """
    expected = 1 if before is None else before.seq + 1
    if row.seq > expected:
        return _break(expected, Fault.MISSING, f"the next one is {row.seq}")
    if row.seq < expected:
        return _break(row.seq, Fault.INSERTED, "the chain starts with record 1", row.subject)
    sound = _is_sound(row)
    if row.previous == (GENESIS if before is None else before.hash):
        return None if sound else _break(row.seq, Fault.ALTERED, "its content has another hash", row.subject)
    if before is not None and row.previous == before.previous:
        return _break(before.seq, Fault.INSERTED, "the next one follows the one before it", before.subject)
    if before is not None and sound and vouched:
        return _break(before.seq, Fault.ALTERED, "the next one knows it by another hash", before.subject)
    return _break(row.seq, Fault.ALTERED, "it does not follow the one before it", row.subject)


def _broken_end(last: Row[Any] | None, head: Row[int, str]) -> Break | None:
    seq, known = (0, GENESIS) if last is None else (last.seq, last.hash)
    if head.seq > seq:
        return _break(seq + 1, Fault.MISSING, f"the chain goes on to record {head.seq}")
    if head.hash != known:
        return _break(seq, Fault.ALTERED, "the head knows it by another hash", "" if last is None else last.subject)
    return None


def _is_sound(row: Row[Any]) -> bool:
    try:
        payload = json.loads(row.payload)
        return bool(encode(payload) == row.payload and record_of(row, payload).expected_hash() == row.hash)
    except (ValueError, IntegrityError):  # text that is no longer JSON of ours
        return False


def _break(seq: int, fault: Fault, found: str, subject: str = "") -> Break:
    return Break(seq=seq, table=audit.name, subject=subject, fault=fault, found=found)


def _broken_rows(connection: Connection, table: Table) -> Iterator[Break]:
    """Give every seal of a table that does not fit its rows, and every row without a seal of this table."""
    seals = _seals_in_force(connection, table)
    query = select(table).order_by(table.c.audit).execution_options(yield_per=_AT_ONCE)
    for seq, group in groupby(connection.execute(query), key=lambda row: int(row.audit)):
        rows = [dict(row._mapping) for row in group]  # noqa: SLF001 - public API of SQLAlchemy despite its name
        sealed = seals.pop(seq, None)
        if sealed is None:
            yield _row_break(table, seq, "", Fault.INSERTED, "no record in force tells of these rows")
        elif len(rows) != sealed.payload["rows"]:
            fault = Fault.MISSING if len(rows) < sealed.payload["rows"] else Fault.INSERTED
            yield _row_break(
                table, seq, sealed.subject, fault, f"{len(rows)} rows, {sealed.payload['rows']} were written"
            )
        elif seal(table, rows) != sealed.payload["digest"]:
            yield _row_break(table, seq, sealed.subject, Fault.ALTERED, "the content has another digest")
    for seq, sealed in seals.items():
        yield _row_break(table, seq, sealed.subject, Fault.MISSING, f"{sealed.payload['rows']} rows were written")


def _seals_in_force(connection: Connection, table: Table) -> dict[int, AuditRecord]:
    """Give the audit records that rows of a table must fit: all of them, of a working table the last one a subject."""
    rows = connection.execute(select(audit).where(audit.c.kind == table.name).order_by(audit.c.seq))
    records = [record_of(row, row.payload) for row in rows]
    if table in CHANGES:
        records = list({record.subject: record for record in records}.values())
    return {record.seq: record for record in records}


def _row_break(table: Table, seq: int, subject: str, fault: Fault, found: str) -> Break:
    return Break(seq=seq, table=table.name, subject=subject, fault=fault, found=found)
