"""Where numbers come from: the batches a run saw, and how far their data may be trusted."""

from collections.abc import Mapping

from include.postmarket.model.batch import Label, Outcome, Snapshot, Source
from include.postmarket.model.plan import Indicator
from include.postmarket.steps.house import House


class Provenance:
    """The outcomes of all batches, read once a page, and the snapshots that are asked for."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._snapshots: dict[str, Snapshot | None] = {}
        self.outcomes: Mapping[Source, tuple[Outcome, ...]] = {s: house.batches.outcomes(s) for s in Source}

    def labels(self, snapshot: str, indicator: Indicator | None) -> tuple[Label, ...]:
        """Give the labels of the data behind a result, the least trusted first.

        Of the indicator's source and its exposure; of all sources where the indicator is not known any more.
        """
        if snapshot not in self._snapshots:
            self._snapshots[snapshot] = self._house.evidence.snapshot(snapshot)
        taken = self._snapshots[snapshot]
        seen = set(taken.batches if taken else ())
        found = {o.landing.label for s in _sources(indicator) for o in self.outcomes[s] if o.landing.batch in seen}
        return ordered(found)


def ordered(labels: set[Label]) -> tuple[Label, ...]:
    """Give labels with the least trusted first: one simulated source makes the whole a simulation."""
    return tuple(label for label in (Label.SIMULATED, Label.RECONSTRUCTED, Label.REAL) if label in labels)


def _sources(indicator: Indicator | None) -> set[Source]:
    if indicator is None:
        return set(Source)
    return {indicator.source} | ({Source.EXPOSURE} if indicator.denominator else set())


def find_indicator(house: House, plan_id: str, indicator_id: str) -> Indicator | None:
    """Give an indicator of the plans in force, None when the plan does not have it any more."""
    dossier = house.dossiers.get(plan_id)
    indicators = dossier.plan.indicators if dossier else ()
    return next((i for i in indicators if i.id == indicator_id), None)
