"""The lake's batch index: which batches are published, in which order, and what was decided about rows that wait."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from include.postmarket.model.batch import Outcome, Source
from include.postmarket.model.errors import IntegrityError, UnavailableError
from include.postmarket.model.quarantine import Decision, refuse_decided
from include.postmarket.records.audit import lock
from include.postmarket.records.codec import decode
from include.postmarket.records.engine import explained, reading, writing
from include.postmarket.records.sealed import Act, add_rows
from include.postmarket.records.tables import batches, quarantine_decisions

#: The locks of the lake's sources: "lake" in ASCII, with the source's name hashed beside it.
_LOCK = 0x6C616B65
_STATE_LOCK_TIMEOUT = "55P03"


class BatchIndex:
    """Published outcomes and decisions, append-only; a source's batches are numbered from 1 in order of acceptance."""

    def __init__(self, engine: Engine, actor: str = "postmarket") -> None:
        self._engine = engine
        self._actor = actor

    @contextmanager
    def alone(self, source: Source) -> Iterator[None]:
        """Hold the source's lock; the server takes it back when this process dies.

        Raises UnavailableError when another process held it for as long as a session waits for a lock.
        """
        words = {"lock": _LOCK, "source": source.value}
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            try:
                connection.execute(text("SELECT pg_advisory_lock(:lock, hashtext(:source))"), words)
            except DBAPIError as error:
                raise _busy(error, source, self._engine) from None
            try:
                yield
            finally:
                try:
                    connection.execute(text("SELECT pg_advisory_unlock(:lock, hashtext(:source))"), words)
                except OperationalError:
                    connection.invalidate()  # the session is gone, and its locks with it

    def publish(self, outcome: Outcome, now: datetime) -> None:
        """Add an outcome. Does nothing when the same outcome is there.

        Raises IntegrityError when another outcome is published for that batch.
        """
        with writing(self._engine) as connection:
            lock(connection)  # before the look: two at once are one after the other
            self._add(connection, outcome, now)

    def decide(self, decision: Decision, outcome: Outcome | None) -> None:
        """Add a decision and the outcome of the batch its rows became, both or neither.

        Does nothing when the same decision is there. Raises InputError when one of its rows was decided before.
        """
        grounds = decision.grounds
        with writing(self._engine) as connection:
            lock(connection)
            earlier = _decisions(connection, batches.c.batch == decision.batch)
            if decision.id in {d.id for d in earlier}:
                return
            refuse_decided(decision, earlier)
            if outcome is not None:
                self._add(connection, outcome, grounds.at)
            row = {
                "decision_id": decision.id,
                "batch": decision.batch,
                "verdict": decision.verdict.value,
                "decided_at": grounds.at,
                "decision": decision,
            }
            act = Act(at=grounds.at, actor=grounds.by, action=f"quarantine {decision.verdict}", subject=decision.batch)
            add_rows(connection, quarantine_decisions, [row], act)

    def outcomes(self, source: Source, until: datetime | None = None) -> tuple[Outcome, ...]:
        """Give the outcomes of a source in order of acceptance, stopped ones included."""
        return tuple(outcome for _, outcome in self.sequence(source, until))

    def sequence(self, source: Source, until: datetime | None = None) -> tuple[tuple[int, Outcome], ...]:
        """Give the outcomes of a source with their numbers, from 1 in order of acceptance.

        With ``until`` only those that were published at that moment.
        """
        query = select(batches.c.sequence, batches.c.outcome).where(batches.c.source == source.value)
        if until is not None:
            query = query.where(batches.c.accepted_at <= until)
        with reading(self._engine) as connection:
            found = connection.execute(query.order_by(batches.c.sequence))
            return tuple((row.sequence, decode(Outcome, row.outcome)) for row in found)

    def newest(self, among: Sequence[str]) -> str | None:
        """Give which of these batches was published last, of whatever source; None when none of them is published."""
        query = select(batches.c.batch).where(batches.c.batch.in_(among)).order_by(batches.c.audit.desc())
        with reading(self._engine) as connection:
            return connection.execute(query.limit(1)).scalar()

    def outcome(self, batch: str) -> Outcome | None:
        """Give the outcome of a batch, None when it is not published."""
        with reading(self._engine) as connection:
            return _outcome(connection, batch)

    def decisions(self, source: Source) -> tuple[Decision, ...]:
        """Give the decisions about rows of a source, oldest first."""
        with reading(self._engine) as connection:
            return _decisions(connection, batches.c.source == source.value)

    def _add(self, connection: Connection, outcome: Outcome, now: datetime) -> None:
        landing = outcome.landing
        known = _outcome(connection, landing.batch)
        if known is not None:
            _refuse_other(known, outcome)
            return
        last = select(func.coalesce(func.max(batches.c.sequence), 0), func.max(batches.c.accepted_at))
        number, moment = connection.execute(last.where(batches.c.source == landing.source.value)).one()
        at = max(now, moment) if moment else now  # clocks differ; what came later was never accepted earlier
        row = {
            "batch": landing.batch,
            "source": landing.source.value,
            "sequence": number + 1,
            "accepted_at": at,
            "outcome": outcome,
        }
        act = Act(at=at, actor=self._actor, action="publish batch", subject=landing.batch)
        add_rows(connection, batches, [row], act)


def _outcome(connection: Connection, batch: str) -> Outcome | None:
    stored = connection.execute(select(batches.c.outcome).where(batches.c.batch == batch)).scalar()
    return None if stored is None else decode(Outcome, stored)


def _decisions(connection: Connection, condition: ColumnElement[bool]) -> tuple[Decision, ...]:
    query = select(quarantine_decisions.c.decision).join(batches).where(condition)
    found = connection.execute(query.order_by(quarantine_decisions.c.number))
    return tuple(decode(Decision, row.decision) for row in found)


def _refuse_other(known: Outcome, outcome: Outcome) -> None:
    if known != outcome:
        raise IntegrityError(
            f"batch {outcome.landing.batch} is published with another outcome",
            where="batch index",
            todo="two runs settled the same pull; keep the published outcome and look at why they differ",
        )


def _busy(error: DBAPIError, source: Source, engine: Engine) -> Exception:
    if getattr(error.orig, "sqlstate", None) != _STATE_LOCK_TIMEOUT:
        return explained(error, engine)
    return UnavailableError(
        f"another process is accepting rows of {source.value}",
        where="batch index",
        todo="try again when it is done; both pulls will be kept",
    )
