"""The state of the product as plain data: what the summary says, what `status --json` prints and the pages show."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from include.postmarket.backlog.text import UNTRACEABLE
from include.postmarket.model.batch import NEEDED, Outcome, Source
from include.postmarket.model.canonical import plain
from include.postmarket.model.power import PlanPower
from include.postmarket.model.quarantine import Decision, standing
from include.postmarket.model.risk import RiskUpdate
from include.postmarket.model.signal import Detection
from include.postmarket.model.ticket import KeptStanding, LedgerEntry, TicketState
from include.postmarket.records.detection_log import Run
from include.postmarket.records.signal_book import EventKind, KeptSignal
from include.postmarket.steps.act import labels_behind, signal_page
from include.postmarket.steps.carrying_out import risk_updates_as_they_stand
from include.postmarket.steps.detect import indicator_of
from include.postmarket.steps.house import House
from include.postmarket.steps.power_text import findings

VERSION = 1


def status(house: House, site: str) -> dict[str, Any]:
    """Give sources (rows by outcome), series (every point of the latest runs), signals, tickets and risk updates.

    Everything is plain JSON and holds no personal data: counts, codes and the keys of reports and complaints.
    Device keys stay inside (G4); of a performance signal only their number is told.
    """
    entries = house.tickets.entries(site, tuple(TicketState))
    standings = house.standings.latest(site)
    return {
        "version": VERSION,
        "sources": [_source(s, found, house.batches.decisions(s)) for s, found in _pulled(house)],
        "series": [_point(run, d) for run in latest_runs(house) for d in house.detections.detections(run.stamp.run_id)],
        "powers": [_power(found) for plan_id in sorted(house.dossiers) if (found := house.powers.latest(plan_id))],
        "signals": [_signal(house, kept, entries) for kept in house.signals.all()],
        "risk_updates": [_risk_update(update) for update in risk_updates_as_they_stand(house)],
        "tickets": [_ticket(house, entry, standings.get(entry.plan.dedupe_key)) for entry in entries],
    }


def latest_runs(house: House) -> tuple[Run, ...]:
    """Give the last recorded run of each plan and period, in order of plan and period."""
    last: dict[tuple[str, str], Run] = {}
    for plan_id in house.dossiers:
        for run in house.detections.runs(plan_id):
            last[plan_id, run.period.key] = run
    return tuple(last[key] for key in sorted(last))


def _pulled(house: House) -> Iterator[tuple[Source, tuple[Outcome, ...]]]:
    """Give what was pulled of each source: of those that every site has, and of others where anything was."""
    for source in Source:
        outcomes = house.batches.outcomes(source)
        if outcomes or source in NEEDED:
            yield source, outcomes


def _source(source: Source, outcomes: tuple[Outcome, ...], decisions: tuple[Decision, ...]) -> dict[str, Any]:
    found = standing(outcomes, decisions)
    decided = {d.batch for d in decisions}
    rules: Counter[str] = Counter()
    for outcome in outcomes:
        rules.update({rule.rule: rule.rows for rule in outcome.rules})
    return {
        "source": source.value,
        "label": "+".join(sorted({o.landing.label.value for o in outcomes})),
        "origin": sorted({o.landing.origin for o in outcomes}),
        "batches": [o.landing.batch for o in outcomes],
        "pulled": found.pulled,
        "accepted": found.accepted,
        "quarantined": found.waiting,
        "rejected": found.rejected,
        "superseded": found.superseded,
        "rules": dict(sorted(rules.items())),
        "stopped": [
            {"batch": o.landing.batch, "window": plain(o.landing.window), "why": o.stopped}
            for o in outcomes
            if o.stopped and o.landing.batch not in decided
        ],
    }


def _point(run: Run, detection: Detection) -> dict[str, Any]:
    return _numbers(detection) | {
        "plan": detection.plan_id,
        "indicator": detection.indicator_id,
        "subgroup": detection.subgroup,
        "period": detection.period.key,
        "method": detection.method,
        "evaluated": detection.evaluated,
        "reason": detection.reason,
        "alarm": detection.alarm,
        "run": run.stamp.run_id,
    }


def _power(found: PlanPower) -> dict[str, Any]:
    told: dict[str, Any] = plain(found)
    return told | {"plan": found.plan_id, "false_alarms": found.false_alarms, "findings": list(findings(found))}


def _numbers(detection: Detection) -> dict[str, Any]:
    names = ("observed", "expected", "limit", "exposure", "statistic", "p_value", "adjusted_p", "unit")
    return {name: getattr(detection, name) for name in names}


def _signal(house: House, kept: KeptSignal, entries: Iterable[LedgerEntry]) -> dict[str, Any]:
    signal = kept.signal
    indicator = indicator_of(house.dossier(signal.plan_id).plan, signal.indicator_id)
    persisted = [e for e in house.signals.events(signal.id) if e.kind is EventKind.PERSISTED and e.detection]
    return {
        "id": signal.id,
        "fingerprint": signal.fingerprint,
        "epoch": signal.epoch,
        "plan": signal.plan_id,
        "indicator": signal.indicator_id,
        "title": signal.title,
        "subgroup": signal.subgroup,
        "state": kept.state.value,
        "priority": signal.priority.value,
        "period": signal.opened_by.period.key,
        "method": signal.opened_by.method,
        "numbers": _numbers(signal.opened_by),
        "reporting_count": indicator.source is not Source.PERFORMANCE and signal.opened_by.exposure is None,
        "label": sorted(label.value for label in labels_behind(house, signal, indicator)),
        "record_count": len(signal.opened_by.record_ids),
        "records": [] if indicator.source is Source.PERFORMANCE else list(signal.opened_by.record_ids),
        "seen_again": [e.detection.period.key for e in persisted if e.detection],
        "requirements": list(signal.requirements),
        "risks": list(signal.risks),
        "ticket": next((e.issue_key for e in entries if e.plan.signal_id == signal.id and e.issue_key), ""),
        "page": signal_page(house, signal.id),
        "stamp": plain(signal.stamp),
    }


def _ticket(house: House, entry: LedgerEntry, kept: KeptStanding | None) -> dict[str, Any]:
    signal = house.signals.signal(entry.plan.signal_id)
    return {
        "key": entry.issue_key,
        "state": entry.state.value,
        "signal": entry.plan.signal_id,
        "summary": entry.plan.text.summary,
        "requirements": list(signal.signal.requirements) if signal else [],
        "requirement_issues": list(entry.plan.requirement_issues),
        "dedupe_key": entry.plan.dedupe_key,
        "attempts": entry.attempt,
        "standing": plain(kept.standing) if kept else None,
        "untraceable": UNTRACEABLE in entry.plan.labels,
        "message": entry.message,
    }


def _risk_update(update: RiskUpdate) -> dict[str, Any]:
    record = update.record
    return {
        "id": update.id,
        "signal": update.signal_id,
        "risk": update.risk_id,
        "state": _standing(update),
        "estimable": update.estimable,
        "reason": update.reason,
        "before": record.get("before"),
        "after": record.get("after"),
        "acceptability": record.get("acceptability"),
        "decision_proposed": record.get("decision"),
        "stamp": plain(update.stamp),
    }


def _standing(update: RiskUpdate) -> str:
    if update.record["signatures"]:
        return "signed"
    return "waits for signature" if update.estimable else "waits for a person's assessment"
