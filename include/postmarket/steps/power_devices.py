"""The power of an indicator of measurements: that of its share test, exact, on as many devices as measure today."""

import math

from include.postmarket.detection.anomaly_share import ShareRule, required_units
from include.postmarket.detection.power import SEEN
from include.postmarket.detection.shapes import Reason
from include.postmarket.detection.share_power import share_power
from include.postmarket.model.power import IndicatorPower, Rise, Seen, SeriesPower
from include.postmarket.series.measurements import Measurements, measure
from include.postmarket.series.scope import observed
from include.postmarket.steps.evaluate_measurements import subgroups
from include.postmarket.steps.evaluation import Point, history, method_parameters, observed_run
from include.postmarket.steps.power_counts import YEAR, answer


def power_of_devices(point: Point) -> IndicatorPower:
    """Give the power of the fleet and of each subgroup as of the point's period; false alarms of all add up.

    The control of false discoveries, which holds some alarms of subgroups back, is not in it.
    """
    spans = history(point)
    covered = observed(spans, point.rows.coverage)
    before = tuple(p for p in observed_run(point, covered, spans) if p != point.period)
    if not covered[-1] or not before:
        return answer(point, reason=(Reason.SHORT_HISTORY if covered[-1] else Reason.NOT_OBSERVED).value)
    told = tuple(
        _told(name, measure(point.rows, indicator, before, point.period), point) for name, indicator in subgroups(point)
    )
    rates = [s.false_alarms for s in told if s.false_alarms is not None]
    return answer(point, told, (sum(rates), 0.0) if rates else (math.nan, math.nan))


def _told(name: str, found: Measurements, point: Point) -> SeriesPower:
    params = method_parameters(point.indicator)
    rule = ShareRule(
        tail=params.tail,
        level=params.level,
        folds=params.folds,
        minimum_current=params.minimum_current,
        seed=params.seed,
    )
    before, now = len(found.baseline.values), len(found.current.values)
    if before < required_units(rule) or now < rule.minimum_current:
        return SeriesPower(subgroup=name, reason=f"{Reason.TOO_FEW_UNITS.value}: {now} now, {before} before")
    said = share_power((before, now), rule.tail, rule.level, SEEN)
    seen = math.isfinite(said.smallest)
    rise = Rise(
        within=1, seen=Seen.RISE if seen else Seen.BEYOND, ratio=said.smallest / said.expected if seen else None
    )
    return SeriesPower(
        subgroup=name,
        expected=said.expected,
        exposure=float(now),
        false_alarms=said.false_alarm * YEAR[point.plan.cadence],
        error=0.0,
        in_alarm=said.false_alarm,
        rises=(rise,),
    )
