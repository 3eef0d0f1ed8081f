"""The lake's batch index: which batches are published, in which order."""

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, func, select

from include.postmarket.model.batch import Outcome, Source
from include.postmarket.model.errors import IntegrityError
from include.postmarket.records.audit import lock
from include.postmarket.records.codec import decode
from include.postmarket.records.engine import reading, writing
from include.postmarket.records.sealed import Act, add_rows
from include.postmarket.records.tables import batches


class BatchIndex:
    """Published outcomes, append-only; a source's batches are numbered from 1 in the order of acceptance."""

    def __init__(self, engine: Engine, actor: str = "postmarket") -> None:
        self._engine = engine
        self._actor = actor

    def publish(self, outcome: Outcome) -> None:
        """Add an outcome, at the moment of its pull. Does nothing when the same outcome is there.

        Raises IntegrityError when another outcome is published for that batch.
        """
        landing = outcome.landing
        with writing(self._engine) as connection:
            lock(connection)  # before the look: two at once are one after the other
            known = _outcome(connection, landing.batch)
            if known is not None:
                _refuse_other(known, outcome)
                return
            last = select(func.coalesce(func.max(batches.c.sequence), 0)).where(batches.c.source == landing.source)
            row = {
                "batch": landing.batch,
                "source": landing.source.value,
                "sequence": connection.execute(last).scalar_one() + 1,
                "accepted_at": landing.pulled_at,
                "outcome": outcome,
            }
            act = Act(at=landing.pulled_at, actor=self._actor, action="publish batch", subject=landing.batch)
            add_rows(connection, batches, [row], act)

    def outcomes(self, source: Source) -> tuple[Outcome, ...]:
        """Give all outcomes of a source in order of acceptance, stopped ones included."""
        return tuple(outcome for _, outcome in self.sequence(source))

    def sequence(self, source: Source) -> tuple[tuple[int, Outcome], ...]:
        """Give all outcomes of a source with their numbers, from 1 in order of acceptance."""
        query = select(batches.c.sequence, batches.c.outcome).where(batches.c.source == source.value)
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


def _outcome(connection: Connection, batch: str) -> Outcome | None:
    stored = connection.execute(select(batches.c.outcome).where(batches.c.batch == batch)).scalar()
    return None if stored is None else decode(Outcome, stored)


def _refuse_other(known: Outcome, outcome: Outcome) -> None:
    if known != outcome:
        raise IntegrityError(
            f"batch {outcome.landing.batch} is published with another outcome",
            where="batch index",
            todo="two runs settled the same pull; keep the published outcome and look at why they differ",
        )
