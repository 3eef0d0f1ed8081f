"""Evaluate an indicator of real-world performance: devices that measure unlike the fleet did before."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from include.postmarket.detection import catalogue
from include.postmarket.detection.anomaly_share import AnomalyShare
from include.postmarket.detection.shapes import Reason
from include.postmarket.model.plan import Indicator
from include.postmarket.model.signal import Detection
from include.postmarket.series.measurements import Measurements, measure
from include.postmarket.series.scope import observed
from include.postmarket.steps.evaluation import (
    Answer,
    Point,
    detection,
    history,
    method_parameters,
    observed_run,
    plain,
)

UNIT = "share of devices"


def evaluate(point: Point) -> Sequence[Detection]:
    """Give one detection for all devices and one for each subgroup that measured in the period."""
    spans = history(point)
    covered = observed(spans, point.rows.coverage)
    if not covered[-1]:
        return [detection(point, _nothing("", Reason.NOT_OBSERVED.value))]
    before = tuple(p for p in observed_run(point, covered, spans) if p != point.period)
    if not before:
        return [detection(point, _nothing("", Reason.SHORT_HISTORY.value))]
    return [
        detection(point, _answer(name, measure(point.rows, indicator, before, point.period), indicator))
        for name, indicator in _subgroups(point)
    ]


def _subgroups(point: Point) -> list[tuple[str, Indicator]]:
    """Give the indicator for all and for each value of its subgroup column, by narrowing the scope."""
    indicator = point.indicator
    column = indicator.subgroup_by
    if column is None:
        return [("", indicator)]
    values = sorted({str(v) for v in point.rows.frame[column].dropna()})
    narrowed = [(f"{column}={v}", replace(indicator, scope={**indicator.scope, column: (v,)})) for v in values]
    return [("", indicator), *narrowed]


def _nothing(name: str, reason: str) -> Answer:
    return Answer(subgroup=name, unit=UNIT, evaluated=False, reason=reason, observed=None, details={})


def _answer(name: str, found: Measurements, indicator: Indicator) -> Answer:
    method = catalogue.over_devices(indicator.method.name)
    result = method.detect(found.baseline.values, found.current.values, method_parameters(indicator))
    if not result.evaluated:
        return _nothing(
            name, f"{result.reason.value}: {result.measured_current} now, {result.measured_baseline} before"
        )
    return Answer(
        subgroup=name,
        unit=UNIT,
        evaluated=True,
        reason="",
        observed=plain(result.share),
        expected=plain(result.expected),
        limit=plain(result.limit),
        exposure=None,
        statistic=plain(result.share / result.expected),
        p_value=plain(result.p_value),
        alarm=result.alarm,
        record_ids=tuple(found.current.devices[int(i)] for i in result.anomalous),
        details={
            "devices_now": str(result.measured_current),
            "device_months_before": str(result.measured_baseline),
            "drivers": _drivers(result, found),
        },
    )


def _drivers(result: AnomalyShare, found: Measurements) -> str:
    """Say which metrics set the anomalous devices apart, most frequent first, and in which direction."""
    told = Counter(found.current.metrics[int(d)] for d in result.driver)
    parts = []
    for metric, n in told.most_common():
        column = found.current.metrics.index(metric)
        middle = float(np.median(result.deviation[result.anomalous, column]))
        parts.append(f"{metric} in {n} ({'above' if middle > 0 else 'below'} the fleet by {abs(middle):.1f} sigma)")
    return ", ".join(parts)
