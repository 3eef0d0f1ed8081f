"""Writing rows together with the audit record that seals them: the record holds the digest of the rows' content.

So a row that is changed or removed behind our back no longer fits its audit record, and `verification` finds it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import JSON, Connection, Table, and_, insert, update

from include.postmarket.model.canonical import plain
from include.postmarket.records.audit import AuditRecord, Entry, append
from include.postmarket.records.chain import digest_of_rows
from include.postmarket.records.codec import digest_of

#: Columns that are not content: they are given by the database or point to the seal itself.
_OUTSIDE = frozenset({"number", "audit"})
#: What stands before the hash of a secret; no secret begins like that.
_HASHED = "sha256:"
Values = Mapping[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who did what, when; ``subject`` is the id of what it was done to."""

    at: datetime
    actor: str
    action: str
    subject: str


def add_rows(connection: Connection, table: Table, rows: Sequence[Values], act: Act) -> AuditRecord:
    """Insert new rows under one audit record, and give the record; JSON columns take the model's dataclasses."""
    held = [{name: plain(v) if _is_json(table, name) else v for name, v in row.items()} for row in rows]
    record = append(connection, _entry(table, held, act))
    connection.execute(insert(table), [{**row, "audit": record.seq} for row in held])
    return record


def change_row(connection: Connection, table: Table, row: Values, changes: Values, act: Act) -> dict[str, Any]:
    """Change a row of a working table, locked by the caller, under a new audit record; give the row as it is now.

    The record also holds the new values: the row shows the last ones only, the trail all of them (21 CFR 11.10(e)).
    """
    changed = {**row, **changes}
    entry = _entry(table, [changed], act)
    record = append(connection, replace(entry, payload={**entry.payload, "changes": plain(changes)}))
    this = and_(*(column == row[column.name] for column in table.primary_key))
    connection.execute(update(table).where(this).values(**changes, audit=record.seq))
    return {**changed, "audit": record.seq}


def seal(table: Table, rows: Sequence[Values]) -> str:
    """Give the digest of the content of some rows of one table, whatever their order."""
    return digest_of_rows(content_digest(table, row) for row in rows)


def content_digest(table: Table, row: Values) -> str:
    """Give the digest of what a row says, whatever its number and its seal."""
    return digest_of({name: spelled(name, row[name]) for name in content_columns(table)})


def spelled(column: str, value: Any) -> Any:
    """Give a value as its seal covers it, and as an export holds it: moments in UTC, a secret as its hash."""
    if column == "secret":
        return value if value.startswith(_HASHED) else _HASHED + sha256(value.encode()).hexdigest()
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


@cache
def content_columns(table: Table) -> tuple[str, ...]:
    """Give the columns of a table that are content."""
    return tuple(column.name for column in table.columns if column.name not in _OUTSIDE)


def _entry(table: Table, rows: Sequence[Values], act: Act) -> Entry:
    return Entry(
        at=act.at,
        actor=act.actor,
        action=act.action,
        kind=table.name,
        subject=act.subject,
        payload={"rows": len(rows), "digest": seal(table, rows)},
    )


def _is_json(table: Table, name: str) -> bool:
    return isinstance(table.columns[name].type, JSON)
