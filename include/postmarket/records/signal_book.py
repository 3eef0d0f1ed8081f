"""The book of signals: each as it was when it was opened, and the events since."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Engine, select

from include.postmarket.model.canonical import digest
from include.postmarket.model.errors import InputError, IntegrityError
from include.postmarket.model.signal import Detection, Signal, SignalState
from include.postmarket.model.stamp import Stamp
from include.postmarket.records.audit import lock
from include.postmarket.records.codec import decode
from include.postmarket.records.engine import reading, writing
from include.postmarket.records.sealed import Act, add_rows
from include.postmarket.records.tables import signal_events, signals


class EventKind(StrEnum):
    """What happened to a signal."""

    OPENED = "opened"
    PERSISTED = "persisted"
    ATTACHED = "attached"  # an alarm of another key that this signal carries
    MOVED = "moved"  # to another state of the lifecycle


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalEvent:
    """One thing that happened to a signal; ``state`` is the one it was in afterwards."""

    id: str
    signal_id: str
    kind: EventKind
    state: SignalState
    at: datetime
    detection: Detection | None
    stamp: Stamp | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSignal:
    """A signal, the state it is in, and the alarms recorded for it since it was opened."""

    signal: Signal
    state: SignalState
    alarms: tuple[Detection, ...]


class SignalBook:
    """Signals and their events, append-only; one signal per fingerprint and epoch (G3)."""

    def __init__(self, engine: Engine, actor: str = "postmarket") -> None:
        self._engine = engine
        self._actor = actor

    def open(self, signals_found: Sequence[Signal], now: datetime) -> tuple[Signal, ...]:
        """Write the signals that are not in the book, in state detected; gives those that are new."""
        with writing(self._engine) as connection:
            lock(connection)
            known = set(connection.execute(select(signals.c.signal_id)).scalars())
            new = tuple({s.id: s for s in signals_found if s.id not in known}.values())
            for signal in new:
                self._open(connection, signal, now)
            return new

    def latest(self, fingerprint: str) -> tuple[Signal, SignalState] | None:
        """Give the latest epoch of a fingerprint and its state, None when there was never a signal."""
        query = select(signals.c.signal).where(signals.c.fingerprint == fingerprint).order_by(signals.c.epoch.desc())
        with reading(self._engine) as connection:
            stored = connection.execute(query.limit(1)).scalar()
            if stored is None:
                return None
            signal = decode(Signal, stored)
            return signal, _events(connection, signal.id)[-1].state

    def all(self) -> tuple[KeptSignal, ...]:
        """Give all signals, oldest first, each with its state and the alarms since."""
        with reading(self._engine) as connection:
            events: dict[str, list[SignalEvent]] = {}
            for event in _events(connection):
                events.setdefault(event.signal_id, []).append(event)
            stored = connection.execute(select(signals.c.signal).order_by(signals.c.audit)).scalars()
            return tuple(_kept(decode(Signal, value), events) for value in stored)

    def signal(self, signal_id: str) -> KeptSignal | None:
        """Give one signal by its id, None when it is not in the book."""
        with reading(self._engine) as connection:
            stored = connection.execute(select(signals.c.signal).where(signals.c.signal_id == signal_id)).scalar()
            if stored is None:
                return None
            return _kept(decode(Signal, stored), {signal_id: list(_events(connection, signal_id))})

    def plans_of(self, signal_ids: Sequence[str]) -> dict[str, str]:
        """Give the id of the plan behind each of these signals; those not in the book are left out."""
        query = select(signals.c.signal_id, signals.c.plan_id).where(signals.c.signal_id.in_(set(signal_ids)))
        with reading(self._engine) as connection:
            return {row.signal_id: row.plan_id for row in connection.execute(query)}

    def events(self, signal_id: str) -> tuple[SignalEvent, ...]:
        """Give all events of a signal, oldest first; empty when it is not in the book."""
        with reading(self._engine) as connection:
            return _events(connection, signal_id)

    def record_persistence(self, signal_id: str, detection: Detection, stamp: Stamp, now: datetime) -> SignalEvent:
        """Write that an open signal alarmed again, and give the event; the same detection is written once.

        Raises InputError when there is no such signal.
        """
        return self._record_alarm(_alarm(EventKind.PERSISTED, signal_id, detection, stamp, now), "record persistence")

    def record_attachment(self, signal_id: str, detection: Detection, stamp: Stamp, now: datetime) -> SignalEvent:
        """Write that a signal carries an alarm that is not its own (or of a second method), as for persistence."""
        return self._record_alarm(_alarm(EventKind.ATTACHED, signal_id, detection, stamp, now), "record attachment")

    def record_move(self, signal_id: str, source: SignalState, target: SignalState, reason: str, now: datetime) -> bool:
        """Write that a signal went from one state to another; False when it is in the target already.

        Whether the lifecycle allows the move, and by whom, is decided before. Raises IntegrityError when the signal is
        in a third state (someone else moved it), InputError when there is no such signal.
        """
        with writing(self._engine) as connection:
            lock(connection)
            events = _known_events(connection, signal_id)
            state = events[-1].state
            if state is target:
                return False
            if state is not source:
                raise IntegrityError(
                    f"signal {signal_id} is {state}, not {source}",
                    where="book of signals",
                    todo="look at its events: someone else moved it; decide again from there",
                )
            event = SignalEvent(
                id=digest([signal_id, EventKind.MOVED, len(events), target])[:32],
                signal_id=signal_id,
                kind=EventKind.MOVED,
                state=target,
                at=now,
                detection=None,
                stamp=None,
                reason=reason,
            )
            self._add(connection, event, "move signal")
            return True

    def _open(self, connection: Connection, signal: Signal, now: datetime) -> None:
        row = {
            "signal_id": signal.id,
            "fingerprint": signal.fingerprint,
            "epoch": signal.epoch,
            "plan_id": signal.plan_id,
            "opened_at": now,
            "signal": signal,
        }
        act = Act(at=now, actor=self._actor, action="open signal", subject=signal.id)
        add_rows(connection, signals, [row], act)
        event = _alarm(EventKind.OPENED, signal.id, signal.opened_by, signal.stamp, now)
        self._add(connection, event, "open signal")

    def _record_alarm(self, event: SignalEvent, action: str) -> SignalEvent:
        with writing(self._engine) as connection:
            lock(connection)
            events = _known_events(connection, event.signal_id)
            known = next((e for e in events if e.id == event.id), None)
            if known is not None:
                return known
            return self._add(connection, replace(event, state=events[-1].state), action)

    def _add(self, connection: Connection, event: SignalEvent, action: str) -> SignalEvent:
        row = {"event_id": event.id, "signal_id": event.signal_id, "at": event.at, "event": event}
        act = Act(at=event.at, actor=self._actor, action=action, subject=event.id)
        add_rows(connection, signal_events, [row], act)
        return event


def _alarm(kind: EventKind, signal_id: str, detection: Detection, stamp: Stamp, now: datetime) -> SignalEvent:
    """Give the event of an alarm; its id depends on what was detected, not on the run: a catch-up adds nothing."""
    return SignalEvent(
        id=digest([signal_id, kind, detection])[:32],
        signal_id=signal_id,
        kind=kind,
        state=SignalState.DETECTED,
        at=now,
        detection=detection,
        stamp=stamp,
        reason="",
    )


def _events(connection: Connection, signal_id: str | None = None) -> tuple[SignalEvent, ...]:
    query = select(signal_events.c.event).order_by(signal_events.c.audit)
    if signal_id is not None:
        query = query.where(signal_events.c.signal_id == signal_id)
    return tuple(decode(SignalEvent, stored) for stored in connection.execute(query).scalars())


def _known_events(connection: Connection, signal_id: str) -> tuple[SignalEvent, ...]:
    events = _events(connection, signal_id)
    if not events:
        raise InputError(
            f"there is no signal {signal_id}", where="book of signals", todo="open it before telling of it"
        )
    return events


def _kept(signal: Signal, events: dict[str, list[SignalEvent]]) -> KeptSignal:
    own = events[signal.id]
    alarms = tuple(e.detection for e in own if e.detection is not None and e.kind is not EventKind.OPENED)
    return KeptSignal(signal=signal, state=own[-1].state, alarms=alarms)
