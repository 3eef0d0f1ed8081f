"""The ledger of tickets in PostgreSQL: a twin of the backlog's in-memory one (JIRA.md, filing protocol).

Rows are worked on by several dispatchers at once. Every state change locks its row, looks at the state and writes row
and audit record in one transaction, which is committed before the method returns.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, select

from include.postmarket.model.errors import IntegrityError
from include.postmarket.model.ticket import CommentPlan, LedgerEntry, TicketPlan, TicketState
from include.postmarket.records.audit import lock
from include.postmarket.records.codec import decode
from include.postmarket.records.engine import reading, writing
from include.postmarket.records.sealed import Act, add_rows, change_row
from include.postmarket.records.tables import ticket_comments, tickets

Row = Mapping[Any, Any]


class TicketLedger:
    """The rows that make sure that a ticket is filed once, unique on (site, dedupe key)."""

    def __init__(self, engine: Engine, actor: str = "postmarket") -> None:
        self._engine = engine
        self._actor = actor

    def plan(self, site: str, plans: Sequence[TicketPlan], now: datetime) -> tuple[str, ...]:
        """Insert the new ones in state planned; give the dedupe keys that are new. A known plan stays as it is."""
        if not plans:
            return ()
        with writing(self._engine) as connection:
            lock(connection)
            known = set(connection.execute(select(tickets.c.dedupe_key).where(tickets.c.site == site)).scalars())
            new: dict[str, TicketPlan] = {}
            for plan in plans:
                if plan.dedupe_key not in known:
                    new.setdefault(plan.dedupe_key, plan)
            for key, plan in new.items():
                add_rows(connection, tickets, [_planned(site, plan, now)], self._act("plan ticket", site, key, now))
            return tuple(new)

    def entry(self, site: str, dedupe_key: str) -> LedgerEntry | None:
        """Give one row, None when no such ticket was planned."""
        with reading(self._engine) as connection:
            row = connection.execute(_one(site, dedupe_key)).mappings().first()
        return None if row is None else _entry(row)

    def entries(self, site: str, states: Sequence[TicketState]) -> tuple[LedgerEntry, ...]:
        """Give the rows in these states, oldest first. A row that is sending may be one of a killed process."""
        wanted = [state.value for state in states]
        query = select(tickets).where(tickets.c.site == site, tickets.c.state.in_(wanted))
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(tickets.c.since, tickets.c.dedupe_key)).mappings()
            return tuple(_entry(row) for row in rows)

    def all(self) -> tuple[LedgerEntry, ...]:
        """Give the rows of every site, the latest change first."""
        query = select(tickets).order_by(tickets.c.since.desc(), tickets.c.dedupe_key)
        with reading(self._engine) as connection:
            return tuple(_entry(row) for row in connection.execute(query).mappings())

    def of_signal(self, site: str, signal_id: str) -> tuple[LedgerEntry, ...]:
        """Give the tickets of a signal in the order they were planned: the last one is the one that counts."""
        query = select(tickets).where(tickets.c.site == site, tickets.c.signal_id == signal_id)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(tickets.c.planned_at, tickets.c.audit)).mappings()
            return tuple(_entry(row) for row in rows)

    def claim(self, site: str, dedupe_key: str, last_key_seen: str, now: datetime) -> LedgerEntry | None:
        """Turn planned into sending with attempt + 1; None when it is not planned or someone else holds it.

        Raises IntegrityError when no such ticket was planned.
        """
        with writing(self._engine) as connection:
            held = _one(site, dedupe_key).with_for_update(skip_locked=True, key_share=True)
            row = connection.execute(held).mappings().first()
            if row is None:
                _refuse_unknown(connection, site, dedupe_key)
                return None
            if row["state"] != TicketState.PLANNED:
                return None
            changes = {
                "state": TicketState.SENDING.value,
                "attempt": row["attempt"] + 1,
                "since": now,
                "last_key_seen": last_key_seen,
                "message": "",
            }
            return self._change(connection, row, changes, "claim ticket")

    def filed(self, site: str, dedupe_key: str, issue_id: str, issue_key: str, now: datetime) -> None:
        """Write down the issue, from whatever state; nothing when it is written down already.

        Raises IntegrityError when another one was written before, or no such ticket was planned.
        """
        with writing(self._engine) as connection:
            row = _held(connection, site, dedupe_key)
            if row["state"] != TicketState.FILED:
                changes = {
                    "state": TicketState.FILED.value,
                    "since": now,
                    "issue_id": issue_id,
                    "issue_key": issue_key,
                    "message": "",
                }
                self._change(connection, row, changes, "file ticket")
            elif row["issue_id"] != issue_id:
                raise IntegrityError(
                    f"{row['issue_key']} and {issue_key} were both filed for one signal",
                    where=f"ledger, {site}, {dedupe_key}",
                    todo="run the sweep for doubles: it links the later one to the earlier one",
                )

    def ambiguous(self, site: str, dedupe_key: str, message: str, now: datetime) -> None:
        """Say that nobody knows whether the issue exists; ``since`` becomes now. A filed row stays filed."""
        self._doubt(site, dedupe_key, TicketState.AMBIGUOUS, message, now)

    def parked(self, site: str, dedupe_key: str, message: str, now: datetime) -> None:
        """Put it aside for a person, with the words that say why. A filed row stays filed."""
        self._doubt(site, dedupe_key, TicketState.PARKED, message, now)

    def release(self, site: str, dedupe_key: str, now: datetime) -> None:
        """Turn parked or ambiguous into planned; nothing happens in other states."""
        with writing(self._engine) as connection:
            row = _held(connection, site, dedupe_key)
            if row["state"] in {TicketState.PARKED, TicketState.AMBIGUOUS}:
                changes = {"state": TicketState.PLANNED.value, "since": now, "message": ""}
                self._change(connection, row, changes, "release ticket")

    def plan_comments(self, site: str, plans: Sequence[CommentPlan], now: datetime) -> None:
        """Insert comments whose event is new."""
        if not plans:
            return
        with writing(self._engine) as connection:
            lock(connection)
            query = select(ticket_comments.c.event).where(ticket_comments.c.site == site)
            known = set(connection.execute(query).scalars())
            for plan in plans:
                if plan.event not in known:
                    known.add(plan.event)
                    act = self._act("plan comment", site, plan.event, now)
                    add_rows(connection, ticket_comments, [_planned_comment(site, plan, now)], act)

    def open_comments(self, site: str) -> tuple[CommentPlan, ...]:
        """Give the comments not yet written, oldest first."""
        open_state = ticket_comments.c.state == TicketState.PLANNED.value
        query = select(ticket_comments.c.plan).where(ticket_comments.c.site == site, open_state)
        with reading(self._engine) as connection:
            stored = connection.execute(query.order_by(ticket_comments.c.number)).scalars()
            return tuple(decode(CommentPlan, value) for value in stored)

    def comment_done(self, site: str, event: str, comment_id: str, now: datetime) -> None:
        """Write down that the comment is there; nothing when that is written down already.

        Raises IntegrityError when no such comment was planned.
        """
        with writing(self._engine) as connection:
            wanted = select(ticket_comments).where(ticket_comments.c.site == site, ticket_comments.c.event == event)
            row = connection.execute(wanted.with_for_update(key_share=True)).mappings().first()
            if row is None:
                raise _unknown(site, event)
            if row["state"] == TicketState.PLANNED:
                changes = {"state": TicketState.FILED.value, "since": now, "comment_id": comment_id}
                act = self._act("write comment", site, event, now)
                change_row(connection, ticket_comments, row, changes, act)

    def _doubt(self, site: str, dedupe_key: str, state: TicketState, message: str, now: datetime) -> None:
        with writing(self._engine) as connection:
            row = _held(connection, site, dedupe_key)
            if row["state"] != TicketState.FILED:
                changes = {"state": state.value, "since": now, "message": message}
                self._change(connection, row, changes, f"ticket {state.value}")

    def _change(self, connection: Connection, row: Row, changes: Row, action: str) -> LedgerEntry:
        act = self._act(action, row["site"], row["dedupe_key"], changes["since"])
        return _entry(change_row(connection, tickets, row, changes, act))

    def _act(self, action: str, site: str, key: str, now: datetime) -> Act:
        return Act(at=now, actor=self._actor, action=action, subject=f"{site} {key}")


def _one(site: str, dedupe_key: str) -> Select[Any]:
    return select(tickets).where(tickets.c.site == site, tickets.c.dedupe_key == dedupe_key)


def _held(connection: Connection, site: str, dedupe_key: str) -> Row:
    """Give a row that nobody else can change before this transaction ends."""
    row = connection.execute(_one(site, dedupe_key).with_for_update(key_share=True)).mappings().first()
    if row is None:
        raise _unknown(site, dedupe_key)
    return row


def _refuse_unknown(connection: Connection, site: str, dedupe_key: str) -> None:
    if connection.execute(_one(site, dedupe_key)).first() is None:
        raise _unknown(site, dedupe_key)


def _unknown(site: str, key: str) -> IntegrityError:
    return IntegrityError(
        "nothing like that was planned", where=f"ledger, {site}, {key}", todo="plan it before it is sent"
    )


def _planned(site: str, plan: TicketPlan, now: datetime) -> dict[str, Any]:
    return {
        "site": site,
        "dedupe_key": plan.dedupe_key,
        "signal_id": plan.signal_id,
        "plan": plan,
        "planned_at": now,
        "state": TicketState.PLANNED.value,
        "attempt": 0,
        "since": now,
        "issue_id": "",
        "issue_key": "",
        "message": "",
        "last_key_seen": "",
    }


def _planned_comment(site: str, plan: CommentPlan, now: datetime) -> dict[str, Any]:
    return {
        "site": site,
        "event": plan.event,
        "dedupe_key": plan.dedupe_key,
        "plan": plan,
        "planned_at": now,
        "state": TicketState.PLANNED.value,
        "since": now,
        "comment_id": "",
    }


def _entry(row: Row) -> LedgerEntry:
    return LedgerEntry(
        site=row["site"],
        plan=decode(TicketPlan, row["plan"]),
        state=TicketState(row["state"]),
        attempt=row["attempt"],
        since=row["since"],
        issue_id=row["issue_id"],
        issue_key=row["issue_key"],
        message=row["message"],
        last_key_seen=row["last_key_seen"],
    )
