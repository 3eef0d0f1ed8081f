"""Evaluate an indicator of real-world performance: devices that measure unlike the fleet did before."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from include.postmarket.detection import catalogue
from include.postmarket.detection.anomaly_share import AnomalyShare
from include.postmarket.detection.shapes import MethodInputError, Reason
from include.postmarket.model.plan import Indicator
from include.postmarket.model.signal import Detection
from include.postmarket.series.measurements import Measurements, measure
from include.postmarket.series.scope import observed
from include.postmarket.steps.evaluation import (
    SHARE_OF_DEVICES,
    Answer,
    Point,
    detection,
    history,
    method_parameters,
    not_evaluated,
    observed_run,
    plain,
)


def evaluate(point: Point) -> Sequence[Detection]:
    """Give one detection for all devices and one for each subgroup that measured in the period."""
    spans = history(point)
    covered = observed(spans, point.rows.coverage)
    if not covered[-1]:
        return [detection(point, not_evaluated("", SHARE_OF_DEVICES, Reason.NOT_OBSERVED.value))]
    before = tuple(p for p in observed_run(point, covered, spans) if p != point.period)
    if not before:
        return [detection(point, not_evaluated("", SHARE_OF_DEVICES, Reason.SHORT_HISTORY.value))]
    return [
        detection(point, _answer(name, measure(point.rows, indicator, before, point.period), indicator))
        for name, indicator in subgroups(point)
    ]


def subgroups(point: Point) -> list[tuple[str, Indicator]]:
    """Give the indicator for all and for each value of its subgroup column, by narrowing the scope."""
    indicator = point.indicator
    column = indicator.subgroup_by
    if column is None:
        return [("", indicator)]
    values = sorted({str(v) for v in point.rows.frame[column].dropna()})
    narrowed = [(f"{column}={v}", replace(indicator, scope={**indicator.scope, column: (v,)})) for v in values]
    return [("", indicator), *narrowed]


def _answer(name: str, found: Measurements, indicator: Indicator) -> Answer:
    method = catalogue.over_devices(indicator.method.name)
    try:
        result = method.detect(found.baseline.values, found.current.values, method_parameters(indicator))
    except MethodInputError as error:  # these measurements, as a constant metric; other indicators go on
        return not_evaluated(name, SHARE_OF_DEVICES, str(error))
    if not result.evaluated:
        counted = f"{result.measured_current} now, {result.measured_baseline} before"
        return not_evaluated(name, SHARE_OF_DEVICES, f"{result.reason.value}: {counted}")
    return Answer(
        subgroup=name,
        unit=SHARE_OF_DEVICES,
        evaluated=True,
        reason="",
        observed=plain(result.share),
        expected=plain(result.expected),
        limit=plain(result.limit),
        exposure=float(result.measured_current),
        statistic=plain(result.share / result.expected),
        p_value=plain(result.p_value),
        alarm=result.alarm,
        record_ids=tuple(found.current.devices[int(i)] for i in result.anomalous),
        details={
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
