"""Rows of one source in one snapshot: in memory, or where they lie until something is asked of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from include.postmarket.model.batch import Window
from include.postmarket.model.period import Period
from include.postmarket.model.tables import Table
from include.postmarket.series.cells import Cells, between, coded, tabulate
from include.postmarket.series.scope import period_numbers

#: Columns that stay in the lake unless they are asked for by name (`received`).
LAKE_ONLY = ("_raw", "_faults", "_notes", "narrative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows in memory, and the days their pulls cover."""

    frame: pd.DataFrame
    coverage: tuple[Window, ...]

    def cells(self, table: Table, columns: tuple[str, ...], periods: tuple[Period, ...]) -> Cells:
        """Give the events by columns and period; here each row is a cell."""
        number = period_numbers(self.frame[table.placed_by], periods)
        frame = self.frame[number >= 0]
        events = frame["events"].fillna(1) if "events" in frame else pd.Series(1, index=frame.index)
        return Cells(
            period=np.asarray(number[number >= 0], dtype=np.int64),
            columns={c: coded(pa.array(frame[c].astype("str"), type=pa.string(), from_pandas=True)) for c in columns},
            events=np.asarray(events, dtype=np.float64),
        )

    def received(self, table: Table, columns: Iterable[str], periods: Sequence[Period]) -> pd.DataFrame:
        """Give some columns of the rows placed in periods that follow one another."""
        return self.frame[period_numbers(self.frame[table.placed_by], periods) >= 0][list(dict.fromkeys(columns))]


@dataclass(frozen=True, kw_only=True)
class HeldRows:
    """Rows that stay where they are: an ibis table, see `lake.snapshots.rows`.

    What was counted or read is kept: indicators that look at the same columns share one pass over the data.
    """

    table: Any
    order: tuple[str, ...]  # columns that put rows in memory in their order
    coverage: tuple[Window, ...]
    counted: dict[Any, Cells] = field(default_factory=dict, repr=False, compare=False)
    seen: dict[Any, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All rows in memory, without what only the lake keeps, for methods that compare devices."""
        shown = self.table.drop(*(c for c in LAKE_ONLY if c in self.table.columns))
        found: pd.DataFrame = shown.order_by(list(self.order)).execute()
        return found

    def cells(self, table: Table, columns: tuple[str, ...], periods: tuple[Period, ...]) -> Cells:
        """Give the events by columns and period, counted where the rows lie."""
        asked = (columns, periods[:1], periods[-1:])
        if asked not in self.counted:
            self.counted[asked] = tabulate(self.table, table, columns, periods)
        return self.counted[asked]

    def received(self, table: Table, columns: Iterable[str], periods: Sequence[Period]) -> pd.DataFrame:
        """Give some columns of the rows placed in periods that follow one another, in order."""
        asked = (tuple(sorted(set(columns))), periods[0], periods[-1])
        if asked not in self.seen:
            inside = between(self.table, table, periods).order_by(list(self.order))
            self.seen[asked] = inside.select(*asked[0]).execute()
        return self.seen[asked]


AnyRows = Rows | HeldRows
