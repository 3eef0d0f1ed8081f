"""Counts over time as a plain table, laid out by series and period; what has no row was not observed."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from include.postmarket.detection.shapes import FloatArray, IntArray
from include.postmarket.model.errors import InputError
from include.postmarket.steps import table_file
from include.postmarket.steps.table_file import Table
from include.postmarket.steps.table_periods import Calendar, number_periods

COLUMNS = ("series", "period", "count")
MOST_CELLS = 50_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Every series from its first period to its last, one after the other in flat arrays of all C cells.

    ``start`` (S,) is where a series begins in them, ``length`` (S,) its periods, ``origin`` (S,) its first period.
    """

    names: tuple[str, ...]
    start: IntArray
    length: IntArray
    origin: IntArray
    counts: FloatArray
    exposure: FloatArray | None

    @property
    def series(self) -> IntArray:
        """The series of each cell, shape (C,)."""
        return np.repeat(np.arange(len(self.length)), self.length)

    @property
    def period(self) -> IntArray:
        """The period of each cell, shape (C,)."""
        return np.arange(len(self.counts)) - np.repeat(self.start - self.origin, self.length)


def read(path: Path) -> tuple[Grid, Calendar, tuple[str, ...]]:
    """Give the series of a file, their calendar, and the names of columns that are not used.

    Raises InputError with file and line for a table that cannot be used.
    """
    table = table_file.read(path, [COLUMNS], optional=("exposure",))
    return *_grid(table), table.unused


def _grid(table: Table) -> tuple[Grid, Calendar]:
    """Lay the rows out by series and period. Raises InputError for a repeated one, or one far from all others."""
    counts, names = table.counts("count"), table.names("series")
    number, calendar = number_periods(table)
    order = np.lexsort((number, names.code))
    series, period = names.code[order], number[order]
    repeated = np.zeros(len(order), dtype=np.bool_)
    repeated[order[1:]] = (series[1:] == series[:-1]) & (period[1:] == period[:-1])
    table.refuse(repeated, "this series and period was there before", "give each period of a series once")
    begins = np.flatnonzero(np.r_[True, series[1:] != series[:-1]])
    ends = np.r_[begins[1:], len(series)] - 1
    origin, length = period[begins], period[ends] - period[begins] + 1
    if int(length.sum()) > MOST_CELLS:
        wrong = f"the series span {int(length.sum()):,} periods with those between their rows"
        raise InputError(wrong, where=str(table.path), todo="number the periods one by one, or split the file")
    start = np.cumsum(length) - length
    cell = start[names.code] + number - origin[names.code]
    exposure = None
    if "exposure" in table.columns:
        exposure = _spread(_exposure(table), cell, int(length.sum()))
    return Grid(
        names=names.names,
        start=start,
        length=length,
        origin=origin,
        counts=_spread(counts, cell, int(length.sum())),
        exposure=exposure,
    ), calendar


def _exposure(table: Table) -> FloatArray:
    values = table.numbers("exposure")
    table.refuse(
        values <= 0, "exposure is zero", "give what was at risk, or leave the row out: then it is not observed"
    )
    return values


def _spread(values: FloatArray, cell: IntArray, cells: int) -> FloatArray:
    found = np.full(cells, np.nan)
    found[cell] = values
    return found
