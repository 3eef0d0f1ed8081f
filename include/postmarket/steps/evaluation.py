"""What the evaluation of every kind of indicator shares: the point asked about, and the detection made of an answer."""

import json
import math
from dataclasses import dataclass
from datetime import date
from typing import Any

from include.postmarket.detection import catalogue
from include.postmarket.model.batch import Window
from include.postmarket.model.period import Period, periods
from include.postmarket.model.plan import Indicator, Plan
from include.postmarket.model.signal import Detection
from include.postmarket.series.rows import AnyRows
from include.postmarket.series.scope import observed

#: How many of the latest periods a detection keeps for its chart.
CHART_PERIODS = 36
#: How far back a comparison looks where the method has no baseline of its own.
LOOK_BACK = 12
#: What an answer about measurements is a number of.
SHARE_OF_DEVICES = "share of devices"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What is asked: one indicator of a plan in one period, on the rows of its source."""

    plan: Plan
    indicator: Indicator
    period: Period
    rows: AnyRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a method said of one point, in the model's plain numbers; nan and infinity are None.

    ``exposure`` is in the unit of the denominator; of measurements it is the devices that were measured.
    """

    subgroup: str
    unit: str
    evaluated: bool
    reason: str
    observed: float | None
    expected: float | None = None
    limit: float | None = None
    exposure: float | None = None
    statistic: float | None = None
    p_value: float | None = None
    alarm: bool = False
    record_ids: tuple[str, ...] = ()
    details: dict[str, str]


def not_evaluated(subgroup: str, unit: str, reason: str) -> Answer:
    """Give the answer of a point that could not be evaluated, and why."""
    return Answer(subgroup=subgroup, unit=unit, evaluated=False, reason=reason, observed=None, details={})


def detection(point: Point, answer: Answer) -> Detection:
    """Give the detection of a point, before the control of false discoveries."""
    return Detection(
        plan_id=point.plan.id,
        plan_version=point.plan.version,
        indicator_id=point.indicator.id,
        subgroup=answer.subgroup,
        period=point.period,
        method=point.indicator.method.name,
        unit=answer.unit,
        evaluated=answer.evaluated,
        reason=answer.reason,
        observed=answer.observed,
        expected=answer.expected,
        limit=answer.limit,
        exposure=answer.exposure,
        statistic=answer.statistic,
        p_value=answer.p_value,
        adjusted_p=None,
        alarm=answer.alarm,
        record_ids=answer.record_ids,
        details=answer.details,
    )


def method_parameters(indicator: Indicator) -> Any:
    """Give the parameters of the indicator's method: the plan's, and the method's defaults for the rest."""
    kind = catalogue.parameters()[indicator.method.name]
    return kind(**indicator.method.parameters)


def history(point: Point) -> tuple[Period, ...]:
    """Give the periods from the plan's baseline start (or the first day covered) to the point's period.

    What lies before a year or more that nobody pulled is left out: a sum that a chart carried over it would say of
    today what was true years ago.
    """
    start = point.plan.baseline_start or _first_day(point.rows.coverage) or point.period.start
    first = Period.containing(start, point.plan.cadence)
    spans = periods(min(first, point.period), point.period)
    unseen = 0
    begin = 0
    for number, seen in enumerate(observed(spans, point.rows.coverage)):
        unseen = 0 if seen else unseen + 1
        if unseen >= LOOK_BACK:
            begin = number + 1
    return spans[min(begin, len(spans) - 1) :]


def observed_run(point: Point, covered: tuple[bool, ...], spans: tuple[Period, ...]) -> tuple[Period, ...]:
    """Give the up to twelve periods that end with the point's period and were observed without a gap."""
    if not covered[-1]:
        return (point.period,)
    return spans[run_before(covered, len(spans) - 1) :]


def run_before(covered: tuple[bool, ...], number: int) -> int:
    """Give the first of the periods before ``number`` that were observed without a gap, so that twelve are looked at.

    It is ``number`` itself where the period before it was not observed.
    """
    first = number
    while first > 0 and covered[first - 1] and number - first < LOOK_BACK - 1:
        first -= 1
    return first


def plain(value: float) -> float | None:
    """Give a number as a record keeps it: None where there is none."""
    number = float(value)
    return number if math.isfinite(number) else None


def chart_text(columns: dict[str, list[Any]]) -> str:
    """Give the series behind a detection as the JSON its signal page draws, the latest periods only."""
    return json.dumps({name: values[-CHART_PERIODS:] for name, values in columns.items()}, separators=(",", ":"))


def _first_day(coverage: tuple[Window, ...]) -> date | None:
    return min((w.start for w in coverage), default=None)
