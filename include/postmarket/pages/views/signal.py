"""One signal: what happened, what to do, the numbers and records behind it, and everything it caused."""

from dataclasses import dataclass

from include.postmarket.model.batch import Label, Source
from include.postmarket.model.plan import Indicator
from include.postmarket.model.requirement import Requirement
from include.postmarket.model.risk import RiskItem
from include.postmarket.model.signal import Detection, Signal
from include.postmarket.model.tables import TABLES
from include.postmarket.pages.reading import Reading
from include.postmarket.pages.series import SeriesPoint, series_of
from include.postmarket.pages.views.risk import UpdateView, view_of
from include.postmarket.pages.views.signals import TicketView, own_alarms, tickets_by_signal, todo
from include.postmarket.records.signal_book import KeptSignal, SignalEvent
from include.postmarket.signals.lifecycle import Transition, moves_from
from include.postmarket.steps.carrying_out import risk_updates_as_they_stand
from include.postmarket.steps.house import Dossier
from include.postmarket.steps.power_text import sentence

#: The page lists this many record keys; the detection on record has all.
LISTED = 300
#: A key longer than this is no key but text that slipped.
_LONGEST_KEY = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The keys behind a number: ``total`` of them, ``shown`` those that may be shown, ``withheld`` why none are."""

    total: int
    shown: tuple[str, ...]
    withheld: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One requirement that was meant to prevent this, with its risks and tests; None where the register has none."""

    requirement_id: str
    requirement: Requirement | None
    risks: tuple[RiskItem, ...]
    unknown_risks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalView:
    """What the page of a signal shows."""

    kept: KeptSignal
    events: tuple[SignalEvent, ...]
    dossier: Dossier | None
    indicator: Indicator | None
    labels: tuple[Label, ...]
    series: tuple[SeriesPoint, ...]
    siblings: tuple[Detection, ...]
    records: Records
    chain: tuple[Link, ...]
    power: str
    todo: str
    moves: tuple[Transition, ...]
    tickets: tuple[TicketView, ...]
    updates: tuple[UpdateView, ...]

    @property
    def is_count(self) -> bool:
        """Whether there is no exposure behind the number: then it is a reporting count and no rate."""
        seen = self.kept.signal.opened_by
        return seen.exposure is None and seen.unit in {"reports", "complaints", "cases"}

    @property
    def exposure_unit(self) -> str:
        """What the exposure is counted in."""
        if self.indicator is None:
            return ""
        if self.indicator.severe:
            return f"all {self.indicator.source.value}"
        measured = self.indicator.source is Source.PERFORMANCE
        return "devices measured" if measured else (self.indicator.denominator or "").replace("_", " ")

    @property
    def alarms_since(self) -> int:
        """How often its own series has alarmed since it was opened."""
        return len(own_alarms(self.kept)) - 1

    @property
    def carried(self) -> int:
        """How many alarms of other series it carries."""
        return len(self.kept.alarms) - self.alarms_since


def signal_view(reading: Reading, signal_id: str) -> SignalView | None:
    """Give a signal by its id, None when it is not in the book."""
    kept = reading.signals.get(signal_id)
    if kept is None:
        return None
    house, signal = reading.house, kept.signal
    indicator = reading.indicator(signal.plan_id, signal.indicator_id)
    dossier = house.dossiers.get(signal.plan_id)
    said = [detection for _, detection in house.detections.history(signal.fingerprint)]
    return SignalView(
        kept=kept,
        events=house.signals.events(signal_id),
        dossier=dossier,
        indicator=indicator,
        labels=reading.labels(signal.stamp.snapshot, indicator),
        series=series_of(said or [signal.opened_by], signal.opened_by.method),
        siblings=_siblings(house.detections.detections(signal.stamp.run_id), signal.indicator_id),
        records=records_behind(signal.opened_by, indicator),
        chain=_chain(kept, dossier),
        power=_power(reading, signal),
        todo=todo(kept.state),
        moves=moves_from(kept.state),
        tickets=tickets_by_signal(reading).get(signal_id, ()),
        updates=tuple(view_of(reading, u) for u in risk_updates_as_they_stand(house) if u.signal_id == signal_id),
    )


def _power(reading: Reading, signal: Signal) -> str:
    """Say what the signal's series can see and costs in false alarms; empty where that is not on record."""
    plan = reading.power(signal.plan_id)
    indicator = plan.of(signal.indicator_id) if plan else None
    series = indicator.of(signal.subgroup) if indicator else None
    return sentence(series) if series else ""


def records_behind(seen: Detection, indicator: Indicator | None) -> Records:
    """Give the keys behind a number, unless the key itself stays inside the lake (G4) or nobody knows the source."""
    total = len(seen.record_ids)
    if indicator is None:
        return Records(total=total, shown=(), withheld="the plan in force does not have this indicator any more")
    table = TABLES[indicator.source]
    if set(table.key) & set(table.inside):
        return Records(total=total, shown=(), withheld="the keys of this source identify devices and stay in the lake")
    keys = tuple(key for key in seen.record_ids if len(key) <= _LONGEST_KEY)
    return Records(total=total, shown=keys[:LISTED], withheld="")


def _siblings(said: tuple[Detection, ...], indicator_id: str) -> tuple[Detection, ...]:
    """Give all series of the indicator in the run that opened the signal, alarms first."""
    own = [d for d in said if d.indicator_id == indicator_id]
    return tuple(sorted(own, key=lambda d: (not d.alarm, d.evaluated, d.subgroup)))


def _chain(kept: KeptSignal, dossier: Dossier | None) -> tuple[Link, ...]:
    requirements = {r.id: r for r in dossier.requirements} if dossier else {}
    risks = {item.id: item for item in dossier.risk_file.items} if dossier else {}
    found = []
    for name in kept.signal.requirements:
        requirement = requirements.get(name)
        wanted = requirement.risks if requirement else ()
        found.append(
            Link(
                requirement_id=name,
                requirement=requirement,
                risks=tuple(risks[r] for r in wanted if r in risks),
                unknown_risks=tuple(r for r in wanted if r not in risks),
            )
        )
    return tuple(found)
