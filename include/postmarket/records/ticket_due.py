"""What has no row in the ledger of tickets yet, found by the database: the whole book is never read for it."""

from sqlalchemy import Engine, exists, select

from include.postmarket.model.signal import Signal
from include.postmarket.records.codec import decode
from include.postmarket.records.engine import reading
from include.postmarket.records.signal_book import EventKind, SignalEvent
from include.postmarket.records.tables import signal_events, signals, ticket_comments, tickets


class TicketDue:
    """Signals without a ticket and alarms without a comment, at one site of the tracker."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def signals(self, site: str) -> tuple[Signal, ...]:
        """Give the signals that no ticket was planned for, oldest first, whatever their state."""
        planned = exists().where(tickets.c.site == site, tickets.c.signal_id == signals.c.signal_id)
        query = select(signals.c.signal).where(~planned).order_by(signals.c.audit)
        with reading(self._engine) as connection:
            return tuple(decode(Signal, stored) for stored in connection.execute(query).scalars())

    def alarms(self, site: str) -> tuple[SignalEvent, ...]:
        """Give the later alarms of signals that no comment was planned for, oldest first."""
        one = signal_events.c
        told = exists().where(ticket_comments.c.site == site, ticket_comments.c.event == one.event_id)
        kind = one.event["kind"].as_string() == EventKind.PERSISTED.value
        query = select(one.event).where(~told, kind).order_by(one.audit)
        with reading(self._engine) as connection:
            return tuple(decode(SignalEvent, stored) for stored in connection.execute(query).scalars())
