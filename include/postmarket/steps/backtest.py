"""Back-test: a plan on each month of the past in turn, on what was known then; nothing is written or filed.

It asks what the schedule asks: the same snapshot, `detect.judge` and `reconcile`. Only the book of signals is its own,
empty at the start and kept in memory, and nobody reviews or closes a signal in it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from include.postmarket.lake import snapshots
from include.postmarket.lake.index import Lake, MemoryIndex
from include.postmarket.lake.past import Past, recall
from include.postmarket.model.batch import Outcome, Snapshot, Source
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.period import Period, periods
from include.postmarket.model.signal import Detection, SignalState
from include.postmarket.series.counts import Rows
from include.postmarket.series.scope import observed
from include.postmarket.signals.reconcile import reconcile
from include.postmarket.signals.reconciliation import KnownSignal, Reconciliation
from include.postmarket.steps import detect
from include.postmarket.steps.house import Dossier, House


class KnownBy(StrEnum):
    """What a back-test takes as known at the end of a month.

    ``received``: the rows received before it, by the day that they carry, whenever they were pulled; a row that was
    corrected later is seen as corrected. ``pulled``: of these, only what the site itself had pulled when the last of
    the plan's sources for the month came in.
    """

    RECEIVED = "received"
    PULLED = "pulled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is replayed: a plan with its risk file, from the first to the last month, both included."""

    dossier: Dossier
    first: Period
    last: Period
    known_by: KnownBy = KnownBy.RECEIVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What was said of one month. ``raised`` is the first day on which its run could have been made.

    ``complete`` is the day on which the site had pulled the month from the last of the plan's sources, None when no
    source was ever pulled for it.
    """

    period: Period
    run_id: str
    raised: date
    complete: date | None
    detections: tuple[Detection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A plan's past as it would have been: month by month, and the signals at the end with all their alarms."""

    question: Question
    months: tuple[Month, ...]
    book: tuple[KnownSignal, ...]


def replay(house: House, question: Question, tell: Callable[[Period], None]) -> Replay:
    """Evaluate and reconcile each month in turn, in memory; ``tell`` is called before each.

    Reads every source once. Raises ConfigurationError when the last month lies before the first, and what
    `lake.snapshots.read` raises.
    """
    if question.last < question.first:
        raise ConfigurationError(
            f"{question.last} lies before {question.first}", where="back-test", todo="give an earlier --from"
        )
    plan, risk_file = question.dossier.plan, question.dossier.risk_file
    data = _remember(house, question)
    book: dict[str, KnownSignal] = {}
    months: list[Month] = []
    for period in periods(question.first, question.last):
        tell(period)
        complete = _complete(data.index, sorted(data.past), period)
        snapshot = _snapshot(data.index, question.known_by, period, complete)
        found = detect.judge(plan, period, data.tables(snapshot))
        stamp = detect.make_stamp(plan, period, snapshot)
        _enter(book, reconcile(plan, risk_file, found, tuple(book.values()), stamp))
        months.append(
            Month(
                period=period,
                run_id=stamp.run_id,
                raised=_raised(question.known_by, period, complete),
                complete=None if complete is None else complete.date(),
                detections=found,
            )
        )
    return Replay(question=question, months=tuple(months), book=tuple(book.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Data:
    """All that the back-test reads, read once: the batch index as it was at the start, and every source's past."""

    index: MemoryIndex
    past: dict[Source, Past]

    def tables(self, snapshot: Snapshot) -> dict[Source, Rows]:
        """Give the rows of every source in a snapshot."""
        return {
            source: Rows(frame=past.rows(snapshot), coverage=snapshots.coverage(self.index, snapshot, source))
            for source, past in self.past.items()
        }


def _remember(house: House, question: Question) -> _Data:
    index = MemoryIndex([(o.landing.pulled_at, o) for source in Source for o in house.batches.outcomes(source)])
    whole, lake = snapshots.take(index, question.last.end), Lake(house.lake.store, index)
    sources = sorted(detect.sources_of(question.dossier.plan))
    return _Data(index=index, past={source: recall(lake, whole, source) for source in sources})


def _complete(index: MemoryIndex, sources: list[Source], period: Period) -> datetime | None:
    """Give the moment at which the month had been pulled from every source that ever covered it; None for none."""
    found = [moment for source in sources if (moment := _covered(index.outcomes(source), period)) is not None]
    return max(found, default=None)


def _covered(outcomes: tuple[Outcome, ...], period: Period) -> datetime | None:
    """Give when the pulls of one source first covered a month."""
    touching = [
        o.landing
        for o in outcomes
        if not o.stopped and o.landing.window.start < period.end and o.landing.window.end > period.start
    ]
    pulled = sorted(touching, key=lambda landing: landing.pulled_at)
    for number, landing in enumerate(pulled):
        windows = snapshots.merged(earlier.window for earlier in pulled[: number + 1])
        if observed((period,), windows)[0]:
            return landing.pulled_at
    return None


def _raised(known_by: KnownBy, period: Period, complete: datetime | None) -> date:
    if known_by is KnownBy.RECEIVED or complete is None:
        return period.end
    return max(period.end, complete.date())


def _snapshot(index: MemoryIndex, known_by: KnownBy, period: Period, complete: datetime | None) -> Snapshot:
    """Give what was known of the past at the end of a month."""
    known = snapshots.take(index, period.end)
    if known_by is KnownBy.RECEIVED or complete is None:
        return known
    at = {o.landing.batch: o.landing.pulled_at for _, o in index.published}
    return replace(known, batches=tuple(batch for batch in known.batches if at[batch] <= complete))


def _enter(book: dict[str, KnownSignal], found: Reconciliation) -> None:
    """Write into the book of the back-test what a month means for it."""
    for signal in (*found.opened, *(r.signal for r in found.reopened)):
        book[signal.id] = KnownSignal(signal=signal, state=SignalState.DETECTED)
    for sighting in (*found.persisted, *found.attached):
        known = book[sighting.signal_id]
        book[sighting.signal_id] = replace(known, alarms=(*known.alarms, sighting.detection))
