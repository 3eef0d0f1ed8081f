"""Counts and exposure of an indicator by period and subgroup, and the keys of the records behind a count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from include.postmarket.detection.shapes import Counts, FloatArray, IntArray
from include.postmarket.model.period import Cadence, Period
from include.postmarket.model.plan import Indicator
from include.postmarket.model.tables import EXPOSURE, TABLES
from include.postmarket.series.cells import Cells
from include.postmarket.series.rows import AnyRows, HeldRows, Rows
from include.postmarket.series.scope import in_scope, observed, period_numbers, refuse_unknown_columns

__all__ = ["CountSeries", "HeldRows", "Rows", "count", "record_ids", "record_key"]

#: Why a series has no exposure; the operator's page shows it beside the count.
REPORTING_COUNT = "a reporting count: the plan names no denominator"
MONTHLY_FIGURES = "exposure is given by month, the plan counts by week"
NOT_IN_EXPOSURE = "exposure is not given by {column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSeries:
    """The series of one indicator: S subgroups by T periods.

    ``names[s]`` is "" for all or "column=value". ``counts.counts[s, t]`` is the events (a summary report stands for
    several) of the records that `record_ids` names, nan where the period was not observed. ``counts.exposure`` is in
    the unit of the denominator, nan where there is none, and None when the indicator has none at all;
    ``exposure_reasons[s]`` says why, and is empty where there is one.
    """

    indicator_id: str
    names: tuple[str, ...]
    periods: tuple[Period, ...]
    counts: Counts
    exposure_reasons: tuple[str, ...]


def count(rows: AnyRows, exposure: AnyRows, indicator: Indicator, periods: Sequence[Period]) -> CountSeries:
    """Give the series of an indicator over periods that follow one another.

    Subgroups are the values of ``subgroup_by`` with a row in scope in any of the periods, in order of their names.
    Raises ConfigurationError when the indicator names a column its table does not have.
    """
    refuse_unknown_columns(indicator)
    by = indicator.subgroup_by
    columns = tuple(sorted({*indicator.scope, *([by] if by else [])}))
    cells = rows.cells(TABLES[indicator.source], columns, tuple(periods))
    names, sums = _sums(cells, cells.within(indicator.scope), by, len(periods))
    seen = np.array(observed(periods, rows.coverage), dtype=bool)
    known, reasons = _exposure(exposure, indicator, names, periods)
    return CountSeries(
        indicator_id=indicator.id,
        names=names,
        periods=tuple(periods),
        counts=Counts(counts=np.where(seen, sums, np.nan), exposure=known),
        exposure_reasons=reasons,
    )


def record_ids(rows: AnyRows, indicator: Indicator, period: Period) -> Mapping[str, tuple[str, ...]]:
    """Give the keys of the records behind an indicator's counts in a period, by the name of the series, sorted.

    Every name of `CountSeries.names` with a record in the period is there; device keys are among them (G4).
    """
    table, by = TABLES[indicator.source], indicator.subgroup_by
    frame = rows.received(table, [*table.key, *indicator.scope, *([by] if by else [])], (period,))
    frame = frame[in_scope(frame, indicator.scope)]
    frame = frame.assign(_key=record_key(frame, table.key))
    found = {"": tuple(sorted(frame["_key"]))} if len(frame) else {}
    if by is not None:
        groups = frame.dropna(subset=[by]).groupby(frame[by].astype("str"))["_key"]
        found |= {f"{by}={value}": tuple(sorted(keys)) for value, keys in groups}
    return found


def record_key(frame: pd.DataFrame, key: tuple[str, ...]) -> list[str]:
    """Give each row's key as one text: the key column, or the key columns joined with a slash."""
    parts = [frame[c].dt.strftime("%Y-%m-%d") if frame[c].dtype.kind == "M" else frame[c].astype("str") for c in key]
    return ["/".join(cells) for cells in zip(*parts, strict=True)]


def _sums(cells: Cells, chosen: IntArray, by: str | None, periods: int) -> tuple[tuple[str, ...], FloatArray]:
    """Give the names of all series and their events, shape (S, T)."""
    period, events = cells.period[chosen], cells.events[chosen]
    everything = np.bincount(period, weights=events, minlength=periods).astype(np.float64)
    if by is None:
        return ("",), everything[np.newaxis]
    codes = cells.columns[by].codes[chosen]
    known = codes >= 0
    values, place = np.unique(codes[known], return_inverse=True)
    size = len(values) * periods
    apart = np.bincount(place * periods + period[known], weights=events[known], minlength=size).astype(np.float64)
    names = tuple(f"{by}={cells.columns[by].names[v]}" for v in values)
    return ("", *names), np.vstack([everything, apart.reshape(len(values), periods)])


def _of(frame: pd.DataFrame, subgroup_by: str | None, name: str) -> pd.DataFrame:
    if not name or subgroup_by is None:
        return frame
    return frame[(frame[subgroup_by].astype("str") == name.removeprefix(f"{subgroup_by}=")).fillna(value=False)]


def _exposure(
    exposure: AnyRows, indicator: Indicator, names: tuple[str, ...], periods: Sequence[Period]
) -> tuple[FloatArray | None, tuple[str, ...]]:
    """Sum the denominator over the rows of each subgroup; scope columns that exposure has narrow it as well."""
    if indicator.denominator is None:
        return None, (REPORTING_COUNT,) * len(names)
    if any(p.cadence is not Cadence.MONTH for p in periods):
        return None, (MONTHLY_FIGURES,) * len(names)
    shared = {c: v for c, v in indicator.scope.items() if c in EXPOSURE.columns}
    frame = exposure.frame[in_scope(exposure.frame, shared)]
    frame = frame.assign(_period=period_numbers(frame[EXPOSURE.placed_by], periods))
    frame = frame[frame["_period"] >= 0]
    seen = np.array(observed(periods, exposure.coverage), dtype=bool)
    found = np.full((len(names), len(periods)), np.nan)
    reasons = [""] * len(names)
    for s, name in enumerate(names):
        if name and indicator.subgroup_by not in EXPOSURE.columns:
            reasons[s] = NOT_IN_EXPOSURE.format(column=indicator.subgroup_by)
            continue
        sums = _of(frame, indicator.subgroup_by, name).groupby("_period")[indicator.denominator].sum()
        found[s, sums.index.to_numpy(dtype=int)] = sums.to_numpy(dtype=float)
    return np.where(seen, found, np.nan), tuple(reasons)
