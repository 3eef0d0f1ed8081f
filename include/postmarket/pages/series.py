"""The series behind a signal's chart: what was observed, expected and allowed in each period."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from include.postmarket.model.errors import IntegrityError
from include.postmarket.model.period import Period, periods
from include.postmarket.model.signal import Detection
from include.postmarket.steps.evaluation import CHART_PERIODS

_COLUMNS = ("periods", "observed", "expected", "limit", "alarm", "evaluated", "exposure")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPoint:
    """One period of a series; numbers are None where there are none."""

    period: Period
    observed: float | None
    expected: float | None
    limit: float | None
    exposure: float | None
    evaluated: bool
    alarm: bool
    reason: str = ""


def series_of(said: Sequence[Detection], method: str) -> tuple[SeriesPoint, ...]:
    """Give the periods of a series, oldest first, from all that one method said of it in the order it was recorded.

    A detection over time carries the series it was judged in: the one of the latest period is taken. What was recorded
    of a period (alarm, or why it was not evaluated) goes before what the series says of it, and periods that were
    recorded and are not in the series stand beside it, the latest `CHART_PERIODS` in all. Methods without a series give
    the recorded periods. Raises IntegrityError when a stored series cannot be read.
    """
    own = [d for d in said if d.method == method]
    recorded = {d.period: _recorded(d) for d in own}  # the last answer to a period stands
    charted = [d for d in own if "chart" in d.details]
    points = dict(recorded)
    if charted:
        latest = max(enumerate(charted), key=lambda known: (known[1].period, known[0]))[1]
        points |= {point.period: _judged(point, recorded.get(point.period)) for point in _chart(latest)}
    spans = periods(min(points), max(points)) if points else ()
    return tuple(points.get(p) or _silent(p) for p in spans[-CHART_PERIODS:])


def _silent(period: Period) -> SeriesPoint:
    """Give a period between others of which no run has said anything: a gap of the chart, never a zero."""
    return SeriesPoint(
        period=period,
        observed=None,
        expected=None,
        limit=None,
        exposure=None,
        evaluated=False,
        alarm=False,
        reason="no answer on record",
    )


def _judged(point: SeriesPoint, known: SeriesPoint | None) -> SeriesPoint:
    if known is None:
        return point
    return replace(point, alarm=known.alarm, evaluated=known.evaluated, reason=known.reason)


def _recorded(detection: Detection) -> SeriesPoint:
    return SeriesPoint(
        period=detection.period,
        observed=detection.observed,
        expected=detection.expected,
        limit=detection.limit,
        exposure=detection.exposure,
        evaluated=detection.evaluated,
        alarm=detection.alarm,
        reason=detection.reason,
    )


def _chart(detection: Detection) -> Iterable[SeriesPoint]:
    try:
        stored: dict[str, list[Any]] = json.loads(detection.details["chart"])
        count = len(stored["periods"])
        reasons = stored.get("reason") or [""] * count
        rows = list(zip(*(stored[name] for name in _COLUMNS), reasons, strict=True))
    except (ValueError, KeyError, TypeError):
        raise IntegrityError(
            "the series of a detection cannot be read",
            where=f"detection {detection.key}",
            todo="was it written by another release, or changed? verify the audit trail",
        ) from None
    for key, observed, expected, limit, alarm, evaluated, exposure, reason in rows:
        yield SeriesPoint(
            period=Period.from_key(key, detection.period.cadence),
            observed=observed,
            expected=expected,
            limit=limit,
            exposure=exposure,
            evaluated=evaluated,
            alarm=alarm,
            reason=reason,
        )
