"""What a back-test found, as plain data: what the command prints, writes as JSON and as a table."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from include.postmarket.model.signal import Detection
from include.postmarket.signals.known_events import KnownEvent, Said, Verdict, judge_events
from include.postmarket.signals.reconciliation import KnownSignal
from include.postmarket.steps.backtest import Replay

#: The columns of the table, one row for each signal and one for each known event that was missed.
COLUMNS = (
    "kind",
    "plan",
    "signal",
    "indicator",
    "subgroup",
    "month",
    "raised",
    "priority",
    "observed",
    "expected",
    "limit",
    "alarms_after",
    "last_alarm",
    "event",
    "event_date",
    "lead_days",
    "reason",
)
#: A month pulled later than this after its end was not known to the site in time: its history came later.
LATE = timedelta(days=31)

Told = dict[str, Any]


def report(replay: Replay, events: Sequence[KnownEvent], reach_months: int) -> Told:
    """Give the replay as data that JSON can hold."""
    said = _said(replay)
    verdicts = judge_events(events, said, reach_months)
    points = [s.detection for s in said]
    plan = replay.question.dossier.plan
    return {
        "plan": f"{plan.id}@{plan.version}",
        "first": replay.question.first.key,
        "last": replay.question.last.key,
        "known_by": replay.question.known_by.value,
        "reach_months": reach_months,
        "months": [
            {
                "month": month.period.key,
                "run": month.run_id,
                "raised": month.raised.isoformat(),
                "pulled": None if month.complete is None else month.complete.isoformat(),
                "points": len(month.detections),
                "evaluated": sum(d.evaluated for d in month.detections),
                "alarms": sum(d.alarm for d in month.detections),
            }
            for month in replay.months
        ],
        "pulled_late": sum(m.complete is not None and m.complete > m.period.end + LATE for m in replay.months),
        "signals": [_signal(known, replay, verdicts) for known in replay.book],
        "events": [_event(verdict) for verdict in verdicts],
        "indicators": _indicators(replay, points),
        "not_evaluated": _not_evaluated(points),
    }


def rows(told: Told) -> list[dict[str, Any]]:
    """Give the rows of the table: every signal, then every known event that was missed."""
    found = []
    for signal in told["signals"]:
        events = [e for e in told["events"] if e["signal"] == signal["id"]] or [{}]
        found += [
            {**signal, "kind": "signal", "plan": told["plan"], "signal": signal["id"]}
            | {"event": e.get("label"), "event_date": e.get("day"), "lead_days": e.get("lead_days")}
            for e in events
        ]
    found += [
        {**e, "kind": "missed", "plan": told["plan"], "event": e["label"], "event_date": e["day"], "reason": e["why"]}
        for e in told["events"]
        if e["signal"] is None
    ]
    return [{name: row.get(name) for name in COLUMNS} for row in found]


def _said(replay: Replay) -> list[Said]:
    carrier = {d.key: known.signal.id for known in replay.book for d in (known.signal.opened_by, *known.alarms)}
    return [
        Said(day=month.raised, detection=d, signal_id=carrier.get(d.key, "") if d.alarm else "")
        for month in replay.months
        for d in sorted(month.detections, key=lambda d: d.period)
    ]


def _signal(known: KnownSignal, replay: Replay, verdicts: Sequence[Verdict]) -> Told:
    signal, own = known.signal, known.own
    opened = signal.opened_by
    raised = next(m.raised for m in replay.months if any(d.key == opened.key and d.alarm for d in m.detections))
    return {
        "id": signal.id,
        "title": signal.title,
        "indicator": signal.indicator_id,
        "subgroup": signal.subgroup,
        "priority": signal.priority.value,
        "month": opened.period.key,
        "raised": raised.isoformat(),
        "unit": opened.unit,
        "observed": opened.observed,
        "expected": opened.expected,
        "limit": opened.limit,
        "exposure": opened.exposure,
        "p_value": opened.p_value,
        "alarms_after": len(own) - 1,
        "last_alarm": known.last_period.key,
        "attached": len(known.alarms) - len(own) + 1,
        "events": [v.event.label for v in verdicts if v.found and v.found.signal_id == signal.id],
    }


def _event(verdict: Verdict) -> Told:
    event, found = verdict.event, verdict.found
    return {
        "day": event.day.isoformat(),
        "label": event.label,
        "indicator": event.indicator,
        "subgroup": event.subgroup,
        "signal": found.signal_id if found else None,
        "found_by": f"{found.detection.indicator_id} {found.detection.subgroup}".strip() if found else None,
        "month": found.detection.period.key if found else None,
        "raised": found.day.isoformat() if found else None,
        "lead_days": verdict.lead_days,
        "why": verdict.why,
    }


def _indicators(replay: Replay, points: Sequence[Detection]) -> list[Told]:
    """Give signals and alarms of each indicator, and a year: what the plan would have asked of its reader."""
    years = len(replay.months) / 12
    signals = Counter(known.signal.indicator_id for known in replay.book)
    of: dict[str, list[Detection]] = defaultdict(list)
    for point in points:
        of[point.indicator_id].append(point)
    return [
        {
            "indicator": indicator.id,
            "points": len(of[indicator.id]),
            "evaluated": sum(d.evaluated for d in of[indicator.id]),
            "alarms": (alarms := sum(d.alarm for d in of[indicator.id])),
            "signals": signals[indicator.id],
            "alarms_a_year": alarms / years,
            "signals_a_year": signals[indicator.id] / years,
        }
        for indicator in replay.question.dossier.plan.indicators
    ]


def _not_evaluated(points: Sequence[Detection]) -> list[Told]:
    """Give which months of which series could not be evaluated, and why (G7)."""
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for d in points:
        if not d.evaluated:
            found[d.indicator_id, d.subgroup, d.reason].append(d.period.key)
    return [
        {"indicator": indicator, "subgroup": subgroup, "reason": reason, "months": months}
        for (indicator, subgroup, reason), months in found.items()
    ]
