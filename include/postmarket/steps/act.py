"""Act: draft the risk updates that people will sign. Nothing here talks to Jira; `planning` decides on the tickets."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from include.postmarket.model.batch import Label, Source, Window
from include.postmarket.model.canonical import digest
from include.postmarket.model.plan import Indicator
from include.postmarket.model.risk import RiskItem, RiskUpdate
from include.postmarket.model.signal import Signal
from include.postmarket.records.signal_book import KeptSignal
from include.postmarket.risk.evidence import Evidence as RiskEvidence
from include.postmarket.risk.update import Occasion, draft_update
from include.postmarket.signals.lifecycle import is_open
from include.postmarket.steps.carrying_out import carry_out
from include.postmarket.steps.detect import indicator_of
from include.postmarket.steps.house import Dossier, House


def draft_risk_updates(house: House, now: datetime) -> list[str]:
    """Draft the update of every risk item an open signal informs and has none for yet; gives the ids of new ones.

    A draft is made once, from the numbers the signal was opened with, and waits for a signature. What was signed before
    is in force first, so that a draft stands on the risk file in force.
    """
    carry_out(house, now)
    drafts = [update for kept in _open_signals(house) for update in _drafts(house, kept.signal, now)]
    return [update.id for update in house.risk_updates.propose(drafts, now)]


def signal_page(house: House, signal_id: str) -> str:
    """Give the permanent address of a signal's page."""
    return f"{house.settings.site_url}/postmarket/signals/{signal_id}"


def labels_behind(house: House, signal: Signal, indicator: Indicator) -> frozenset[Label]:
    """Give how far the data behind a signal may be trusted: the labels of the batches its run saw."""
    snapshot = house.evidence.snapshot(signal.stamp.snapshot)
    sources = {indicator.source} | ({Source.EXPOSURE} if indicator.denominator else set())
    seen = set(snapshot.batches if snapshot else ())
    return frozenset(
        o.landing.label for source in sources for o in house.batches.outcomes(source) if o.landing.batch in seen
    )


def _open_signals(house: House) -> list[KeptSignal]:
    return [kept for kept in house.signals.all() if is_open(kept.state)]


def _drafts(house: House, signal: Signal, now: datetime) -> Iterator[RiskUpdate]:
    dossier = house.dossier(signal.plan_id)
    known = {update.risk_id for update in house.risk_updates.of_signal(signal.id)}
    opened = house.signals.events(signal.id)[0].at
    occasion = Occasion(stamp=signal.stamp, detected_utc=opened, created_utc=now)
    risk_file = house.risk_file(signal.plan_id)
    for item in risk_file.items:
        if item.id in signal.risks and item.id not in known:
            evidence = _evidence(house, signal, dossier, item)
            yield draft_update(signal, item, risk_file, dossier.requirements, evidence, occasion)


def _evidence(house: House, signal: Signal, dossier: Dossier, item: RiskItem) -> RiskEvidence:
    """Give the field data of the period that raised the alarm; measurements and shares give no count of events."""
    seen = signal.opened_by
    indicator = indicator_of(dossier.plan, signal.indicator_id)
    counted = indicator.source is not Source.PERFORMANCE
    labels = labels_behind(house, signal, indicator)
    return RiskEvidence(
        events=int(seen.observed or 0) if counted else 0,
        exposure=seen.exposure if counted else None,
        unit=indicator.denominator or item.exposure_unit,
        window=Window(seen.period.start, seen.period.end),
        record_keys=seen.record_ids if counted else (),
        query_sha256=digest(indicator),
        dataset_sha256=signal.stamp.snapshot,
        label=least_trusted(labels),
        limitations=_limitations(signal, indicator),
    )


def least_trusted(labels: Iterable[Label]) -> Label:
    """Give the label that says the least of the world: one simulated source makes the whole a simulation."""
    order = [Label.SIMULATED, Label.RECONSTRUCTED, Label.REAL]
    return min(labels, key=order.index)


def _limitations(signal: Signal, indicator: Indicator) -> str:
    period = f"One period ({signal.opened_by.period}), the one that raised the alarm: it is chosen for being high."
    if indicator.source is Source.PERFORMANCE:
        return f"{period} Measurements show devices that look unlike the fleet, not events; no rate can be estimated."
    if indicator.denominator is None:
        return f"{period} A reporting count without exposure; no rate can be estimated."
    subgroup = f" Subgroup {signal.subgroup} only." if signal.subgroup else ""
    return f"{period}{subgroup} Complaints are failures as reported; whether harm followed is not counted here."
