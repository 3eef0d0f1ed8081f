"""Thresholds that keep a plan within its alarm budget: proposed here, put into the plan and signed by a person."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from include.postmarket.detection import catalogue, power
from include.postmarket.detection.tuning import Threshold, threshold_of, tune
from include.postmarket.lake import snapshots
from include.postmarket.model.batch import Source
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.period import Period
from include.postmarket.model.plan import Indicator, Plan
from include.postmarket.model.power import IndicatorPower, PlanPower, Rise
from include.postmarket.series.counts import count
from include.postmarket.series.rows import AnyRows
from include.postmarket.steps.detect import source_rows, sources_of
from include.postmarket.steps.evaluation import Point, history, method_parameters
from include.postmarket.steps.house import House
from include.postmarket.steps.power import of_snapshot
from include.postmarket.steps.power_counts import YEAR, detector_of, futures_of, rises_of

NO_SHARE = "the plan leaves its budget open: state one for the plan, or for this indicator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What is proposed for one indicator, or the ``reason`` why nothing is.

    ``share`` is what it may have of the budget and ``before`` its power as the plan stands. With ``value`` of
    ``parameter`` its false alarms a year are ``false_alarms``, and its first series sees ``rises``.
    """

    before: IndicatorPower
    share: float | None
    reason: str = ""
    parameter: str = ""
    value: float | None = None
    false_alarms: float | None = None
    rises: tuple[Rise, ...] = ()


def propose(house: House, plan_id: str, period: Period) -> tuple[Proposal, ...]:
    """Propose for each indicator the loosest threshold that keeps within its share of the budget.

    An indicator with a budget of its own has that; what is left of the plan's is dealt evenly to the others that can
    be tuned, after those that cannot have had theirs. Raises ConfigurationError where the plan states no budget.
    """
    dossier = house.dossier(plan_id)
    plan = dossier.plan
    if plan.alarm_budget is None and all(i.alarm_budget is None for i in plan.indicators):
        raise ConfigurationError(
            f"plan {plan.id} states no alarm budget",
            where="key alarm_budget",
            todo="state how many false alarms a year you accept, of the plan or of an indicator",
        )
    snapshot = snapshots.take(house.batches, period.end)
    exposure = source_rows(house, snapshot, Source.EXPOSURE)
    tables = {source: source_rows(house, snapshot, source) for source in sources_of(plan)}
    found = of_snapshot(house, dossier, period, snapshot)
    points = [Point(plan=plan, indicator=i, period=period, rows=tables[i.source]) for i in plan.indicators]
    each = zip(points, found.indicators, _shares(plan, found), strict=True)
    return tuple(_proposal(point, exposure, before, share) for point, before, share in each)


def _shares(plan: Plan, found: PlanPower) -> Iterator[float | None]:
    """Give what each indicator may have of the budget; None where the plan leaves it open."""
    each = list(zip(plan.indicators, found.indicators, strict=True))
    dealt = [i.alarm_budget is None and not _why_not(i, known) for i, known in each]
    fixed = sum(i.alarm_budget or known.false_alarms or 0.0 for (i, known), d in zip(each, dealt, strict=True) if not d)
    left = None if plan.alarm_budget is None else max(plan.alarm_budget - fixed, 0.0) / max(sum(dealt), 1)
    for (indicator, _), share in zip(each, dealt, strict=True):
        yield left if share else indicator.alarm_budget


def _threshold(indicator: Indicator) -> Threshold | None:
    name = indicator.method.name
    return threshold_of(name, method_parameters(indicator)) if name in catalogue.OVER_TIME else None


def _why_not(indicator: Indicator, found: IndicatorPower) -> str:
    """Say why an indicator's threshold cannot be tuned by simulation; empty where it can."""
    if found.reason or _threshold(indicator):
        return found.reason
    return f"{indicator.method.name} is not tuned by simulation: its false alarms count as they are"


def _proposal(point: Point, exposure: AnyRows, before: IndicatorPower, share: float | None) -> Proposal:
    indicator = point.indicator
    threshold = _threshold(indicator)
    why_not = _why_not(indicator, before) or ("" if share is not None else NO_SHARE)
    if why_not or threshold is None or share is None:
        return Proposal(before=before, share=share, reason=why_not)
    detector, year = detector_of(point.plan, indicator), YEAR[point.plan.cadence]
    futures = futures_of(point, count(point.rows, exposure, indicator, history(point)), detector)
    tuned = tune(detector, futures, threshold, (share, year))
    if not tuned.within:
        least = f"even {threshold.parameter} {tuned.value:g} raises {tuned.alarms.together:.2g} false alarms a year"
        return Proposal(before=before, share=share, reason=f"{least}: no threshold meets its share")
    detector = replace(detector, params=replace(detector.params, **{threshold.parameter: tuned.value}))
    rises = power.smallest_rises(detector, futures, power.unchanged(detector, futures))
    return Proposal(
        before=before,
        share=share,
        parameter=threshold.parameter,
        value=tuned.value,
        false_alarms=tuned.alarms.together,
        rises=rises_of(rises.ratio[0], rises.error[0]),
    )
