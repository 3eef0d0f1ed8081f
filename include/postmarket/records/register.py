"""The requirement register and the risk file as they were loaded: every text that a run used can be read again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, select

from include.postmarket.model.canonical import digest
from include.postmarket.model.requirement import Requirement
from include.postmarket.model.risk import Matrix, RiskFile, RiskItem
from include.postmarket.records.audit import lock
from include.postmarket.records.codec import T, decode, encode
from include.postmarket.records.engine import reading, writing
from include.postmarket.records.sealed import Act, add_rows
from include.postmarket.records.tables import register


class ItemKind(StrEnum):
    """What the register holds."""

    REQUIREMENT = "requirement"
    RISK_ITEM = "risk_item"
    MATRIX = "matrix"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """Something to be loaded: ``stamp`` is the hash that links point to."""

    kind: ItemKind
    id: str
    version: str
    stamp: str
    content: Requirement | RiskItem | Matrix


class Register:
    """Items by kind and id in numbered revisions, append-only; a text that comes back is a new revision."""

    def __init__(self, engine: Engine, actor: str = "postmarket") -> None:
        self._engine = engine
        self._actor = actor

    def load_requirements(self, requirements: Sequence[Requirement], now: datetime) -> int:
        """Write the requirements that differ from their last revision; gives how many those are."""
        return self._load(
            [
                _Item(kind=ItemKind.REQUIREMENT, id=r.id, version=r.version, stamp=r.stamp, content=r)
                for r in requirements
            ],
            now,
        )

    def load_risk_file(self, risk_file: RiskFile, now: datetime) -> int:
        """Write the matrix and the risk items that differ from their last revision; gives how many those are."""
        version, matrix = risk_file.version, risk_file.matrix
        items = [_Item(kind=ItemKind.MATRIX, id=matrix.id, version=version, stamp=digest(matrix), content=matrix)]
        items += [
            _Item(kind=ItemKind.RISK_ITEM, id=item.id, version=version, stamp=digest(item), content=item)
            for item in risk_file.items
        ]
        return self._load(items, now)

    def requirement(self, item_id: str, stamp: str) -> Requirement | None:
        """Give the last revision of a requirement with a stamp: the text that a link points to. None when unknown."""
        return self._with_stamp(Requirement, ItemKind.REQUIREMENT, item_id, stamp)

    def risk_item(self, item_id: str, stamp: str) -> RiskItem | None:
        """Give the revision of a risk item with a stamp (the digest of the item), None when unknown."""
        return self._with_stamp(RiskItem, ItemKind.RISK_ITEM, item_id, stamp)

    def requirement_revisions(self, item_id: str) -> tuple[Requirement, ...]:
        """Give all revisions of a requirement, oldest first."""
        return self._revisions(Requirement, ItemKind.REQUIREMENT, item_id)

    def risk_item_revisions(self, item_id: str) -> tuple[RiskItem, ...]:
        """Give all revisions of a risk item, oldest first."""
        return self._revisions(RiskItem, ItemKind.RISK_ITEM, item_id)

    def _load(self, items: Sequence[_Item], now: datetime) -> int:
        with writing(self._engine) as connection:
            lock(connection)
            return sum(self._load_one(connection, item, now) for item in items)

    def _load_one(self, connection: Connection, item: _Item, now: datetime) -> int:
        query = select(register.c.revision, register.c.version, register.c.item).where(
            register.c.kind == item.kind.value, register.c.item_id == item.id
        )
        last = connection.execute(query.order_by(register.c.revision.desc()).limit(1)).first()
        if last is not None and (last.version, encode(last.item)) == (
            item.version,
            encode(item.content),
        ):
            return 0
        row = {
            "kind": item.kind.value,
            "item_id": item.id,
            "revision": 1 if last is None else last.revision + 1,
            "version": item.version,
            "stamp": item.stamp,
            "loaded_at": now,
            "item": item.content,
        }
        act = Act(at=now, actor=self._actor, action="load item", subject=f"{item.kind} {item.id}")
        add_rows(connection, register, [row], act)
        return 1

    def _with_stamp(self, kind: type[T], item_kind: ItemKind, item_id: str, stamp: str) -> T | None:
        query = _of(item_kind, item_id).where(register.c.stamp == stamp).order_by(register.c.revision.desc())
        with reading(self._engine) as connection:
            stored = connection.execute(query.limit(1)).scalar()
        return None if stored is None else decode(kind, stored)

    def _revisions(self, kind: type[T], item_kind: ItemKind, item_id: str) -> tuple[T, ...]:
        with reading(self._engine) as connection:
            stored = connection.execute(_of(item_kind, item_id).order_by(register.c.revision)).scalars()
            return tuple(decode(kind, value) for value in stored)


def _of(kind: ItemKind, item_id: str) -> Any:
    return select(register.c.item).where(register.c.kind == kind.value, register.c.item_id == item_id)
