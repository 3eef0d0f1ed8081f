"""What a plan can see, as of the end of a period: computed from the lake, kept on record once a year and version."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from include.postmarket.detection import catalogue
from include.postmarket.detection.power import WITHIN
from include.postmarket.lake import snapshots
from include.postmarket.model.batch import Snapshot, Source
from include.postmarket.model.canonical import digest
from include.postmarket.model.errors import IntegrityError
from include.postmarket.model.period import Period
from include.postmarket.model.power import IndicatorPower, PlanPower, RiskSight, Seen
from include.postmarket.model.risk import RiskFile, RiskItem
from include.postmarket.risk.evidence import record_unit
from include.postmarket.risk.sight import needed_rise, next_change
from include.postmarket.series.rows import AnyRows
from include.postmarket.steps.code_digest import code_digest
from include.postmarket.steps.detect import make_stamp, source_rows, sources_of
from include.postmarket.steps.evaluation import Point
from include.postmarket.steps.house import Dossier, House
from include.postmarket.steps.power_counts import answer, power_of_counts
from include.postmarket.steps.power_devices import power_of_devices
from include.postmarket.steps.power_pairs import power_of_pairs

NO_RATE = "no exposure stands behind the count, so there is no rate to compare with the risk file"
NO_POWER = "nothing is known of what the indicator sees"
OTHER_UNIT = "P1 is per {p1}, the indicator counts per {own}"
NO_CHANGE = "no higher probability changes what the matrix says of it"
NO_SIMULATION = "shifts of groups of devices: not said, no model of the measurements stands behind the method"


def compute(house: House, plan_id: str, period: Period) -> PlanPower:
    """Give the power of a plan on what was received before the end of a period; reads the lake and writes nothing."""
    dossier = house.dossier(plan_id)
    snapshot = snapshots.take(house.batches, period.end)
    return of_snapshot(house, dossier, period, snapshot)


def keep(house: House, run_id: str, now: datetime) -> str:
    """Keep the power of a run's plan on record and give its id; computed once for a version, its code and half a year.

    It is computed on the snapshot of the first run that asks. Raises IntegrityError when the run, or its snapshot, is
    not on record.
    """
    run = house.detections.run(run_id)
    snapshot = house.evidence.snapshot(run.stamp.snapshot) if run else None
    if run is None or snapshot is None:
        raise IntegrityError(f"run {run_id} is not on record", where="detection log", todo="run `evaluate` first")
    dossier = house.dossier(run.plan_id)
    half = (run.period.start.year, (run.period.start.month - 1) // 6)
    power_id = f"POW-{digest([digest(dossier.plan), digest(dossier.risk_file), code_digest(), half])[:16]}"
    if house.powers.power(power_id) is None:
        house.powers.record(power_id, run_id, of_snapshot(house, dossier, run.period, snapshot), now)
    return power_id


def of_snapshot(house: House, dossier: Dossier, period: Period, snapshot: Snapshot) -> PlanPower:
    """Give the power of a plan on a snapshot."""
    plan = dossier.plan
    tables = {source: source_rows(house, snapshot, source) for source in sources_of(plan)}
    points = [Point(plan=plan, indicator=i, period=period, rows=tables[i.source]) for i in plan.indicators]
    return PlanPower(
        plan_id=plan.id,
        period=period,
        stamp=make_stamp(plan, period, snapshot),
        budget=plan.alarm_budget,
        indicators=tuple(of_indicator(point, tables, dossier.risk_file) for point in points),
    )


def of_indicator(point: Point, tables: Mapping[Source, AnyRows], risk_file: RiskFile) -> IndicatorPower:
    """Give the power of one indicator, and whether it sees what the risk file assumes of its risks."""
    found = _power(point, tables)
    items = [item for item in risk_file.items if item.id in point.indicator.risks]
    return replace(found, sights=tuple(_sight(point, found, item, risk_file) for item in items))


def _power(point: Point, tables: Mapping[Source, AnyRows]) -> IndicatorPower:
    method = point.indicator.method.name
    of: dict[str, Callable[[Point], IndicatorPower]] = {
        **dict.fromkeys(catalogue.PAIRS, power_of_pairs),
        **dict.fromkeys(catalogue.MEASUREMENTS, power_of_devices),
    }
    if method in catalogue.OVER_TIME and not point.indicator.severe:
        return power_of_counts(point, tables[Source.EXPOSURE])
    return of[method](point) if method in of else answer(point, reason=NO_SIMULATION)


def _sight(point: Point, found: IndicatorPower, item: RiskItem, risk_file: RiskFile) -> RiskSight:
    denominator = point.indicator.denominator
    if denominator is None:
        return RiskSight(risk_id=item.id, sees=None, reason=NO_RATE)
    if record_unit(denominator) != record_unit(item.exposure_unit):
        other = OTHER_UNIT.format(p1=item.exposure_unit, own=denominator)
        return RiskSight(risk_id=item.id, sees=None, reason=other)
    change = next_change(item, risk_file.matrix)
    if change is None:
        return RiskSight(risk_id=item.id, sees=None, reason=NO_CHANGE)
    total = found.of("")
    if total is None or not total.expected or not total.exposure:
        return RiskSight(risk_id=item.id, sees=None, reason=(total and total.reason) or found.reason or NO_POWER)
    needed = needed_rise(item, change, total.expected / total.exposure)
    last = next(rise for rise in total.rises if rise.within == WITHIN[-1])
    if last.seen is Seen.NOT_EVALUATED:
        return RiskSight(risk_id=item.id, sees=None, reason=last.seen.value)
    sees = last.seen is Seen.WITHOUT_A_RISE or (last.ratio is not None and last.ratio <= needed)
    return RiskSight(
        risk_id=item.id,
        sees=sees,
        becomes=change.acceptability.value,
        rate=change.rate,
        of_assumed=change.rate / item.p1,
        needed=needed,
    )
