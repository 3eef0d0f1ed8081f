"""Evaluate an indicator over time: counts (and exposure) by subgroup through a method of the catalogue."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from include.postmarket.detection import catalogue
from include.postmarket.detection.shapes import Chart, Reason
from include.postmarket.model.plan import Counted
from include.postmarket.model.signal import Detection
from include.postmarket.series.cases import firsts_of, link_cases
from include.postmarket.series.counts import CountSeries, count, record_ids
from include.postmarket.series.rows import AnyRows
from include.postmarket.series.severity import severe_among, severe_only
from include.postmarket.steps.change import since_when
from include.postmarket.steps.evaluation import (
    Answer,
    Point,
    chart_text,
    detection,
    history,
    method_parameters,
    plain,
)


def evaluate(point: Point, exposure: AnyRows) -> Sequence[Detection]:
    """Give one detection for each subgroup of the indicator, for the point's period."""
    if point.indicator.count is Counted.CASES:
        return _evaluate_cases(point, exposure)
    series = _series(point, exposure)
    records = record_ids(point.rows, severe_only(point.indicator), point.period)
    return [detection(point, replace(a, record_ids=records.get(a.subgroup, ()))) for a in _answers(point, series)]


def _evaluate_cases(point: Point, exposure: AnyRows) -> Sequence[Detection]:
    cases = link_cases(point.rows, point.indicator, history(point))
    found = []
    for answer in _answers(point, count(cases.rows, exposure, point.indicator, history(point))):
        firsts = firsts_of(cases, point.indicator, point.period, answer.subgroup)
        told = answer.details | {"cases": cases.told(firsts)}
        found.append(detection(point, replace(answer, unit="cases", record_ids=cases.records(firsts), details=told)))
    return found


def _answers(point: Point, series: CountSeries) -> list[Answer]:
    chart = catalogue.over_time(point.indicator.method.name).detect(series.counts, method_parameters(point.indicator))
    return [_answer(point, series, chart, s) for s in range(len(series.names))]


def _series(point: Point, exposure: AnyRows) -> CountSeries:
    if point.indicator.severe:
        return severe_among(point.rows, point.indicator, history(point))
    return count(point.rows, exposure, point.indicator, history(point))


def _answer(point: Point, series: CountSeries, chart: Chart, s: int) -> Answer:
    name = series.names[s]
    count_now = float(series.counts.counts[s, -1])
    # All events are what severe ones are counted among; they are no exposure that a rate could be taken of.
    known = series.counts.exposure if point.indicator.denominator else None
    exposed = None if known is None else plain(known[s, -1])
    why_not = _why_not(point, series, chart, s)
    evaluated = not why_not
    held = _held_back(point, count_now) if evaluated and chart.alarm[s, -1] else ""
    alarm = evaluated and bool(chart.alarm[s, -1]) and not held
    change = since_when(series, s, _per(point)) if alarm else ""
    told = {"chart": _chart(series, chart, s), "held_back": held, "change": change}
    return Answer(
        subgroup=name,
        unit=point.indicator.source.value,
        evaluated=evaluated,
        reason=why_not,
        observed=plain(count_now),
        expected=plain(chart.expected[s, -1]) if evaluated else None,
        limit=plain(chart.limit[s, -1]) if evaluated else None,
        exposure=exposed,
        statistic=plain(chart.statistic[s, -1]) if evaluated else None,
        p_value=plain(chart.p_value[s, -1]) if evaluated else None,
        alarm=alarm,
        details={name: text for name, text in told.items() if text},
    )


def _per(point: Point) -> str | None:
    """Give what a rate of the series is per."""
    return point.indicator.source.value if point.indicator.severe else point.indicator.denominator


def _why_not(point: Point, series: CountSeries, chart: Chart, s: int) -> str:
    """Give why the point was not evaluated, the most telling reason first; empty when it was."""
    method_says = "" if chart.evaluated[s, -1] else str(chart.reason[s, -1])
    if point.indicator.severe and method_says == Reason.NO_EXPOSURE:
        return "no event in the period, so none that could be severe"
    if point.indicator.denominator is None or method_says == Reason.NOT_OBSERVED:
        return method_says
    if series.exposure_reasons[s]:
        return series.exposure_reasons[s]
    exposed = np.nan if series.counts.exposure is None else series.counts.exposure[s, -1]
    if exposed < point.indicator.minimum_exposure:
        return (
            f"{Reason.LOW_EXPOSURE.value}: {exposed:,.0f} {point.indicator.denominator.replace('_', ' ')}, "
            f"the plan asks for {point.indicator.minimum_exposure:,.0f}"
        )
    return method_says


def _held_back(point: Point, events: float) -> str:
    """Say why an alarm is none yet; a month without any event is none, even where a sum from before is still high."""
    needed = max(point.indicator.minimum_events, 1)
    return "" if events >= needed else f"alarm held back: {events:g} events, at least {needed} are asked for"


def _chart(series: CountSeries, chart: Chart, s: int) -> str:
    def column(values: np.ndarray) -> list[float | None]:
        return [None if (number := plain(v)) is None else round(number, 6) for v in values]

    exposure = series.counts.exposure
    return chart_text(
        {
            "periods": [p.key for p in series.periods],
            "observed": column(series.counts.counts[s]),
            "expected": column(chart.expected[s]),
            "limit": column(chart.limit[s]),
            "alarm": [bool(a) for a in chart.alarm[s]],
            "evaluated": [bool(e) for e in chart.evaluated[s]],
            "reason": [str(r) for r in chart.reason[s]],
            "exposure": column(exposure[s]) if exposure is not None else [None] * len(series.periods),
        }
    )
