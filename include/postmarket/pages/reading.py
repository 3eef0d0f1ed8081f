"""What one page reads of the house: each thing once, on first use."""

from collections.abc import Mapping
from functools import cached_property

from include.postmarket.model.batch import Label, Outcome, Snapshot, Source
from include.postmarket.model.effect import KeptEffect
from include.postmarket.model.plan import Indicator
from include.postmarket.model.power import PlanPower
from include.postmarket.model.ticket import KeptStanding, LedgerEntry, RejectionDecision
from include.postmarket.pages.ports import Ports
from include.postmarket.records.signal_book import KeptSignal
from include.postmarket.steps.house import House


class Reading:
    """The house at the moment of one request; nothing of it is kept for the next."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports
        self._snapshots: dict[str, Snapshot | None] = {}
        self._powers: dict[str, PlanPower | None] = {}

    @cached_property
    def house(self) -> House:
        """The house, opened on first use."""
        return self.ports.house()

    @cached_property
    def outcomes(self) -> Mapping[Source, tuple[Outcome, ...]]:
        """The outcomes of all batches, by source in order of acceptance."""
        return {source: self.house.batches.outcomes(source) for source in Source}

    @cached_property
    def signals(self) -> Mapping[str, KeptSignal]:
        """All signals by their id, oldest first."""
        return {kept.signal.id: kept for kept in self.house.signals.all()}

    @cached_property
    def tickets(self) -> tuple[LedgerEntry, ...]:
        """The whole ledger, the latest change first."""
        return self.house.tickets.all()

    @cached_property
    def standings(self) -> Mapping[tuple[str, str], KeptStanding]:
        """Where tickets stand in the tracker, as last read, by site and dedupe key."""
        return {(kept.site, kept.dedupe_key): kept for kept in self.house.standings.all()}

    @cached_property
    def decisions(self) -> Mapping[tuple[str, str], RejectionDecision]:
        """Who decided about tickets closed undone, by site and dedupe key."""
        return {(made.site, made.dedupe_key): made for made in self.house.standings.decisions()}

    @cached_property
    def effects(self) -> Mapping[tuple[str, str], KeptEffect]:
        """What the field said of fixes last, by site and dedupe key."""
        return {(kept.site, kept.dedupe_key): kept for kept in self.house.effects.all()}

    def indicator(self, plan_id: str, indicator_id: str) -> Indicator | None:
        """Give an indicator of the plans in force, None when the plan does not have it any more."""
        dossier = self.house.dossiers.get(plan_id)
        indicators = dossier.plan.indicators if dossier else ()
        return next((i for i in indicators if i.id == indicator_id), None)

    def power(self, plan_id: str) -> PlanPower | None:
        """Give what a plan can see, as it was last kept; None before that."""
        if plan_id not in self._powers:
            self._powers[plan_id] = self.house.powers.latest(plan_id)
        return self._powers[plan_id]

    def labels(self, snapshot: str, indicator: Indicator | None) -> tuple[Label, ...]:
        """Give the labels of the data behind a result, the least trusted first.

        Of the indicator's source and its exposure; of all sources where the indicator is not known any more.
        """
        if snapshot not in self._snapshots:
            self._snapshots[snapshot] = self.house.evidence.snapshot(snapshot)
        taken = self._snapshots[snapshot]
        seen = set(taken.batches if taken else ())
        return ordered(
            {o.landing.label for s in _sources(indicator) for o in self.outcomes[s] if o.landing.batch in seen}
        )


def ordered(labels: set[Label]) -> tuple[Label, ...]:
    """Give labels with the least trusted first: one simulated source makes the whole a simulation."""
    return tuple(label for label in (Label.SIMULATED, Label.RECONSTRUCTED, Label.REAL) if label in labels)


def _sources(indicator: Indicator | None) -> set[Source]:
    if indicator is None:
        return set(Source)
    return {indicator.source} | ({Source.EXPOSURE} if indicator.denominator else set())
