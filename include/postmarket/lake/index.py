"""The batch index: which batches are published, in which order. What is not in it cannot be seen by anyone."""

from dataclasses import dataclass, field
from typing import Protocol

from include.postmarket.lake.store import Store
from include.postmarket.model.batch import Outcome, Source
from include.postmarket.model.errors import IntegrityError


class BatchIndex(Protocol):
    """Published outcomes, append-only; the order of acceptance is kept and never changes."""

    def publish(self, outcome: Outcome) -> None:
        """Add an outcome. Does nothing when the same outcome is there.

        Raises IntegrityError when another outcome is published for that batch.
        """

    def outcomes(self, source: Source) -> tuple[Outcome, ...]:
        """Give all outcomes of a source in order of acceptance, stopped ones included."""

    def outcome(self, batch: str) -> Outcome | None:
        """Give the outcome of a batch, None when it is not published."""


@dataclass(frozen=True, slots=True)
class Lake:
    """The two things the lake is made of."""

    store: Store
    index: BatchIndex


@dataclass(slots=True)
class MemoryIndex:
    """The index in memory: for tests, and for looking at a file without a database."""

    published: list[Outcome] = field(default_factory=list)

    def publish(self, outcome: Outcome) -> None:
        """Add an outcome once."""
        known = self.outcome(outcome.landing.batch)
        if known is None:
            self.published.append(outcome)
        elif known != outcome:
            raise IntegrityError(
                f"batch {outcome.landing.batch} is published with another outcome",
                where="batch index",
                todo="two runs settled the same pull; keep the published outcome and look at why they differ",
            )

    def outcomes(self, source: Source) -> tuple[Outcome, ...]:
        """Give the outcomes of a source, oldest first."""
        return tuple(o for o in self.published if o.landing.source is source)

    def outcome(self, batch: str) -> Outcome | None:
        """Look a batch up."""
        return next((o for o in self.published if o.landing.batch == batch), None)
