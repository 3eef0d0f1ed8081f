"""The front page: is anything wrong, late, or waiting for me."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from include.postmarket.model.period import Period
from include.postmarket.model.signal import Priority, SignalState
from include.postmarket.model.ticket import TicketState
from include.postmarket.pages.reading import Reading
from include.postmarket.pages.views.data import waiting_batches
from include.postmarket.pages.views.plans import PlanResult, plan_results
from include.postmarket.pages.views.risk import Standing, standing
from include.postmarket.pages.views.signals import SignalLine, board
from include.postmarket.records.audit import AuditRecord
from include.postmarket.signals.lifecycle import is_open
from include.postmarket.steps.carrying_out import risk_updates_as_they_stand

#: How long a failed task is shown: nothing on record says that it was mended.
FAILURES_SHOWN = timedelta(days=30)
#: How many new signals the front page tells of; the board has all.
SHOWN_FIRST = 5


class Tone(StrEnum):
    """How a count is to be taken; the value is what a reader sees beside it."""

    WRONG = "needs mending"
    WAITING = "waits for a person"
    FINE = "nothing to do"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One count of the front page, what it means, and the page that has more."""

    count: int
    title: str  # in the number that fits the count
    meaning: str
    page: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """The latest run of a plan, and the month that should have been run by now where it was not."""

    result: PlanResult
    due: Period | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What the front page shows."""

    tiles: tuple[Tile, ...]
    first: tuple[SignalLine, ...]
    open_signals: int
    plans: tuple[PlanLine, ...]
    failures: tuple[AuditRecord, ...]
    batches: int

    @property
    def verdict(self) -> str:
        """The whole page in one sentence."""
        mend, wait = self._named(Tone.WRONG), self._named(Tone.WAITING)
        if not mend and not wait:
            return "Nothing is wrong, and nothing waits for you."
        said = [f"To mend: {mend}." if mend else "", f"Waiting for a person: {wait}." if wait else ""]
        return " ".join(part for part in said if part)

    def _named(self, tone: Tone) -> str:
        return ", ".join(f"{t.count:,} {t.title}" for t in self.tiles if t.tone is tone)


def front(reading: Reading) -> Front:
    """Give the front page as of now."""
    now = reading.ports.now()
    plans = tuple(PlanLine(result=result, due=_due(result, now)) for result in plan_results(reading))
    failures = reading.house.audit.of_kind("task", now - FAILURES_SHOWN)
    return Front(
        tiles=tuple(_tiles(reading, plans, failures)),
        first=board(reading)[0].lines[:SHOWN_FIRST],
        open_signals=sum(is_open(kept.state) for kept in reading.signals.values()),
        plans=plans,
        failures=failures,
        batches=sum(len(found) for found in reading.outcomes.values()),
    )


def _due(result: PlanResult, now: datetime) -> Period | None:
    """Give the last whole period before now, where the plan was not run for it."""
    over = Period.containing(now.date(), result.plan.cadence).previous()
    return over if result.run is None or result.run.period < over else None


def _tiles(reading: Reading, plans: Sequence[PlanLine], failures: Sequence[AuditRecord]) -> Iterable[Tile]:
    new = [kept for kept in reading.signals.values() if kept.state is SignalState.DETECTED]
    high = sum(kept.signal.priority is Priority.HIGH for kept in new)
    stuck = sum(entry.state in {TicketState.PARKED, TicketState.AMBIGUOUS} for entry in reading.tickets)
    stopped = sum(
        len(waiting_batches(found, reading.house.batches.decisions(source)))
        for source, found in reading.outcomes.items()
    )
    updates = sum(standing(update) is not Standing.SIGNED for update in risk_updates_as_they_stand(reading.house))
    blind = sum(line.result.not_evaluated for line in plans)
    yield _tile(len(new), "new signal", f"{high} of them high priority; nobody has reviewed them yet", "signals")
    yield _tile(updates, "risk update", "drafted changes of the risk file that wait for a signature", "risk")
    yield _tile(blind, "blind spot", "series that the latest runs could not evaluate: there, nobody knows", "plans")
    findings = sum(len(line.result.findings) for line in plans)
    yield _tile(findings, "plan finding", "what a plan cannot see, or costs more false alarms than accepted", "plans")
    yield _tile(stuck, "stuck ticket", "Jira refused it, or it is not known if it arrived", "tickets", Tone.WRONG)
    yield _tile(stopped, "stopped pull", "a check stopped a whole batch: no row of it is used", "data", Tone.WRONG)
    failed = "in the last 30 days; Airflow's own pages have the logs"
    yield _tile(len(failures), "failed task", failed, "#failures", Tone.WRONG)


def _tile(count: int, one: str, meaning: str, page: str, tone: Tone = Tone.WAITING) -> Tile:
    title = one if count == 1 else f"{one}s"
    return Tile(count=count, title=title, meaning=meaning, page=page, tone=tone if count else Tone.FINE)
