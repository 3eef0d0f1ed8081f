"""The batch index: which batches are published, in which order. What is not in it cannot be seen by anyone."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from include.postmarket.lake.store import Store
from include.postmarket.model.batch import Outcome, Source
from include.postmarket.model.errors import IntegrityError
from include.postmarket.model.quarantine import Decision, refuse_decided


class BatchIndex(Protocol):
    """Published outcomes and decisions, append-only; the order of acceptance is kept and never changes."""

    def alone(self, source: Source) -> AbstractContextManager[None]:
        """Keep every other process from settling rows of this source: from the look at what is known to publishing.

        Raises UnavailableError when another one does so for longer than a caller should wait.
        """

    def publish(self, outcome: Outcome, now: datetime) -> None:
        """Add an outcome. Does nothing when the same outcome is there.

        Raises IntegrityError when another outcome is published for that batch.
        """

    def decide(self, decision: Decision, outcome: Outcome | None) -> None:
        """Add a decision, and in the same moment the outcome of the batch that its rows became, if any.

        Does nothing when the same decision is there. Raises InputError when one of its rows was decided before.
        """

    def outcomes(self, source: Source, until: datetime | None = None) -> tuple[Outcome, ...]:
        """Give the outcomes of a source in order of acceptance, stopped ones included.

        With ``until`` only those that were published at that moment.
        """

    def outcome(self, batch: str) -> Outcome | None:
        """Give the outcome of a batch, None when it is not published."""

    def decisions(self, source: Source) -> tuple[Decision, ...]:
        """Give the decisions about rows of a source, oldest first."""


@dataclass(frozen=True, slots=True)
class Lake:
    """The two things the lake is made of."""

    store: Store
    index: BatchIndex


@dataclass(slots=True)
class MemoryIndex:
    """The index in memory: for tests, and for looking at a file without a database."""

    published: list[tuple[datetime, Outcome]] = field(default_factory=list)
    decided: list[Decision] = field(default_factory=list)
    turns: dict[Source, threading.Lock] = field(default_factory=lambda: {s: threading.Lock() for s in Source})

    @contextmanager
    def alone(self, source: Source) -> Iterator[None]:
        """Let one thread at a time settle a source."""
        with self.turns[source]:
            yield

    def publish(self, outcome: Outcome, now: datetime) -> None:
        """Add an outcome once."""
        known = self.outcome(outcome.landing.batch)
        if known is None:
            self.published.append((max([now, *(at for at, _ in self.published[-1:])]), outcome))
        elif known != outcome:
            raise IntegrityError(
                f"batch {outcome.landing.batch} is published with another outcome",
                where="batch index",
                todo="two runs settled the same pull; keep the published outcome and look at why they differ",
            )

    def decide(self, decision: Decision, outcome: Outcome | None) -> None:
        """Add a decision once."""
        earlier = [d for d in self.decided if d.batch == decision.batch]
        if decision.id in {d.id for d in earlier}:
            return
        refuse_decided(decision, earlier)
        if outcome is not None:
            self.publish(outcome, decision.grounds.at)
        self.decided.append(decision)

    def outcomes(self, source: Source, until: datetime | None = None) -> tuple[Outcome, ...]:
        """Give the outcomes of a source, oldest first."""
        return tuple(o for at, o in self.published if o.landing.source is source and (until is None or at <= until))

    def outcome(self, batch: str) -> Outcome | None:
        """Give the outcome of a batch."""
        return next((o for _, o in self.published if o.landing.batch == batch), None)

    def decisions(self, source: Source) -> tuple[Decision, ...]:
        """Give the decisions about rows of a source, oldest first."""
        of_source = {o.landing.batch for o in self.outcomes(source)}
        return tuple(d for d in self.decided if d.batch in of_source)
