"""The front page: is anything wrong, late, or waiting for me."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from include.postmarket.model.batch import Outcome
from include.postmarket.model.period import Period
from include.postmarket.model.signal import Priority, SignalState
from include.postmarket.model.ticket import TicketState
from include.postmarket.pages.provenance import Provenance
from include.postmarket.pages.views.data import waiting_batches
from include.postmarket.pages.views.plans import PlanResult, latest_result
from include.postmarket.pages.views.risk import Standing, standing
from include.postmarket.records.audit import AuditRecord
from include.postmarket.signals.lifecycle import is_open
from include.postmarket.steps.house import House

#: How long a failed task is shown: nothing on record says that it was mended.
FAILURES_SHOWN = timedelta(days=30)


class Tone(StrEnum):
    """How a count is to be taken; the value is what a reader sees beside it."""

    WRONG = "needs mending"
    WAITING = "waits for a person"
    FINE = "nothing to do"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One count of the front page, what it means, and the page that has more."""

    count: int
    title: str
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
    open_signals: int
    plans: tuple[PlanLine, ...]
    failures: tuple[AuditRecord, ...]
    batches: int

    @property
    def verdict(self) -> str:
        """The whole page in one sentence."""
        wrong = sum(t.count for t in self.tiles if t.tone is Tone.WRONG)
        waiting = sum(t.count for t in self.tiles if t.tone is Tone.WAITING)
        if not wrong and not waiting:
            return "Nothing is wrong, and nothing waits for you."
        mend = f"{_things(wrong)} to mend" if wrong else ""
        wait = f"{_things(waiting)} waiting for a person" if waiting else ""
        return f"{' and '.join(part for part in (mend, wait) if part).capitalize()}."


def _things(count: int) -> str:
    return "1 thing" if count == 1 else f"{count} things"


def front(house: House, now: datetime) -> Front:
    """Give the front page as of now."""
    provenance = Provenance(house)
    outcomes = [o for found in provenance.outcomes.values() for o in found]
    plans = tuple(PlanLine(result=r, due=_due(r, now)) for r in _results(house, provenance))
    failures = house.audit.of_kind("task", now - FAILURES_SHOWN)
    return Front(
        tiles=tuple(_tiles(house, outcomes, plans, failures)),
        open_signals=sum(is_open(kept.state) for kept in house.signals.all()),
        plans=plans,
        failures=failures,
        batches=len(outcomes),
    )


def _results(house: House, provenance: Provenance) -> Iterable[PlanResult]:
    return [latest_result(house, dossier.plan, provenance) for dossier in house.dossiers.values()]


def _due(result: PlanResult, now: datetime) -> Period | None:
    """Give the last whole period before now, where the plan was not run for it."""
    over = Period.containing(now.date(), result.plan.cadence).previous()
    return over if result.run is None or result.run.period < over else None


def _tiles(
    house: House, outcomes: list[Outcome], plans: tuple[PlanLine, ...], failures: tuple[AuditRecord, ...]
) -> Iterable[Tile]:
    signals = [kept for kept in house.signals.all() if kept.state is SignalState.DETECTED]
    high = sum(kept.signal.priority is Priority.HIGH for kept in signals)
    tickets = house.tickets.all()
    stuck = sum(entry.state in {TicketState.PARKED, TicketState.AMBIGUOUS} for entry in tickets)
    updates = sum(standing(update) is not Standing.SIGNED for update in house.risk_updates.all())
    stopped = len(waiting_batches(outcomes))
    blind = sum(line.result.not_evaluated for line in plans)
    yield _tile(len(signals), "new signals", f"{high} of them high priority; nobody has reviewed them yet", "signals")
    yield _tile(updates, "risk updates", "drafted changes of the risk file that wait for a signature", "risk")
    yield _tile(stuck, "tickets stuck", "Jira refused them, or it is not known if they arrived", "tickets", Tone.WRONG)
    yield _tile(stopped, "pulls stopped", "a check stopped a whole batch: no row of it is used", "data", Tone.WRONG)
    yield _tile(blind, "points not evaluated", "in the latest run of each plan: there, nobody knows", "plans")
    failed = "in the last 30 days; Airflow's own pages have the logs"
    yield _tile(len(failures), "failed tasks", failed, "#failures", Tone.WRONG)


def _tile(count: int, title: str, meaning: str, page: str, tone: Tone = Tone.WAITING) -> Tile:
    return Tile(count=count, title=title, meaning=meaning, page=page, tone=tone if count else Tone.FINE)
