"""Where filed tickets stand in the tracker, and who decided about those closed undone: append-only.

A standing is written only when it differs from the last one, so reading twice changes nothing (G10), and neither do our
own comments and links: they are not part of a standing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, Table, select
from sqlalchemy.dialects.postgresql import distinct_on

from include.postmarket.model.ticket import KeptStanding, RejectionDecision, TicketStanding
from include.postmarket.records.audit import lock
from include.postmarket.records.codec import decode
from include.postmarket.records.engine import reading, writing
from include.postmarket.records.sealed import Act, add_rows
from include.postmarket.records.tables import ticket_decisions, ticket_standings


class TicketStandings:
    """Standings and decisions by ticket, in the order they were written."""

    def __init__(self, engine: Engine, actor: str = "postmarket") -> None:
        self._engine = engine
        self._actor = actor

    def record(self, found: Sequence[KeptStanding]) -> tuple[KeptStanding, ...]:
        """Write the standings that differ from the last one of their ticket; gives those."""
        with writing(self._engine) as connection:
            lock(connection)
            new = []
            for kept in found:
                last = connection.execute(_latest(kept.site, kept.dedupe_key)).first()
                if last is None or decode(TicketStanding, last.standing) != kept.standing:
                    self._add(connection, ticket_standings, _row(kept), kept.at)
                    new.append(kept)
            return tuple(new)

    def latest(self, site: str) -> dict[str, KeptStanding]:
        """Give the last standing of every ticket of a site, by dedupe key."""
        one = ticket_standings.c
        query = select(ticket_standings).where(one.site == site).ext(distinct_on(one.dedupe_key))
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(one.dedupe_key, one.number.desc()))
            return {row.dedupe_key: _kept(row) for row in rows}

    def of_ticket(self, site: str, dedupe_key: str) -> KeptStanding | None:
        """Give the last standing of a ticket, None when it was never read."""
        one = ticket_standings.c
        query = select(ticket_standings).where(one.site == site, one.dedupe_key == dedupe_key)
        with reading(self._engine) as connection:
            row = connection.execute(query.order_by(one.number.desc()).limit(1)).first()
            return None if row is None else _kept(row)

    def all(self) -> tuple[KeptStanding, ...]:
        """Give the standings of every site, oldest first."""
        with reading(self._engine) as connection:
            return tuple(map(_kept, connection.execute(select(ticket_standings).order_by(ticket_standings.c.number))))

    def decide(self, decision: RejectionDecision) -> bool:
        """Write a decision; False when the ticket has one already."""
        with writing(self._engine) as connection:
            lock(connection)
            mine = ticket_decisions.c
            known = select(mine.number).where(mine.site == decision.site, mine.dedupe_key == decision.dedupe_key)
            if connection.execute(known).first() is not None:
                return False
            row = {
                "site": decision.site,
                "dedupe_key": decision.dedupe_key,
                "signal_id": decision.signal_id,
                "at": decision.at,
                "decision": decision,
            }
            self._add(connection, ticket_decisions, row, decision.at)
            return True

    def decision(self, site: str, dedupe_key: str) -> RejectionDecision | None:
        """Give the decision about a ticket, None when there is none."""
        mine = ticket_decisions.c
        query = select(mine.decision).where(mine.site == site, mine.dedupe_key == dedupe_key)
        with reading(self._engine) as connection:
            stored = connection.execute(query).scalar()
            return None if stored is None else decode(RejectionDecision, stored)

    def decisions(self) -> tuple[RejectionDecision, ...]:
        """Give the decisions of every site, oldest first."""
        query = select(ticket_decisions.c.decision).order_by(ticket_decisions.c.number)
        with reading(self._engine) as connection:
            return tuple(decode(RejectionDecision, stored) for stored in connection.execute(query).scalars())

    def _add(self, connection: Connection, table: Table, row: dict[str, Any], now: datetime) -> None:
        subject = f"{row['site']} {row['dedupe_key']}"
        action = "read ticket" if table is ticket_standings else "decide on ticket"
        add_rows(connection, table, [row], Act(at=now, actor=self._actor, action=action, subject=subject))


def _latest(site: str, dedupe_key: str) -> Select[Any]:
    one = ticket_standings.c
    query = select(one.standing).where(one.site == site, one.dedupe_key == dedupe_key)
    return query.order_by(one.number.desc()).limit(1)


def _row(kept: KeptStanding) -> dict[str, Any]:
    return {
        "site": kept.site,
        "dedupe_key": kept.dedupe_key,
        "signal_id": kept.signal_id,
        "at": kept.at,
        "standing": kept.standing,
    }


def _kept(row: Row[Any]) -> KeptStanding:
    return KeptStanding(
        site=row.site,
        dedupe_key=row.dedupe_key,
        signal_id=row.signal_id,
        at=row.at,
        standing=decode(TicketStanding, row.standing),
    )
