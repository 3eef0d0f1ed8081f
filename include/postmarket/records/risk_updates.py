"""Proposed changes of the risk file, kept as they were drafted; nothing here is in force before it is signed (G5)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine, select

from include.postmarket.model.risk import RiskUpdate
from include.postmarket.records.audit import lock
from include.postmarket.records.codec import decode
from include.postmarket.records.engine import reading, writing
from include.postmarket.records.sealed import Act, add_rows
from include.postmarket.records.tables import risk_updates


class RiskUpdates:
    """Risk updates, append-only; one per signal and risk item: the first draft stays."""

    def __init__(self, engine: Engine, actor: str = "postmarket") -> None:
        self._engine = engine
        self._actor = actor

    def propose(self, updates: Sequence[RiskUpdate], now: datetime) -> tuple[RiskUpdate, ...]:
        """Write the updates whose signal and risk item have none yet; gives those that are new."""
        with writing(self._engine) as connection:
            lock(connection)
            query = select(risk_updates.c.signal_id, risk_updates.c.risk_id)
            known = {(row.signal_id, row.risk_id) for row in connection.execute(query)}
            new: dict[tuple[str, str], RiskUpdate] = {}
            for update in updates:
                if (update.signal_id, update.risk_id) not in known:
                    new.setdefault((update.signal_id, update.risk_id), update)
            for update in new.values():
                row = {
                    "update_id": update.id,
                    "signal_id": update.signal_id,
                    "risk_id": update.risk_id,
                    "proposed_at": now,
                    "update": update,
                }
                act = Act(at=now, actor=self._actor, action="propose risk update", subject=update.id)
                add_rows(connection, risk_updates, [row], act)
            return tuple(new.values())

    def update(self, update_id: str) -> RiskUpdate | None:
        """Give one update, None when there is none of that id."""
        query = select(risk_updates.c.update).where(risk_updates.c.update_id == update_id)
        with reading(self._engine) as connection:
            stored = connection.execute(query).scalar()
        return None if stored is None else decode(RiskUpdate, stored)

    def of_signal(self, signal_id: str) -> tuple[RiskUpdate, ...]:
        """Give the updates that a signal proposes, oldest first."""
        query = select(risk_updates.c.update).where(risk_updates.c.signal_id == signal_id)
        with reading(self._engine) as connection:
            stored = connection.execute(query.order_by(risk_updates.c.number)).scalars()
            return tuple(decode(RiskUpdate, value) for value in stored)

    def all(self) -> tuple[RiskUpdate, ...]:
        """Give all updates, oldest first."""
        with reading(self._engine) as connection:
            stored = connection.execute(select(risk_updates.c.update).order_by(risk_updates.c.number)).scalars()
            return tuple(decode(RiskUpdate, value) for value in stored)
