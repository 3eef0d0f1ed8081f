"""Run a method for measurements of devices on a plain table: odd devices, drift of groups, groups unlike the others."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from include.postmarket.detection.anomaly_share import AnomalyShare
from include.postmarket.detection.entries import ComparedWith, OverDevices, OverGroups
from include.postmarket.detection.group_shift import Fleet, GroupShift, fleet
from include.postmarket.detection.shapes import BoolArray, IntArray, MethodInputError, Reason
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.steps import device_table
from include.postmarket.steps.device_table import DeviceTable
from include.postmarket.steps.method_parameters import build, refused

_DRIVERS = 3  # metrics named of an anomalous device
_FAR = 2.0  # robust standard deviations from which a metric besides the first is named
_LEAST = 1e-12  # smaller tails of the beta-binomial are lost in rounding
ALL = "(all)"

Answer = tuple[Any, tuple[str, ...]]


def devices_table(method: OverDevices, given: dict[str, Any], source: Path, first: str) -> Answer:
    """Give one row a device and period from ``first`` on, and a note a period; what lies before is the baseline.

    Raises InputError for a table that cannot be used and ConfigurationError for parameters out of range, or for
    measurements that the method cannot compare.
    """
    table, params = device_table.read(source), build(method, given)
    baseline = table.values[table.before(first)]
    parts, notes = [], []
    for rows in table.spans(first):
        try:
            found = method.detect(baseline, table.values[rows], params)
        except MethodInputError as error:
            raise refused(method, error) from None
        parts.append(_device_rows(table, rows, found))
        notes.append(f"{table.label(rows)}: {_share(found)}")
    return _joined(parts), tuple(notes)


def groups_table(method: OverGroups, given: dict[str, Any], source: Path, first: str) -> Answer:
    """Give one row a period, group and metric from ``first`` on; against the baseline also for all devices together.

    Raises InputError for a table that cannot be used and ConfigurationError for parameters out of range.
    """
    table, params = device_table.read(source), build(method, given)
    against_baseline = method.compared_with is ComparedWith.BASELINE
    if not table.groups and not against_baseline:
        raise ConfigurationError(
            f"{method.name} compares groups with one another", where=str(source), todo="give a column group"
        )
    grouped = _grouped_and_all if against_baseline else _grouped
    baseline = grouped(table, _once(table, table.before(first))) if against_baseline else None
    parts = []
    for rows in table.spans(first):
        now = grouped(table, rows)
        said = method.detect(now if baseline is None else baseline, now, params)
        parts.append(_group_rows(table, method, table.label(rows), said))
    unknown = int((table.group < 0).sum()) if table.groups else 0
    return _joined(parts), ((f"{unknown} rows have no group",) if unknown else ())


def _once(table: DeviceTable, rows: IntArray) -> IntArray:
    """Give the first row of every device and group: its periods are no independent devices."""
    key = table.device[rows] * (len(table.groups) + 1) + table.group[rows] + 1
    first: IntArray = rows[np.sort(np.unique(key, return_index=True)[1])]
    return first


def _grouped(table: DeviceTable, rows: IntArray) -> Fleet:
    known = rows[table.group[rows] >= 0]
    return fleet(table.values[known], table.group[known] + 1)


def _grouped_and_all(table: DeviceTable, rows: IntArray) -> Fleet:
    """Give every device in its group, and once more in the group of all, code 0."""
    own = _grouped(table, rows)
    codes = np.concatenate([np.zeros(len(rows), dtype=np.int64), own.group])
    return fleet(np.concatenate([table.values[rows], own.values]), codes)


def _device_rows(table: DeviceTable, rows: IntArray, found: AnomalyShare) -> dict[str, Any]:
    anomalous = np.zeros(len(rows), dtype=np.bool_)
    anomalous[found.anomalous] = True
    evaluated: BoolArray = ~np.isnan(found.score)
    return {
        "device": [table.devices[d] for d in table.device[rows]],
        "period": [table.label(rows)] * len(rows),
        "score": found.score,
        "anomalous": anomalous,
        "drivers": [_drivers(table, found, i) if anomalous[i] else "" for i in range(len(rows))],
        "alarm": anomalous & found.alarm,
        "evaluated": evaluated,
        "reason": [_why_not(table, int(rows[i]), found) if not evaluated[i] else "" for i in range(len(rows))],
    }


def _drivers(table: DeviceTable, found: AnomalyShare, i: int) -> str:
    """Name the metrics that set a device apart, the farthest first, with their distance in standard deviations."""
    deviation = found.deviation[i]
    order = np.argsort(-np.abs(deviation), kind="stable")[:_DRIVERS]
    named = [m for place, m in enumerate(order.tolist()) if place == 0 or abs(deviation[m]) >= _FAR]
    return "; ".join(f"{table.metrics[m]} {deviation[m]:+.1f}" for m in named)


def _why_not(table: DeviceTable, row: int, found: AnomalyShare) -> str:
    missing = [table.metrics[m] for m in np.flatnonzero(np.isnan(table.values[row]))]
    if missing:
        return f"not measured: {', '.join(missing)}"
    return f"{found.reason.value}: {found.measured_current} now, {found.measured_baseline} before"


def _share(found: AnomalyShare) -> str:
    counted = f"{found.measured_current} devices measured, {found.measured_baseline} rows before"
    if not found.evaluated:
        return f"not evaluated, {found.reason.value}: {counted}"
    verdict = "alarm" if found.alarm else "no alarm"
    return (
        f"{verdict}: {found.share:.1%} of devices anomalous, {found.expected:.1%} expected, limit {found.limit:.1%}, "
        f"p {'below 1e-12' if found.p_value < _LEAST else f'= {found.p_value:.2g}'}; {counted}"
    )


def _group_rows(table: DeviceTable, method: OverGroups, period: str, said: GroupShift) -> dict[str, Any]:
    """Lay the matrices out, a row a group and metric; the alarm stands at the metric that moved most."""
    groups, metrics = said.metrics.size.shape
    flat, names = said.metrics, [ALL, *table.groups]
    worst = np.arange(metrics) == said.worst[:, np.newaxis]
    evaluated = flat.reason == Reason.NONE.value
    return {
        "period": [period] * (groups * metrics),
        "group": [names[code] for code in said.group for _ in range(metrics)],
        "metric": list(table.metrics) * groups,
        "devices": flat.units.ravel(),
        "compared_with": flat.reference_units.ravel(),
        "median": flat.median_now.ravel(),
        "median_compared": flat.median_before.ravel(),
        method.size.replace(" ", "_"): flat.size.ravel(),
        "distance": flat.distance.ravel(),
        "p_value": flat.p_value.ravel(),
        "limit": np.where(worst, said.limit[:, np.newaxis], np.nan).ravel(),
        "group_p_value": np.repeat(said.p_value, metrics),
        "adjusted_p_value": np.repeat(said.adjusted_p_value, metrics),
        "alarm": (worst & said.alarm[:, np.newaxis]).ravel(),
        "evaluated": evaluated.ravel(),
        "reason": flat.reason.ravel().astype(object),
    }


def _joined(parts: list[dict[str, Any]]) -> Any:
    tables = [pa.table({name: pa.array(values, from_pandas=True) for name, values in part.items()}) for part in parts]
    return pa.concat_tables(tables, promote_options="permissive")
