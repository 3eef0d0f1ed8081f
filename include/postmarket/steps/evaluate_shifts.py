"""Evaluate an indicator of shifts: groups of devices that measure otherwise than before, or than all the others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from include.postmarket.detection import catalogue
from include.postmarket.detection.entries import ComparedWith, OverGroups
from include.postmarket.detection.group_shift import GroupShift, fleet
from include.postmarket.detection.shapes import IntArray, Reason
from include.postmarket.model.period import Period
from include.postmarket.model.signal import Detection
from include.postmarket.series.device_groups import DeviceMonths, device_months
from include.postmarket.series.scope import observed
from include.postmarket.steps.evaluation import (
    LOOK_BACK,
    SHARE_OF_DEVICES,
    Answer,
    Point,
    chart_text,
    detection,
    history,
    method_parameters,
    not_evaluated,
    plain,
    run_before,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What is asked of every period: the method on the measurements of the devices in scope."""

    point: Point
    method: OverGroups
    table: DeviceMonths
    covered: tuple[bool, ...]

    @property
    def other(self) -> str:
        """What a group is compared with, as one word."""
        return "before" if self.method.compared_with is ComparedWith.BASELINE else "outside"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shifts:
    """The answer of one period: row i of ``said`` is of the group ``names[i]``; ``rows`` are the devices looked at."""

    names: tuple[str, ...]
    said: GroupShift
    rows: IntArray


def evaluate(point: Point) -> Sequence[Detection]:
    """Give one detection for each group (and, against the baseline, one for all devices), for the point's period.

    Several metrics make one detection: it speaks of the metric that shifted most, its p-value counts them all.
    """
    spans = history(point)
    asked = _Question(
        point=point,
        method=catalogue.over_groups(point.indicator.method.name),
        table=device_months(point.rows, point.indicator, spans),
        covered=observed(spans, point.rows.coverage),
    )
    now = _compare(asked, len(spans) - 1)
    if isinstance(now, str):
        return [detection(point, not_evaluated("", SHARE_OF_DEVICES, now))]
    answers = [_answer(asked, now, i) for i in range(len(now.names))]
    if any(answer.alarm for answer in answers):
        first = max(len(spans) - LOOK_BACK, 0)
        series = [*(_compare(asked, t) for t in range(first, len(spans) - 1)), now]
        answers = [_with_chart(answer, series, spans[first:]) for answer in answers]
    return [detection(point, answer) for answer in answers]


def _compare(asked: _Question, number: int) -> _Shifts | str:
    """Compare a period's devices with what the method compares them with; or say why they cannot be."""
    if not asked.covered[number]:
        return Reason.NOT_OBSERVED.value
    rows = asked.table.of_period(number)
    first = run_before(asked.covered, number)
    against_baseline = asked.method.compared_with is ComparedWith.BASELINE
    if against_baseline and first == number:
        return Reason.SHORT_HISTORY.value
    if not len(rows):
        return "no device in scope was measured"
    earlier = asked.table.first_of_device(first, number - 1) if against_baseline else rows
    (now, code_now), (before, code_before) = _grouped(asked, rows), _grouped(asked, earlier)
    if not len(now):
        return f"no device has a {asked.point.indicator.subgroup_by}"
    said = asked.method.detect(
        fleet(asked.table.values[before], code_before),
        fleet(asked.table.values[now], code_now),
        method_parameters(asked.point.indicator),
    )
    column = asked.point.indicator.subgroup_by
    names = ("" if code == 0 else f"{column}={asked.table.groups[code - 1]}" for code in said.group.tolist())
    return _Shifts(names=tuple(names), said=said, rows=rows)


def _grouped(asked: _Question, rows: IntArray) -> tuple[IntArray, IntArray]:
    """Give rows and their codes: each device in its own group and, against the baseline, in the one of all, code 0."""
    own = asked.table.group[rows] + 1
    known = own > 0
    if asked.method.compared_with is ComparedWith.OTHERS:
        return rows[known], own[known]
    return np.concatenate([rows, rows[known]]), np.concatenate([np.zeros_like(own), own[known]])


def _answer(asked: _Question, now: _Shifts, i: int) -> Answer:
    said, worst = now.said, int(now.said.worst[i])
    units, others = int(said.metrics.units[i].max()), int(said.metrics.reference_units[i].max())
    if not said.evaluated[i]:
        counted = f"{units} now, {others} {asked.other}"
        return not_evaluated(now.names[i], SHARE_OF_DEVICES, f"{said.reason[i]}: {counted}")
    return Answer(
        subgroup=now.names[i],
        unit=SHARE_OF_DEVICES,
        evaluated=True,
        reason="",
        observed=plain(said.observed[i]),
        expected=plain(said.expected[i]),
        limit=plain(said.limit[i]),
        exposure=float(said.metrics.units[i, worst]),
        statistic=plain(said.metrics.size[i, worst]),
        p_value=plain(said.p_value[i]),
        alarm=bool(said.alarm[i]),
        record_ids=_devices(asked.table, now, i),
        details=_details(asked, said, i),
    )


def _details(asked: _Question, said: GroupShift, i: int) -> dict[str, str]:
    """Name the metric that moved most, tell every metric, and say what the alarm is about or why it is held back."""
    worst = int(said.worst[i])
    metric, size = asked.table.metrics[worst], f"{asked.method.size} {said.metrics.size[i, worst]:.3g}"
    details = {"worst_metric": metric, "compared_with": str(int(said.metrics.reference_units[i, worst]))}
    details |= {name: _told(asked, said, i, m) for m, name in enumerate(asked.table.metrics)}
    if said.alarm[i]:
        now, before = said.metrics.median_now[i, worst], said.metrics.median_before[i, worst]
        details["change"] = f"Median of {metric.replace('_', ' ')}: {now:.4g} now, {before:.4g} {asked.other}."
    elif not said.large[i] and said.observed[i] > said.limit[i]:
        details["held_back"] = f"alarm held back: {size} is a smaller shift than the plan asks for"
    return details


def _devices(table: DeviceMonths, now: _Shifts, i: int) -> tuple[str, ...]:
    """Give the devices of a group whose values of its worst metric are the distribution that was compared."""
    code = int(now.said.group[i]) - 1
    measured = np.isfinite(table.values[now.rows, int(now.said.worst[i])])
    inside = measured & ((table.group[now.rows] == code) | (code < 0))
    return tuple(sorted({table.device[r] for r in now.rows[inside].tolist()}))


def _told(asked: _Question, said: GroupShift, i: int, m: int) -> str:
    """Say of one metric what was compared; its unit is in its name."""
    if said.metrics.reason[i, m] != Reason.NONE.value:
        return f"not evaluated: {said.metrics.reason[i, m]}"
    before, now = said.metrics.median_before[i, m], said.metrics.median_now[i, m]
    return (
        f"median {now:.4g}, {before:.4g} {asked.other} ({now - before:+.3g}); {asked.method.size} "
        f"{said.metrics.size[i, m]:.3g}; distance {said.metrics.distance[i, m]:.3g}; p {said.metrics.p_value[i, m]:.3g}"
    )


def _with_chart(answer: Answer, series: Sequence[_Shifts | str], spans: Sequence[Period]) -> Answer:
    """Give an alarm the series it stands in: every period compared in the same way, on the same data."""
    if not answer.alarm:
        return answer
    points = [_charted(shifts, answer.subgroup) for shifts in series]
    columns: dict[str, list[Any]] = {name: [point[name] for point in points] for name in points[0]}
    return replace(
        answer, details=answer.details | {"chart": chart_text({"periods": [p.key for p in spans]} | columns)}
    )


def _charted(shifts: _Shifts | str, name: str) -> dict[str, Any]:
    empty = {"observed": None, "expected": None, "limit": None, "alarm": False, "evaluated": False, "exposure": None}
    if isinstance(shifts, str):
        return empty | {"reason": shifts}
    i = shifts.names.index(name) if name in shifts.names else -1
    if i < 0 or not shifts.said.evaluated[i]:
        return empty | {"reason": Reason.TOO_FEW_UNITS.value if i < 0 else str(shifts.said.reason[i])}
    numbers = {key: round(float(getattr(shifts.said, key)[i]), 6) for key in ("observed", "expected", "limit")}
    numbers["exposure"] = float(shifts.said.metrics.units[i, shifts.said.worst[i]])
    return empty | numbers | {"alarm": bool(shifts.said.alarm[i]), "evaluated": True, "reason": ""}
