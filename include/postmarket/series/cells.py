"""Events counted once by every combination of some columns and period: what all series of a source are summed from.

Counting happens where the data lie (ibis: DuckDB, Spark), in one pass whatever the number of indicators; only the cells
of the table come back. Counts are whole numbers, so every engine gives the same to the last digit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from include.postmarket.detection.shapes import FloatArray, IntArray
from include.postmarket.model.period import Cadence, Period
from include.postmarket.model.tables import Table
from include.postmarket.series.scope import BRANCHES


@dataclass(frozen=True)
class Coded:
    """A column of texts as codes into ``names``, which are in order; -1 where there is no text."""

    codes: IntArray
    names: tuple[str, ...]

    @cached_property
    def place(self) -> Mapping[str, int]:
        """The code of each name."""
        return {name: code for code, name in enumerate(self.names)}

    @cached_property
    def order(self) -> IntArray:
        """The cells in order of their code, those without a text first."""
        return np.argsort(self.codes, kind="stable")

    @cached_property
    def begin(self) -> IntArray:
        """Where the cells of each code begin in ``order``, and where those of the last end."""
        return np.searchsorted(self.codes[self.order], np.arange(len(self.names) + 1))

    def allowed(self, values: Sequence[str], *, branches: bool) -> IntArray:
        """Give the codes of values, or of all codes below them in a tree of codes."""
        if branches:
            return np.array([c for n, c in self.place.items() if n.startswith(tuple(values))], dtype=np.int64)
        return np.array(sorted({self.place[v] for v in values if v in self.place}), dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """C cells: ``period[c]`` counts from 0 in the span asked for, ``events[c]`` are the events in it."""

    period: IntArray
    columns: Mapping[str, Coded]
    events: FloatArray

    def within(self, scope: Mapping[str, tuple[str, ...]]) -> IntArray:
        """Give the cells that a scope holds, in order: in every named column one of the values, codes by branch.

        The column that leaves the fewest is asked first, so that an indicator costs what it counts, not all there is.
        """
        if not scope:
            return np.arange(len(self.events))
        allowed = {c: self.columns[c].allowed(v, branches=c in BRANCHES) for c, v in scope.items()}
        first = min(allowed, key=lambda c: self._size(c, allowed[c]))
        column = self.columns[first]
        parts = [column.order[column.begin[code] : column.begin[code + 1]] for code in allowed[first]]
        found = np.sort(np.concatenate([np.empty(0, dtype=np.int64), *parts]))
        for name, codes in allowed.items():
            if name != first:
                found = found[np.isin(self.columns[name].codes[found], codes)]
        return found

    def _size(self, column: str, codes: IntArray) -> int:
        begin = self.columns[column].begin
        return int(np.sum(begin[codes + 1] - begin[codes]))


def tabulate(rows: Any, table: Table, columns: Sequence[str], periods: Sequence[Period]) -> Cells:
    """Give the cells of an ibis table of a source over periods that follow one another.

    A row counts its ``events`` where the table has that column (a summary report stands for several), else one.
    """
    if not periods:
        return Cells(period=_whole([]), columns={c: Coded(_whole([]), ()) for c in columns}, events=np.empty(0))
    span = between(rows, table, periods)
    weight = span["events"].fill_null(1).cast("int64").sum() if "events" in table.columns else span.count()
    keys = {"_period": _number(span[table.placed_by].cast("date"), periods)}
    keys |= {c: span[c].cast("string") for c in columns}
    found = span.group_by(**keys).agg(_events=weight.cast("int64")).to_pyarrow()
    return Cells(
        period=_whole(found.column("_period")),
        columns={c: coded(found.column(c)) for c in columns},
        events=_whole(found.column("_events")).astype(np.float64),
    )


def between(rows: Any, table: Table, periods: Sequence[Period]) -> Any:
    """Give the rows of an ibis table that are placed in periods that follow one another."""
    placed = rows[table.placed_by].cast("date")
    return rows.filter((placed >= ibis.literal(periods[0].start)) & (placed < ibis.literal(periods[-1].end)))


def coded(column: Any) -> Coded:
    """Give a pyarrow column of texts as codes, names in their order."""
    encoded = pa.chunked_array([column]) if isinstance(column, pa.Array) else column
    array = encoded.combine_chunks().dictionary_encode()
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    names = array.dictionary.to_pylist()
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names) + 1, dtype=np.int64)
    rank[order] = np.arange(len(names))
    rank[-1] = -1
    codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return Coded(rank[codes], tuple(names[n] for n in order))


def _number(day: Any, periods: Sequence[Period]) -> Any:
    first = periods[0].start
    if periods[0].cadence is Cadence.MONTH:
        return ((day.year() * 12 + day.month()) - (first.year * 12 + first.month)).cast("int64")
    return (day.delta(ibis.literal(first), unit="day") // 7).cast("int64")


def _whole(values: Any) -> IntArray:
    return np.asarray(values, dtype=np.int64)
