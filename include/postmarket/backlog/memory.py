"""The ledger's in-memory twin: the same behaviour as the PostgreSQL one, for tests and for the demo without a store."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from include.postmarket.model.errors import IntegrityError
from include.postmarket.model.ticket import CommentPlan, LedgerEntry, TicketPlan, TicketState


@dataclass(slots=True)
class MemoryLedger:
    """A `ports.Ledger` in two dictionaries."""

    _rows: dict[tuple[str, str], LedgerEntry] = field(default_factory=dict)
    _comments: dict[tuple[str, str], CommentPlan] = field(default_factory=dict)
    _written: dict[tuple[str, str], str] = field(default_factory=dict)

    def plan(self, site: str, plans: Sequence[TicketPlan], now: datetime) -> tuple[str, ...]:
        """Insert the new ones in state planned; give the dedupe keys that are new."""
        new = []
        for plan in plans:
            if (site, plan.dedupe_key) not in self._rows:
                self._rows[site, plan.dedupe_key] = LedgerEntry(
                    site=site, plan=plan, state=TicketState.PLANNED, attempt=0, since=now
                )
                new.append(plan.dedupe_key)
        return tuple(new)

    def entry(self, site: str, dedupe_key: str) -> LedgerEntry | None:
        """Give one row."""
        return self._rows.get((site, dedupe_key))

    def entries(self, site: str, states: Sequence[TicketState]) -> tuple[LedgerEntry, ...]:
        """Give the rows in these states, oldest first."""
        found = (row for (of, _), row in self._rows.items() if of == site and row.state in states)
        return tuple(sorted(found, key=lambda row: (row.since, row.plan.dedupe_key)))

    def claim(self, site: str, dedupe_key: str, last_key_seen: str, now: datetime) -> LedgerEntry | None:
        """Turn planned into sending with attempt + 1; None when it is not planned (someone else holds it)."""
        row = self._row(site, dedupe_key)
        if row.state is not TicketState.PLANNED:
            return None
        claimed = replace(
            row,
            state=TicketState.SENDING,
            attempt=row.attempt + 1,
            since=now,
            last_key_seen=last_key_seen,
            message="",
        )
        self._rows[site, dedupe_key] = claimed
        return claimed

    def filed(self, site: str, dedupe_key: str, issue_id: str, issue_key: str, now: datetime) -> None:
        """Write down the issue, from whatever state; raises IntegrityError when another one was written before."""
        row = self._row(site, dedupe_key)
        if row.state is TicketState.FILED:
            if row.issue_id != issue_id:
                raise IntegrityError(
                    f"{row.issue_key} and {issue_key} were both filed for one signal",
                    where=f"ledger, {site}, {dedupe_key}",
                    todo="run the sweep for doubles: it links the later one to the earlier one",
                )
            return
        self._rows[site, dedupe_key] = replace(
            row, state=TicketState.FILED, since=now, issue_id=issue_id, issue_key=issue_key, message=""
        )

    def ambiguous(self, site: str, dedupe_key: str, message: str, now: datetime) -> None:
        """Say that nobody knows whether the issue exists; ``since`` becomes now."""
        self._doubt(site, dedupe_key, TicketState.AMBIGUOUS, message, now)

    def parked(self, site: str, dedupe_key: str, message: str, now: datetime) -> None:
        """Put it aside for a person, with the words that say why."""
        self._doubt(site, dedupe_key, TicketState.PARKED, message, now)

    def release(self, site: str, dedupe_key: str, now: datetime) -> None:
        """Turn parked or ambiguous into planned; nothing happens in other states."""
        row = self._row(site, dedupe_key)
        if row.state in {TicketState.PARKED, TicketState.AMBIGUOUS}:
            self._rows[site, dedupe_key] = replace(row, state=TicketState.PLANNED, since=now, message="")

    def plan_comments(self, site: str, plans: Sequence[CommentPlan], now: datetime) -> None:  # noqa: ARG002 - port
        """Insert comments whose event is new."""
        for plan in plans:
            self._comments.setdefault((site, plan.event), plan)

    def open_comments(self, site: str) -> tuple[CommentPlan, ...]:
        """Give the comments not yet written, oldest first."""
        return tuple(plan for key, plan in self._comments.items() if key[0] == site and key not in self._written)

    def comment_done(self, site: str, event: str, comment_id: str, now: datetime) -> None:  # noqa: ARG002 - port
        """Write down that the comment is there."""
        self._written.setdefault((site, event), comment_id)

    def _row(self, site: str, dedupe_key: str) -> LedgerEntry:
        row = self._rows.get((site, dedupe_key))
        if row is None:
            raise IntegrityError(
                "no such ticket was planned", where=f"ledger, {site}, {dedupe_key}", todo="plan it before it is sent"
            )
        return row

    def _doubt(self, site: str, dedupe_key: str, state: TicketState, message: str, now: datetime) -> None:
        row = self._row(site, dedupe_key)
        if row.state is not TicketState.FILED:
            self._rows[site, dedupe_key] = replace(row, state=state, message=message, since=now)
