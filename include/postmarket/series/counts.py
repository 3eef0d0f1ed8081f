"""Counts and exposure of an indicator by period and subgroup, with the keys of the records behind every count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from include.postmarket.detection.shapes import Counts, FloatArray
from include.postmarket.model.batch import Window
from include.postmarket.model.period import Cadence, Period
from include.postmarket.model.plan import Indicator
from include.postmarket.model.tables import EXPOSURE, TABLES
from include.postmarket.series.scope import in_scope, observed, period_numbers, refuse_unknown_columns

#: Why a series has no exposure; the operator's page shows it beside the count.
REPORTING_COUNT = "a reporting count: the plan names no denominator"
MONTHLY_FIGURES = "exposure is given by month, the plan counts by week"
NOT_IN_EXPOSURE = "exposure is not given by {column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of one source in one snapshot, and the days its pulls cover."""

    frame: pd.DataFrame
    coverage: tuple[Window, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSeries:
    """The series of one indicator: S subgroups by T periods.

    ``names[s]`` is "" for all or "column=value". ``counts.counts[s, t]`` is the events of the records in
    ``records[names[s], periods[t]]`` (a summary report stands for several events), nan where the period was not
    observed. ``counts.exposure`` is in the unit of the denominator, nan where there is none, and None when the
    indicator has none at all; ``exposure_reasons[s]`` says why, and is empty where there is one.
    """

    indicator_id: str
    names: tuple[str, ...]
    periods: tuple[Period, ...]
    counts: Counts
    exposure_reasons: tuple[str, ...]
    records: Mapping[tuple[str, Period], tuple[str, ...]]


def count(rows: Rows, exposure: Rows, indicator: Indicator, periods: Sequence[Period]) -> CountSeries:
    """Give the series of an indicator over periods that follow one another.

    Subgroups are the values of ``subgroup_by`` with a row in scope in any of the periods, in order of their names.
    Raises ConfigurationError when the indicator names a column its table does not have.
    """
    refuse_unknown_columns(indicator)
    table = TABLES[indicator.source]
    numbered = rows.frame.assign(_period=period_numbers(rows.frame[table.placed_by], periods))
    counted = numbered[in_scope(numbered, indicator.scope) & (numbered["_period"] >= 0)]
    names = _names(counted, indicator.subgroup_by)
    seen = np.array(observed(periods, rows.coverage), dtype=bool)
    series = [_of(counted, indicator.subgroup_by, name) for name in names]
    counts = np.vstack([np.where(seen, _sums(part, len(periods)), np.nan) for part in series])
    known, reasons = _exposure(exposure, indicator, names, periods)
    return CountSeries(
        indicator_id=indicator.id,
        names=names,
        periods=tuple(periods),
        counts=Counts(counts=counts, exposure=known),
        exposure_reasons=reasons,
        records={
            (name, periods[number]): keys
            for name, part in zip(names, series, strict=True)
            for number, keys in _keys(part, table.key).items()
        },
    )


def record_key(frame: pd.DataFrame, key: tuple[str, ...]) -> list[str]:
    """Give each row's key as one text: the key column, or the key columns joined with a slash."""
    parts = [frame[c].dt.strftime("%Y-%m-%d") if frame[c].dtype.kind == "M" else frame[c].astype("str") for c in key]
    return ["/".join(cells) for cells in zip(*parts, strict=True)]


def _names(counted: pd.DataFrame, subgroup_by: str | None) -> tuple[str, ...]:
    if subgroup_by is None:
        return ("",)
    return ("", *(f"{subgroup_by}={value}" for value in sorted(counted[subgroup_by].dropna().astype("str").unique())))


def _of(frame: pd.DataFrame, subgroup_by: str | None, name: str) -> pd.DataFrame:
    if not name or subgroup_by is None:
        return frame
    return frame[(frame[subgroup_by].astype("str") == name.removeprefix(f"{subgroup_by}=")).fillna(value=False)]


def _sums(part: pd.DataFrame, periods: int) -> FloatArray:
    weights = part["events"].to_numpy(dtype=float) if "events" in part else None
    return np.bincount(part["_period"].to_numpy(), weights=weights, minlength=periods).astype(float)


def _keys(part: pd.DataFrame, key: tuple[str, ...]) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {}
    for number, name in zip(part["_period"], record_key(part, key), strict=True):
        found.setdefault(int(number), []).append(name)
    return {number: tuple(sorted(names)) for number, names in found.items()}


def _exposure(
    exposure: Rows, indicator: Indicator, names: tuple[str, ...], periods: Sequence[Period]
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
