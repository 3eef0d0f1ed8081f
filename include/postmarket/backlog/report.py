"""What a run of the filer did, ticket by ticket: nothing it touched is missing here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Result(StrEnum):
    """How one ticket stands at the end of a run."""

    FILED = "filed"
    ALREADY_FILED = "already filed"
    ADOPTED = "adopted"  # found in the tracker: created by an attempt whose answer was lost, or by hand
    WAITING = "waiting"
    PARKED = "parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One ticket: where it stands and why; ``until`` is the earliest moment at which trying again makes sense."""

    dedupe_key: str
    signal_id: str
    result: Result
    issue_key: str = ""
    reason: str = ""
    until: datetime | None = None
    notes: tuple[str, ...] = ()  # what was filed differently than planned, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something a filed ticket should have and has not; ``reason`` holds the tracker's words."""

    dedupe_key: str
    issue_key: str
    missing: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingReport:
    """All tickets of one run, and what is missing at filed ones."""

    outcomes: tuple[Outcome, ...]
    gaps: tuple[Gap, ...]

    def of(self, *results: Result) -> tuple[Outcome, ...]:
        """Give the tickets with one of these results."""
        return tuple(outcome for outcome in self.outcomes if outcome.result in results)

    @property
    def done(self) -> bool:
        """Say whether nothing waits; parked tickets wait for a person, not for a run."""
        return not self.of(Result.WAITING)

    @property
    def next_try(self) -> datetime | None:
        """Give the earliest moment at which a waiting ticket can move; None when nothing waits."""
        return _earliest(outcome.until for outcome in self.of(Result.WAITING))


def _earliest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
