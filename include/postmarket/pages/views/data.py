"""The data page: where every row of every pull ended, and the checks that decided it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from include.postmarket.model.batch import NEEDED, Label, Outcome, Source
from include.postmarket.model.quarantine import Decision, Standing, standing
from include.postmarket.pages.reading import Reading, ordered

#: The page of a batch lists this many bad rows; the stored evidence lists all.
LISTED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """The batches of one source, the newest first, and what they add up to."""

    source: Source
    labels: tuple[Label, ...]
    outcomes: tuple[Outcome, ...]
    waiting: frozenset[str]
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchView:
    """One batch with the results of its checks; ``evidence`` is None when nothing is kept under its hash."""

    outcome: Outcome
    evidence: Mapping[str, Any] | None


def source_views(reading: Reading) -> tuple[SourceView, ...]:
    """Give every source with its batches."""
    return tuple(
        _view(source, outcomes, reading.house.batches.decisions(source))
        for source, outcomes in reading.outcomes.items()
        if outcomes or source in NEEDED
    )


def _view(source: Source, outcomes: tuple[Outcome, ...], decisions: tuple[Decision, ...]) -> SourceView:
    return SourceView(
        source=source,
        labels=ordered({o.landing.label for o in outcomes}),
        outcomes=tuple(reversed(outcomes)),
        waiting=frozenset(o.landing.batch for o in waiting_batches(outcomes, decisions)),
        standing=standing(outcomes, decisions),
    )


def batch_view(reading: Reading, batch: str) -> BatchView | None:
    """Give a batch by its id, None when it is not published."""
    outcome = reading.house.batches.outcome(batch)
    if outcome is None:
        return None
    return BatchView(outcome=outcome, evidence=reading.house.evidence.results(outcome.evidence))


def waiting_batches(outcomes: Iterable[Outcome], decisions: Iterable[Decision]) -> tuple[Outcome, ...]:
    """Give the stopped batches that nobody decided about, and whose days no later accepted batch covers."""
    known, decided = list(outcomes), {d.batch for d in decisions}
    return tuple(
        o
        for i, o in enumerate(known)
        if o.stopped and o.landing.batch not in decided and not any(_covers(later, o) for later in known[i + 1 :])
    )


def _covers(later: Outcome, stopped: Outcome) -> bool:
    ours, theirs = stopped.landing, later.landing
    return (
        not later.stopped
        and ours.source is theirs.source
        and theirs.window.start <= ours.window.start
        and theirs.window.end >= ours.window.end
    )
