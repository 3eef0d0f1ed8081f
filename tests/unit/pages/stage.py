"""A house with something on every page, hostile where the outside may be, and secrets where they must not show."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from include.postmarket.model.batch import NEEDED, Label, Landing, Media, Outcome, RuleCount, Snapshot, Source, Window
from include.postmarket.model.period import Period, periods
from include.postmarket.model.plan import Indicator
from include.postmarket.model.power import IndicatorPower, PlanPower, Rise, RiskSight, Seen, SeriesPower
from include.postmarket.model.signal import Detection, Priority, Signal
from include.postmarket.model.stamp import Stamp
from include.postmarket.pages.ports import Ports
from include.postmarket.records.audit import Entry
from include.postmarket.records.detection_log import Run
from include.postmarket.steps import act, planning
from include.postmarket.steps.house import House
from include.postmarket.steps.settings import ROOT, Settings

NOW = datetime(2026, 4, 2, 3, 4, 5, tzinfo=UTC)
MARCH = Period(date(2026, 3, 1))
SITE = "https://jira.example"
HOSTILE = "<script>alert(1)</script>"
#: What columns of `Table.inside` hold: no page may show any of it.
SERIAL, DEVICE, LOT = "SN-SECRET-77", "device-secret-42", "LOT-SECRET-9"
PUMP = "infusion-pump"


def house_at(database_url: str, home: Path) -> House:
    """Give a house with the example plans and the records at an address."""
    return House(
        Settings(
            home=home,
            database_url=database_url,
            lake=home / "lake",
            plans=ROOT / "include" / "plans",
            sources=ROOT / "include" / "plans" / "sources.yaml",
            site_url="http://127.0.0.1:8070",
        )
    )


def ports_of(house: House) -> Ports:
    """Give the ports of a house at a fixed moment; the one Jira there is has a name that is its address."""
    return Ports(house=lambda: house, now=lambda: NOW, jira=lambda _site: "")


def fill(house: House) -> None:
    """Write one run with alarms of every kind and all that follows from it."""
    batches = [_publish(house, source) for source in NEEDED]
    _publish(house, Source.REPORTS, "stopped")
    snapshot = Snapshot(as_of=MARCH.end, batches=tuple(batches))
    house.evidence.keep_snapshot(snapshot, NOW)
    stamp = stamp_of(snapshot)
    found = detections(house)
    house.detections.record(Run(plan_id=PUMP, period=MARCH, stamp=stamp), found, NOW)
    house.powers.record("POW-march", stamp.run_id, power(stamp), NOW)
    house.signals.open([signal_of(house, d, stamp) for d in found if d.alarm], NOW)
    act.draft_risk_updates(house, NOW)
    keys = planning.plan_tickets(house, SITE, NOW)
    house.tickets.claim(SITE, keys[0], "PMS-1", NOW)
    house.tickets.filed(SITE, keys[0], "10002", "PMS-2", NOW)
    house.tickets.parked(SITE, keys[1], f"400: {HOSTILE} is not a field", NOW)
    facts = {"dag": "detect", "run": "r", "error": f"it said {HOSTILE}"}
    entry = Entry(at=NOW, actor="airflow", action="task failed", kind="task", subject="detect.evaluate", payload=facts)
    house.audit.tell(entry)


def stamp_of(snapshot: Snapshot) -> Stamp:
    """Give the stamp of the run of March."""
    return Stamp(
        run_id="RUN-march",
        as_of=MARCH.end,
        snapshot=snapshot.sha256,
        plan=f"{PUMP}@1.0",
        plan_digest="d" * 64,
        code="c" * 64,
    )


def power(stamp: Stamp) -> PlanPower:
    """Give what the pump's plan can see: one indicator over its budget and blind to a risk, one that is not known."""
    rises = (Rise(within=4, seen=Seen.BEYOND), Rise(within=13, seen=Seen.RISE, ratio=3.1, error=0.1))
    series = tuple(
        SeriesPower(subgroup=s, expected=12.0, dispersion=2.5, false_alarms=0.7, error=0.02, in_alarm=0.1, rises=rises)
        for s in ("", "software_version=3.2", HOSTILE)
    )
    sight = RiskSight(risk_id="IP-R01", sees=False, becomes="unacceptable", rate=2.9e-4, of_assumed=1.7, needed=1.8)
    known = IndicatorPower(
        indicator_id="IP-POWER",
        method="rate_change",
        unit="device days",
        assumes=1.0,
        budget=0.5,
        false_alarms=1.4,
        error=0.05,
        reason="",
        series=series,
        sights=(sight,),
    )
    unknown = replace(
        known, indicator_id="IP-AIR", false_alarms=None, error=None, reason="history too short", series=(), sights=()
    )
    return PlanPower(plan_id=PUMP, period=MARCH, stamp=stamp, budget=1.0, indicators=(known, unknown))


def detections(house: House) -> tuple[Detection, ...]:
    """Give alarms by software version, of a serial number, of devices and of a hostile name; one quiet, one blind."""
    by_version = detection(house, "IP-POWER", "software_version=3.2", record_ids=("C-1", "C-2", HOSTILE))
    return (
        by_version,
        detection(house, "IP-POWER", "", alarm=False, observed=9.0),
        detection(house, "IP-POWER", "software_version=3.0", evaluated=False, alarm=False),
        detection(house, "IP-UNDER-DELIVERY", f"serial={SERIAL}"),
        detection(house, "IP-PERFORMANCE", "", observed=0.25, record_ids=(DEVICE, DEVICE + "b")),
        detection(house, "IP-SIMILAR-DEVICES", f"product_code={HOSTILE}; event_type=Death"),
        detection(house, "IP-SIMILAR-DEVICES", f"lot={LOT}; event_type=Death"),
    )


def detection(
    house: House,
    indicator_id: str,
    subgroup: str,
    *,
    observed: float = 35.0,
    alarm: bool = True,
    evaluated: bool = True,
    record_ids: tuple[str, ...] = ("C-1",),
) -> Detection:
    """Give a detection of March; those of counts carry the year's series."""
    indicator = indicator_of(house, indicator_id)
    share = indicator.source is Source.PERFORMANCE
    return Detection(
        plan_id=PUMP,
        plan_version="1.0",
        indicator_id=indicator_id,
        subgroup=subgroup,
        period=MARCH,
        method=indicator.method.name,
        unit="share of devices" if share else indicator.source.value,
        evaluated=evaluated,
        reason="" if evaluated else "exposure below the minimum: 12 device days, the plan asks for 5,000",
        observed=observed,
        expected=(0.05 if share else 10.0) if evaluated else None,
        limit=(0.1 if share else 22.0) if evaluated else None,
        exposure=120_000.0 if indicator.denominator else None,
        statistic=3.5 if evaluated else None,
        p_value=1e-6 if evaluated else None,
        adjusted_p=1e-5 if evaluated else None,
        alarm=alarm,
        record_ids=record_ids,
        details={"chart": chart(observed, indicator)} if indicator.denominator else {},
    )


def chart(observed: float, indicator: Indicator) -> str:
    """Give twelve months that end with an alarm; the second was not observed, the first not evaluated."""
    spans = periods(Period(date(2025, 4, 1)), MARCH)
    n = len(spans)
    return json.dumps(
        {
            "periods": [p.key for p in spans],
            "observed": [8.0, None, *[9.0] * (n - 3), observed],
            "expected": [None, None, *[9.5] * (n - 2)],
            "limit": [None, None, *[22.0] * (n - 2)],
            "alarm": [*[False] * (n - 1), True],
            "evaluated": [False, False, *[True] * (n - 2)],
            "exposure": [120_000.0 if indicator.denominator else None] * n,
        }
    )


def indicator_of(house: House, indicator_id: str) -> Indicator:
    """Give an indicator of the pump's plan."""
    return next(i for i in house.dossiers[PUMP].plan.indicators if i.id == indicator_id)


def signal_of(house: House, seen: Detection, stamp: Stamp) -> Signal:
    """Give the signal that an alarm opens, titled as reconciliation titles it."""
    indicator = indicator_of(house, seen.indicator_id)
    return Signal(
        fingerprint=seen.fingerprint,
        epoch=1,
        plan_id=PUMP,
        indicator_id=seen.indicator_id,
        title=f"{indicator.title} ({seen.subgroup})" if seen.subgroup else indicator.title,
        subgroup=seen.subgroup,
        priority=Priority.HIGH,
        requirements=indicator.requirements,
        risks=indicator.risks,
        opened_by=seen,
        stamp=stamp,
    )


def outcome(house: House, source: Source, stopped: str = "") -> Outcome:
    """Give the outcome of a pull with its check results kept; a stopped one has other bytes."""
    landing = Landing(
        source=source,
        window=Window(MARCH.start, MARCH.end),
        sha256=("f" if stopped else "a") * 64,
        size=1234,
        media=Media.CSV,
        origin=f"{HOSTILE}.csv",
        label=Label.RECONSTRUCTED if source is Source.REPORTS else Label.SIMULATED,
        pulled_at=NOW + timedelta(seconds=1 if stopped else 0),
    )
    evidence = {
        "schema": "postmarket/check-evidence/1",
        "source": source.value,
        "batch": landing.batch,
        "origin": landing.origin,
        "label": landing.label.value,
        "window": {"start": "2026-03-01", "end": "2026-04-01"},
        "pulled_on": "2026-04-02",
        "limits": {"quarantine_share": 0.1},
        "history": [],
        "rows": 10,
        "bad_rows": 2,
        "stopped": stopped,
        "rules": [
            {
                "rule": "received_readable",
                "severity": "quarantine",
                "standing": "broken",
                "rows": 2,
                "message": f"2 of 10 {HOSTILE}",
            },
            {"rule": "schema", "severity": "stop", "standing": "kept", "rows": 0, "message": ""},
        ],
        "failed": [{"row": 3, "key": "C-9", "rules": ["received_readable"]}],
    }
    return Outcome(
        landing=landing,
        pulled=10,
        accepted=0 if stopped else 7,
        quarantined=10 if stopped else 2,
        superseded=0 if stopped else 1,
        rules=(RuleCount(rule="received_readable", rows=2),),
        stopped=stopped,
        evidence=house.evidence.keep(evidence, NOW),
    )


def _publish(house: House, source: Source, stopped: str = "") -> str:
    published = outcome(house, source, stopped)
    house.batches.publish(published, NOW)
    return published.landing.batch
