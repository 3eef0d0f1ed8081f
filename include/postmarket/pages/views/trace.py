"""The trace: requirement, risk and test of each product with the signals and tickets they have met; gaps first."""

from collections.abc import Iterable
from dataclasses import dataclass

from include.postmarket.model.plan import Plan
from include.postmarket.model.requirement import Requirement
from include.postmarket.pages.reading import Reading
from include.postmarket.pages.views.signals import TicketView, tickets_by_signal
from include.postmarket.records.signal_book import KeptSignal
from include.postmarket.signals.lifecycle import is_open
from include.postmarket.steps.house import Dossier


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceRow:
    """One requirement, what it guards against, what proves it, and what the field said."""

    requirement: Requirement
    risks: tuple[str, ...]
    signals: tuple[tuple[KeptSignal, tuple[TicketView, ...]], ...]
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceView:
    """The trace of one plan: rows with gaps first, then those the field spoke of; gaps of risk items apart."""

    plan: Plan
    rows: tuple[TraceRow, ...]
    risk_gaps: tuple[str, ...]

    @property
    def gaps(self) -> int:
        """How many gaps there are in all."""
        return sum(len(row.gaps) for row in self.rows) + len(self.risk_gaps)


def traces(reading: Reading) -> tuple[TraceView, ...]:
    """Give the trace of every plan of this site."""
    kept = reading.signals.values()
    tickets = tickets_by_signal(reading)
    return tuple(
        _trace(d, [k for k in kept if k.signal.plan_id == d.plan.id], tickets) for d in reading.house.dossiers.values()
    )


def _trace(dossier: Dossier, kept: list[KeptSignal], tickets: dict[str, tuple[TicketView, ...]]) -> TraceView:
    rows = [_row(requirement, dossier, kept, tickets) for requirement in dossier.requirements]
    guarded = {control for item in dossier.risk_file.items for control in item.controls}
    known = {requirement.id for requirement in dossier.requirements}
    gaps = [f"risk {i.id} names no control" for i in dossier.risk_file.items if not i.controls]
    gaps += [f"the risk file names control {name}, which is not in the register" for name in sorted(guarded - known)]
    return TraceView(
        plan=dossier.plan,
        rows=tuple(sorted(rows, key=lambda row: (not row.gaps, not row.signals, row.requirement.id))),
        risk_gaps=tuple(gaps),
    )


def _row(
    requirement: Requirement, dossier: Dossier, kept: list[KeptSignal], tickets: dict[str, tuple[TicketView, ...]]
) -> TraceRow:
    own = tuple(k for k in kept if requirement.id in k.signal.requirements)
    hazards = {item.id: f"{item.id} {item.hazard}" for item in dossier.risk_file.items}
    return TraceRow(
        requirement=requirement,
        risks=tuple(hazards.get(risk, f"{risk} (not in the risk file)") for risk in requirement.risks),
        signals=tuple((k, tickets.get(k.signal.id, ())) for k in own),
        gaps=tuple(_gaps(requirement, own, tickets)),
    )


def _gaps(
    requirement: Requirement, kept: tuple[KeptSignal, ...], tickets: dict[str, tuple[TicketView, ...]]
) -> Iterable[str]:
    if not requirement.tests:
        yield "no test verifies it"
    yield from (f"test {t.id}: {t.last_result}" for t in requirement.tests if t.last_result != "pass")
    if not requirement.risks:
        yield "it guards no risk"
    if not requirement.issue:
        yield "it has no issue in the tracker"
    yield from (f"signal {k.signal.id} has no ticket" for k in kept if is_open(k.state) and k.signal.id not in tickets)
