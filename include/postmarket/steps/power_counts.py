"""The power of an indicator over time, by simulation on its own history through the path that evaluates it."""

import math

import numpy as np

from include.postmarket.detection import catalogue, power
from include.postmarket.detection.futures import Futures, draw, family
from include.postmarket.detection.power import WITHIN, Detector, FalseAlarms, SmallestRises, Unchanged
from include.postmarket.detection.shapes import Counts, FloatArray, MethodInputError
from include.postmarket.model.canonical import digest
from include.postmarket.model.period import Cadence
from include.postmarket.model.plan import Indicator, Plan
from include.postmarket.model.power import IndicatorPower, Rise, RiskSight, Seen, SeriesPower
from include.postmarket.series.counts import CountSeries, count
from include.postmarket.series.rows import AnyRows
from include.postmarket.steps.evaluation import Point, history, method_parameters, plain

#: Periods of a year, by the cadence of a plan.
YEAR = {Cadence.MONTH: 12, Cadence.WEEK: 52}

#: Methods whose limits are those of Poisson counts and that cannot be told of another spread.
POISSON = frozenset({"trend_report", "maxsprt", "ewma"})


def power_of_counts(point: Point, exposure: AnyRows) -> IndicatorPower:
    """Give the power of the indicator's series as of the point's period; risks are looked at elsewhere."""
    series = count(point.rows, exposure, point.indicator, history(point))
    detector = detector_of(point.plan, point.indicator)
    try:
        futures = futures_of(point, series, detector)
        found = power.unchanged(detector, futures)
        alarms = power.false_alarms(found, YEAR[point.plan.cadence])
        rises = power.smallest_rises(detector, futures, found)
    except MethodInputError as error:
        return answer(point, reason=str(error))
    told = tuple(series_power(name, s, futures, (found, alarms, rises)) for s, name in enumerate(series.names))
    return answer(point, told, (alarms.together, alarms.together_error))


def detector_of(plan: Plan, indicator: Indicator) -> Detector:
    """Give the indicator's method, with what the plan puts between it and an alarm."""
    return Detector(
        method=catalogue.over_time(indicator.method.name),
        params=method_parameters(indicator),
        minimum_events=indicator.minimum_events,
        minimum_exposure=indicator.minimum_exposure if indicator.denominator else 0.0,
        false_discovery_rate=plan.false_discovery_rate,
    )


def futures_of(point: Point, series: CountSeries, detector: Detector) -> Futures:
    """Draw a year and 13 periods or more of the indicator's series; the same plan and indicator, the same draws."""
    year = YEAR[point.plan.cadence]
    counts = series.counts
    blind = [bool(r) for r in series.exposure_reasons] if point.indicator.denominator else [False] * len(series.names)
    if counts.exposure is not None:
        counts = Counts(counts=counts.counts, exposure=np.where(np.array(blind)[:, None], np.nan, counts.exposure))
    world = family(counts, max(year, *WITHIN), float(year))
    return draw(world, detector.replicates, max(WITHIN), seed_of(point))


def seed_of(point: Point) -> int:
    """Give the seed of an indicator's draws, so that they can be drawn again (G2) and do not repeat another's."""
    return int(digest([point.plan.id, point.indicator.id])[:12], 16)


def answer(
    point: Point,
    series: tuple[SeriesPower, ...] = (),
    together: tuple[float, float] = (math.nan, math.nan),
    reason: str = "",
    sights: tuple[RiskSight, ...] = (),
) -> IndicatorPower:
    """Give the power of an indicator; where no series has one, the first reason says why."""
    why = reason or ("" if any(not s.reason for s in series) else next((s.reason for s in series), "no series"))
    return IndicatorPower(
        indicator_id=point.indicator.id,
        method=point.indicator.method.name,
        unit=(point.indicator.denominator or "").replace("_", " "),
        assumes=_assumed(point.indicator),
        budget=point.indicator.alarm_budget,
        false_alarms=plain(together[0]),
        error=plain(together[1]),
        reason=why,
        series=series,
        sights=sights,
    )


def _assumed(indicator: Indicator) -> float | None:
    """Give the dispersion that a method assumes: as the plan states it, 1 where its limits are those of Poisson."""
    if indicator.method.name in POISSON:
        return 1.0
    stated: float | None = getattr(method_parameters(indicator), "dispersion", None)
    return stated


def series_power(
    name: str, s: int, futures: Futures, found: tuple[Unchanged, FalseAlarms, SmallestRises]
) -> SeriesPower:
    """Give what the simulation says of series ``s`` in the model's plain numbers."""
    said, alarms, rises = found
    if said.reason[s]:
        return SeriesPower(subgroup=name, reason=str(said.reason[s]))
    world = futures.world
    mean = world.parts.mean[world.members[s], world.past : world.past + max(WITHIN)].sum(axis=0).mean()
    exposure = world.series.exposure
    return SeriesPower(
        subgroup=name,
        expected=plain(mean),
        exposure=None if exposure is None else plain(exposure[s, -1]),
        dispersion=plain(world.series.dispersion[s]),
        false_alarms=plain(alarms.rate[s]),
        error=plain(alarms.error[s]),
        in_alarm=plain(alarms.share[s]),
        rises=rises_of(rises.ratio[s], rises.error[s]),
    )


def rises_of(ratio: FloatArray, error: FloatArray) -> tuple[Rise, ...]:
    """Give the smallest rises (3,) of `power.SmallestRises` as the model tells them."""
    return tuple(_rise(w, float(r), float(e)) for w, r, e in zip(WITHIN, ratio, error, strict=True))


def _rise(within: int, ratio: float, error: float) -> Rise:
    if math.isnan(ratio):
        return Rise(within=within, seen=Seen.NOT_EVALUATED)
    if math.isinf(ratio):
        return Rise(within=within, seen=Seen.BEYOND)
    if ratio == 1.0:
        return Rise(within=within, seen=Seen.WITHOUT_A_RISE)
    return Rise(within=within, seen=Seen.RISE, ratio=ratio, error=error)
