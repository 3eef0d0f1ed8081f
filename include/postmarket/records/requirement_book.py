"""Imported registers on record: every version of every item, and which stamp every link holds. Append-only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, select

from include.postmarket.model.errors import InputError
from include.postmarket.model.register import Change, Difference, ImportRecord, Item, LinkKey
from include.postmarket.records.audit import lock
from include.postmarket.records.codec import decode
from include.postmarket.records.engine import reading, writing
from include.postmarket.records.sealed import Act, add_rows
from include.postmarket.records.tables import link_stamps, register_imports, register_items

REQUIREMENTS, EVIDENCE = "requirements", "evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStamp:
    """The stamp that a link holds: since when, by whom and why."""

    key: LinkKey
    sequence: int
    stamp: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearing:
    """What a person says of a suspect link: ``stamp`` is the target as that person saw it."""

    key: LinkKey
    stamp: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """An import to be written: what it is, what it changes in which part, and the stamps of links that hold none yet.

    ``after`` is the number of the import that the difference was computed against.
    """

    record: ImportRecord
    part: str
    difference: Difference
    stamps: Mapping[LinkKey, str]
    after: int


class RequirementBook:
    """Registers by name; an item is what its last row says."""

    def __init__(self, engine: Engine, actor: str = "postmarket") -> None:
        self._engine = engine
        self._actor = actor

    def registers(self) -> tuple[str, ...]:
        """Give the names of all registers."""
        with reading(self._engine) as connection:
            query = select(register_imports.c.register).distinct().order_by(register_imports.c.register)
            return tuple(connection.execute(query).scalars())

    def items(self, register: str, part: str = "") -> dict[str, Item]:
        """Give the items of a register as they are now, removed ones left out; of one part when it is named."""
        last = select(func.max(register_items.c.number)).where(register_items.c.register == register)
        query = (
            select(register_items.c.item_id, register_items.c.item, register_items.c.part)
            .where(register_items.c.number.in_(last.group_by(register_items.c.item_id)))
            .where(register_items.c.change != Change.REMOVED.value)
            .order_by(register_items.c.number)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return {row.item_id: decode(Item, row.item) for row in rows if part in {"", row.part}}

    def versions(self, register: str, item_id: str) -> tuple[tuple[Change, Item], ...]:
        """Give everything an item was, oldest first."""
        query = select(register_items.c.change, register_items.c.item).where(
            register_items.c.register == register, register_items.c.item_id == item_id
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(register_items.c.number)).all()
        return tuple((Change(row.change), decode(Item, row.item)) for row in rows)

    def imports(self, register: str) -> tuple[ImportRecord, ...]:
        """Give the imports that changed a register, oldest first."""
        query = select(register_imports.c["import"]).where(register_imports.c.register == register)
        with reading(self._engine) as connection:
            stored = connection.execute(query.order_by(register_imports.c.sequence)).scalars()
            return tuple(decode(ImportRecord, value) for value in stored)

    def stamps(self, register: str) -> dict[LinkKey, LinkStamp]:
        """Give the stamp that every link of a register holds now."""
        with reading(self._engine) as connection:
            return _stamps(connection, register)

    def take(self, arrival: Arrival, now: datetime) -> None:
        """Write an import with all of its items and the first stamps of links: all of it, or nothing.

        Raises InputError when another import came in between: what this one compared with is no longer what is there.
        """
        record = arrival.record
        with writing(self._engine) as connection:
            lock(connection)
            query = select(register_imports.c.sequence, register_imports.c["import"])
            query = query.where(register_imports.c.register == record.register)
            last = connection.execute(query.order_by(register_imports.c.sequence.desc()).limit(1)).first()
            if last is not None and decode(ImportRecord, last[1]) == record:
                return  # a write that is repeated because its answer was lost
            if (0 if last is None else last.sequence) != arrival.after:
                raise InputError(
                    "the register was changed by another import meanwhile",
                    where=record.register,
                    todo="import it again",
                )
            self._add(connection, register_imports, [_import_row(record, now)], "import register", now)
            self._add(connection, register_items, list(_item_rows(arrival)), "import items", now)
            held = _stamps(connection, record.register)
            reason = f"first seen in import {record.sequence} ({record.source})"
            rows = [
                _stamp_row(LinkStamp(key=key, sequence=1, stamp=stamp, at=now, by=self._actor, reason=reason))
                for key, stamp in arrival.stamps.items()
                if key not in held
            ]
            self._add(connection, link_stamps, rows, "stamp links", now)

    def clear(self, clearings: Sequence[Clearing], now: datetime) -> None:
        """Write that people looked at suspect links: who, when, why, and at which stamp. All of them, or none.

        A link that holds the stamp already is left alone.
        """
        with writing(self._engine) as connection:
            lock(connection)
            for clearing in clearings:
                held = _stamps(connection, clearing.key.register).get(clearing.key)
                if held is not None and held.stamp == clearing.stamp:
                    continue  # cleared at this stamp already
                number = 1 if held is None else held.sequence + 1
                row = _stamp_row(
                    LinkStamp(
                        key=clearing.key, sequence=number, stamp=clearing.stamp, at=now,
                        by=clearing.by, reason=clearing.reason,
                    )
                )  # fmt: skip
                subject = f"{clearing.key.register}: {clearing.key.item} {clearing.key.role} {clearing.key.target}"
                add_rows(
                    connection, link_stamps, [row], Act(at=now, actor=clearing.by, action="clear link", subject=subject)
                )

    def _add(
        self, connection: Connection, table: Table, rows: list[dict[str, Any]], action: str, now: datetime
    ) -> None:
        if rows:
            subject = str(rows[0]["register"])
            add_rows(connection, table, rows, Act(at=now, actor=self._actor, action=action, subject=subject))


def _import_row(record: ImportRecord, now: datetime) -> dict[str, Any]:
    return {"register": record.register, "sequence": record.sequence, "imported_at": now, "import": record}


def _item_rows(arrival: Arrival) -> Iterable[dict[str, Any]]:
    found = arrival.difference
    for change, items in ((Change.NEW, found.new), (Change.CHANGED, found.changed), (Change.REMOVED, found.removed)):
        for item in items:
            yield {
                "register": arrival.record.register,
                "item_id": item.id,
                "sequence": arrival.record.sequence,
                "part": arrival.part,
                "change": change.value,
                "stamp": item.stamp,
                "item": item,
            }


def _stamp_row(stamp: LinkStamp) -> dict[str, Any]:
    key = stamp.key
    return {
        "register": key.register,
        "item_id": key.item,
        "role": key.role,
        "target": key.target,
        "sequence": stamp.sequence,
        "stamp": stamp.stamp,
        "at": stamp.at,
        "by": stamp.by,
        "reason": stamp.reason,
    }


def _stamps(connection: Connection, register: str) -> dict[LinkKey, LinkStamp]:
    query = select(link_stamps).where(link_stamps.c.register == register).order_by(link_stamps.c.number)
    found: dict[LinkKey, LinkStamp] = {}
    for row in connection.execute(query):
        key = LinkKey(register=row.register, item=row.item_id, role=row.role, target=row.target)
        found[key] = LinkStamp(key=key, sequence=row.sequence, stamp=row.stamp, at=row.at, by=row.by, reason=row.reason)
    return found
