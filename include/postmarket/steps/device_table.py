"""Measurements as a plain table: device, period, one column a metric and, where there are groups, a column group."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from include.postmarket.detection.shapes import FloatArray, IntArray
from include.postmarket.model.errors import ConfigurationError, InputError
from include.postmarket.steps import table_file
from include.postmarket.steps.table_file import Names, Table
from include.postmarket.steps.table_periods import Calendar, number_periods

KEYS = ("device", "period")
GROUP = "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceTable:
    """R rows, ordered by period and device; ``values`` (R, M) is nan where a metric was not measured.

    ``period`` is numbered as ``calendar`` does; ``group`` (R,) points into ``groups``, -1 for an empty cell. ``groups``
    is empty where the file has no such column.
    """

    metrics: tuple[str, ...]
    devices: tuple[str, ...]
    device: IntArray
    period: IntArray
    groups: tuple[str, ...]
    group: IntArray
    values: FloatArray
    calendar: Calendar

    def spans(self, first: str) -> Iterator[IntArray]:
        """Give the rows of each period from ``first`` on (of each there is, where it is empty), oldest first."""
        start = self.calendar.start(first) if first else int(self.period.min())
        for number in np.unique(self.period[self.period >= start]).tolist():
            yield np.flatnonzero(self.period == number)

    def before(self, first: str) -> IntArray:
        """Give the rows before a period, which are the baseline.

        Raises ConfigurationError without a period, or with none that parts the table.
        """
        if not first:
            raise ConfigurationError(
                "the baseline is not given", where="--from", todo="give the period from which on devices are judged"
            )
        baseline = np.flatnonzero(self.period < self.calendar.start(first))
        if len(baseline) in (0, len(self.period)):
            side = "before" if not len(baseline) else "from"
            raise ConfigurationError(
                f"no row is {side} {first}", where="--from", todo="give a period with rows before it and from it on"
            )
        return baseline

    def label(self, rows: IntArray) -> str:
        """Give the period of rows that share it, as the file writes it."""
        return self.calendar.label(int(self.period[rows[0]]))


def read(path: Path) -> DeviceTable:
    """Read a table of measurements; an empty cell, or nan, was not measured.

    Raises InputError with file and line for a table without a metric, a cell that is no finite number, or a device that
    stands twice in a period.
    """
    header = table_file.read(path, [KEYS]).unused
    metrics = tuple(name for name in header if name != GROUP)
    if not metrics:
        raise InputError(
            "no column of measurements", where=f"{path}, line 1", todo="give a column of numbers for each metric"
        )
    table = table_file.read(path, [(*KEYS, *header)])
    device, (period, calendar) = table.names("device"), number_periods(table)
    group = _groups(table) if GROUP in header else Names(code=np.full(len(period), -1, dtype=np.int64), names=())
    order = np.lexsort((device.code, period))
    repeated = np.zeros(len(order), dtype=np.bool_)
    same = (device.code[order][1:] == device.code[order][:-1]) & (period[order][1:] == period[order][:-1])
    repeated[order[1:]] = same
    table.refuse(
        repeated, "this device and period was there before", "give one row, such as the median of the readings"
    )
    values = np.column_stack([_metric(table, name) for name in metrics])
    return DeviceTable(
        metrics=metrics,
        devices=device.names,
        device=device.code[order],
        period=period[order],
        groups=group.names,
        group=group.code[order],
        values=values[order],
        calendar=calendar,
    )


def _groups(table: Table) -> Names:
    cells = _cells(table, GROUP)
    code, names = pd.factorize(cells.where(cells != ""), sort=True)
    return Names(code=code.astype(np.int64), names=tuple(str(name) for name in names))


def _cells(table: Table, column: str) -> "pd.Series[str]":
    return pd.Series(table.columns[column].to_pylist(), dtype="str").str.strip()


def _metric(table: Table, column: str) -> FloatArray:
    """Give a column of numbers, nan where the cell is empty or says nan."""
    cells = _cells(table, column)
    values = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    empty = (cells.str.lower().isin(["", "nan"])).to_numpy()
    table.refuse(
        np.isnan(values) & ~empty,
        f"{column} is no number",
        "give numbers with a point as decimal sign, nothing where it was not measured; take out columns of text, or "
        "name one of them group",
    )
    table.refuse(np.isinf(values), f"{column} is infinite", "give nothing where it was not measured")
    return values
