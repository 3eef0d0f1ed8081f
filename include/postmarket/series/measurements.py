"""Measurements by device: one row a device and period, one column a metric, for methods that compare devices."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from include.postmarket.detection.shapes import FloatArray
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.period import Period
from include.postmarket.model.plan import Indicator
from include.postmarket.model.tables import TABLES
from include.postmarket.series.rows import AnyRows
from include.postmarket.series.scope import in_scope, observed, period_numbers, refuse_unknown_columns


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceMatrix:
    """``values[n, m]`` is the median of metric m of ``devices[n]`` in ``periods[n]``; device keys stay inside (G4).

    Rows are in order of period and device, and no value is nan. ``reason`` is empty, or says which period was not
    observed.
    """

    metrics: tuple[str, ...]
    devices: tuple[str, ...]
    periods: tuple[Period, ...]
    values: FloatArray
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurements:
    """What is compared: the devices of the baseline with those of the current period."""

    indicator_id: str
    baseline: DeviceMatrix
    current: DeviceMatrix


def measure(rows: AnyRows, indicator: Indicator, baseline: Sequence[Period], current: Period) -> Measurements:
    """Give the matrices of an indicator's metrics over the rows in its scope.

    A device that lacks a metric in a period is left out of that period. Raises ConfigurationError when the indicator
    names no metric, or a column its table does not have.
    """
    refuse_unknown_columns(indicator)
    if not indicator.metrics:
        raise ConfigurationError(
            "no metrics to compare devices by", where=f"indicator {indicator.id}", todo="name them in the plan"
        )
    return Measurements(
        indicator_id=indicator.id,
        baseline=_matrix(rows, indicator, baseline),
        current=_matrix(rows, indicator, (current,)),
    )


def _matrix(rows: AnyRows, indicator: Indicator, periods: Sequence[Period]) -> DeviceMatrix:
    table = TABLES[indicator.source]
    metrics = list(indicator.metrics)
    frame = rows.frame[in_scope(rows.frame, indicator.scope)]
    frame = frame.assign(_period=period_numbers(frame[table.placed_by], periods))
    frame = frame[frame["_period"] >= 0]
    medians = frame.groupby(["_period", "device"], sort=True)[metrics].median().dropna()
    missing = [str(p) for p, seen in zip(periods, observed(periods, rows.coverage), strict=True) if not seen]
    return DeviceMatrix(
        metrics=tuple(metrics),
        devices=tuple(str(device) for device in medians.index.get_level_values("device")),
        periods=tuple(periods[int(number)] for number in medians.index.get_level_values("_period")),
        values=np.asarray(medians, dtype=np.float64).reshape(-1, len(metrics)),
        reason=f"not observed: {', '.join(missing)}" if missing else "",
    )
