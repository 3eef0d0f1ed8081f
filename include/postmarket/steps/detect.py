"""Detect: snapshot, series, methods, control of false discoveries; then alarms into signals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from include.postmarket.detection import catalogue
from include.postmarket.lake import snapshots
from include.postmarket.model.batch import Media, Snapshot, Source
from include.postmarket.model.canonical import digest
from include.postmarket.model.errors import IntegrityError
from include.postmarket.model.period import Period
from include.postmarket.model.plan import Indicator, Plan
from include.postmarket.model.signal import Detection
from include.postmarket.model.stamp import Stamp
from include.postmarket.model.tables import TABLES
from include.postmarket.records.detection_log import Run
from include.postmarket.series.rows import AnyRows, HeldRows
from include.postmarket.series.scope import observed
from include.postmarket.signals.family import control_false_discoveries
from include.postmarket.signals.reconcile import reconcile
from include.postmarket.signals.reconciliation import KnownSignal
from include.postmarket.steps import (
    evaluate_counts,
    evaluate_measurements,
    evaluate_pairs,
    evaluate_shifts,
    evaluate_themes,
)
from include.postmarket.steps.code_digest import code_digest
from include.postmarket.steps.evaluation import Point
from include.postmarket.steps.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What a run said, in numbers."""

    run_id: str
    points: int
    evaluated: int
    alarms: int


def evaluate(house: House, plan_id: str, period: Period, now: datetime) -> RunResult:
    """Run a plan's methods for one period, on what was received before its end, and record what they say.

    The run's id is made of everything its answer depends on: the same plan, data and code give the same run, and
    running
    it again writes nothing (G2, G10).
    """
    plan = house.dossier(plan_id).plan
    snapshot = snapshots.take(house.batches, period.end)
    stamp = make_stamp(plan, period, snapshot)
    known = house.detections.run(stamp.run_id)
    if known is None:
        house.evidence.keep_snapshot(snapshot, now)
        found = compute(house, plan, period, snapshot)
        house.detections.record(Run(plan_id=plan.id, period=period, stamp=stamp), found, now)
    said = house.detections.detections(stamp.run_id)
    return RunResult(
        run_id=stamp.run_id,
        points=len(said),
        evaluated=sum(d.evaluated for d in said),
        alarms=sum(d.alarm for d in said),
    )


def missing_sources(house: House, period: Period) -> tuple[Source, ...]:
    """Give the sources that the site's plans need and that no accepted pull covers for the whole period."""
    snapshot = snapshots.take(house.batches, period.end)
    return tuple(
        source
        for source in needed_sources(house)
        if not all(observed((period,), snapshots.coverage(house.batches, snapshot, source)))
    )


def needed_sources(house: House) -> tuple[Source, ...]:
    """Give the sources that any of the site's plans reads."""
    needed = {source for dossier in house.dossiers.values() for source in sources_of(dossier.plan)}
    return tuple(source for source in Source if source in needed)


def came_last(house: House, batch: str, period: Period) -> bool:
    """Say whether a batch was published last of those that brought the period.

    Exactly one is, whenever the question is asked: it speaks for the month, so that the month is evaluated once. A
    stopped batch that a person let through is one of them, single rows out of quarantine are not, nor is what no plan
    reads.
    """
    pulled_for = [
        o.landing.batch
        for s in needed_sources(house)
        for o in house.batches.outcomes(s)
        if o.landing.window.end == period.end and o.landing.media is not Media.DESK_ROWS
    ]
    return house.batches.newest(pulled_for) == batch


def make_stamp(plan: Plan, period: Period, snapshot: Snapshot) -> Stamp:
    """Give the stamp of a run; its id is the digest of all that its answer depends on."""
    plan_digest = digest(plan)
    identity = digest([plan_digest, period, snapshot.sha256, code_digest()])
    return Stamp(
        run_id=f"RUN-{identity[:16]}",
        as_of=snapshot.as_of,
        snapshot=snapshot.sha256,
        plan=f"{plan.id}@{plan.version}",
        plan_digest=plan_digest,
        code=code_digest(),
    )


def compute(house: House, plan: Plan, period: Period, snapshot: Snapshot) -> tuple[Detection, ...]:
    """Give what the plan's methods say of a period on a snapshot; reads the lake and writes nothing."""
    return judge(plan, period, {source: source_rows(house, snapshot, source) for source in sources_of(plan)})


def judge(plan: Plan, period: Period, tables: Mapping[Source, AnyRows]) -> tuple[Detection, ...]:
    """Give what the plan's methods say of a period on the rows of its sources; a back-test asks the same."""
    found: list[Detection] = []
    for indicator in plan.indicators:
        point = Point(plan=plan, indicator=indicator, period=period, rows=tables[indicator.source])
        found += _evaluate_indicator(point, tables)
    return control_false_discoveries(tuple(found), plan.false_discovery_rate)


def _evaluate_indicator(point: Point, tables: Mapping[Source, AnyRows]) -> Sequence[Detection]:
    method = point.indicator.method.name
    if method in catalogue.PAIRS:
        return evaluate_pairs.evaluate(point)
    if method in catalogue.MEASUREMENTS:
        return evaluate_measurements.evaluate(point)
    if method in catalogue.SHIFTS:
        return evaluate_shifts.evaluate(point)
    if method in catalogue.NARRATIVES:
        return evaluate_themes.evaluate(point)
    return evaluate_counts.evaluate(point, tables[Source.EXPOSURE])


def sources_of(plan: Plan) -> set[Source]:
    """Give the sources that a plan's indicators need."""
    return {indicator.source for indicator in plan.indicators} | {Source.EXPOSURE}


def source_rows(house: House, snapshot: Snapshot, source: Source) -> HeldRows:
    """Give the rows of one source in a snapshot, where they lie, and the days they cover."""
    table = TABLES[source]
    return HeldRows(
        table=snapshots.rows(house.lake, snapshot, source),
        order=tuple(dict.fromkeys([table.placed_by, *table.key])),
        coverage=snapshots.coverage(house.batches, snapshot, source),
    )


def reconcile_run(house: House, run_id: str, now: datetime) -> list[str]:
    """Turn the alarms of a recorded run into signals; gives the ids of signals that are new.

    Raises IntegrityError when the run is not on record.
    """
    run = house.detections.run(run_id)
    if run is None:
        raise IntegrityError(f"run {run_id} is not on record", where="detection log", todo="run `evaluate` first")
    dossier = house.dossier(run.plan_id)
    book = tuple(KnownSignal(signal=k.signal, state=k.state, alarms=k.alarms) for k in house.signals.all())
    result = reconcile(dossier.plan, dossier.risk_file, house.detections.detections(run_id), book, run.stamp)
    opened = house.signals.open([*result.opened, *(r.signal for r in result.reopened)], now)
    for sighting in result.persisted:
        house.signals.record_persistence(sighting.signal_id, sighting.detection, run.stamp, now)
    for sighting in result.attached:
        house.signals.record_attachment(sighting.signal_id, sighting.detection, run.stamp, now)
    return [signal.id for signal in opened]


def indicator_of(plan: Plan, indicator_id: str) -> Indicator:
    """Give an indicator of a plan by its id. Raises IntegrityError when the plan has none."""
    for indicator in plan.indicators:
        if indicator.id == indicator_id:
            return indicator
    raise IntegrityError(
        f"plan {plan.id}@{plan.version} has no indicator {indicator_id}",
        where="signal book",
        todo="use the plan version the signal was opened with",
    )
