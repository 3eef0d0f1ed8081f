"""Date the change of every series of a plain table: when its rate changed, and from what to what."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from include.postmarket.detection.entries import OverSeries
from include.postmarket.detection.evaluation import check_counts, usable
from include.postmarket.detection.shapes import Counts, Reason
from include.postmarket.steps import series_grid
from include.postmarket.steps.method_parameters import build
from include.postmarket.steps.series_grid import Grid
from include.postmarket.steps.table_periods import Calendar

_COLUMNS = {
    "series": pa.string(),
    "period": pa.string(),
    "earliest": pa.string(),
    "latest": pa.string(),
    "rate_before": pa.float64(),
    "rate_after": pa.float64(),
    "periods_counted": pa.int64(),
    "alarm": pa.bool_(),
    "evaluated": pa.bool_(),
    "reason": pa.string(),
}


def change_table(method: OverSeries, given: dict[str, Any], source: Path) -> tuple[Any, tuple[str, ...]]:
    """Give one row a series; a date is no alarm. Periods that were not observed add nothing.

    Raises InputError for a table that cannot be used and ConfigurationError for parameters out of range.
    """
    params = build(method, given)
    grid, calendar, unused = series_grid.read(source)
    rows = [_dated(method, params, grid, calendar, s) for s in range(len(grid.names))]
    columns = {name: pa.array([row.get(name) for row in rows], kind) for name, kind in _COLUMNS.items()}
    return pa.table(columns), tuple(f"column {name} is not used" for name in unused)


def _dated(method: OverSeries, params: Any, grid: Grid, calendar: Calendar, s: int) -> dict[str, Any]:
    cells = np.arange(grid.start[s], grid.start[s] + grid.length[s])[np.newaxis]
    data = Counts(counts=grid.counts[cells], exposure=None if grid.exposure is None else grid.exposure[cells])
    counted = int(usable(*check_counts(data, method.name)).sum())
    row = {"series": grid.names[s], "periods_counted": counted, "alarm": False, "evaluated": counted >= 2}
    if counted < 2:
        return row | {"reason": Reason.SHORT_HISTORY.value}
    found, origin = method.detect(data, params), int(grid.origin[s])
    dates = {"period": found.period, "earliest": found.earliest, "latest": found.latest}
    rates = {"rate_before": float(found.rate_before[0]), "rate_after": float(found.rate_after[0])}
    return row | {name: calendar.label(origin + int(at[0])) for name, at in dates.items()} | rates | {"reason": ""}
