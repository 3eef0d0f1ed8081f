"""Which rows an indicator counts: its scope, and the periods that were observed."""

from collections.abc import Iterable, Sequence

import pandas as pd

from include.postmarket.model.batch import Window
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.period import Period
from include.postmarket.model.plan import Indicator
from include.postmarket.model.tables import EXPOSURE, TABLES, Kind

#: Columns of IMDRF codes: a scope names a branch of their tree, A07 covers A0705 and A070502.
BRANCHES = frozenset({"problem_code", "health_impact_code"})


def in_scope(rows: pd.DataFrame, scope: dict[str, tuple[str, ...]]) -> "pd.Series[bool]":
    """Give which rows a scope holds: in every named column one of the values, codes by their branch."""
    held = pd.Series(data=True, index=rows.index, dtype="bool")
    for column, values in scope.items():
        cells = rows[column].astype("str")
        held &= (cells.str.startswith(tuple(values)) if column in BRANCHES else cells.isin(values)).fillna(value=False)
    return held.astype("bool")


def refuse_unknown_columns(indicator: Indicator) -> None:
    """Do nothing when the columns an indicator names are those of its source's table, and its denominator is a figure.

    Raises ConfigurationError naming what is not.
    """
    named = [
        *indicator.scope,
        *indicator.severe,
        indicator.subgroup_by,
        indicator.product_by,
        indicator.event_by,
        *indicator.metrics,
    ]
    known = TABLES[indicator.source].columns
    unknown = sorted({c for c in named if c is not None and c not in known})
    if indicator.denominator is not None and EXPOSURE.columns.get(indicator.denominator) is not Kind.NUMBER:
        raise ConfigurationError(
            f"exposure has no figure {indicator.denominator}",
            where=f"indicator {indicator.id}",
            todo="name units_in_use or device_days, or leave the denominator out",
        )
    if unknown:
        raise ConfigurationError(
            f"table {indicator.source.value} has no column {', '.join(unknown)}",
            where=f"indicator {indicator.id}",
            todo=f"name columns of that table: {', '.join(known)}",
        )


def observed(periods: Iterable[Period], coverage: Sequence[Window]) -> tuple[bool, ...]:
    """Give for each period whether one window of the coverage holds all of its days.

    ``coverage`` is as `lake.snapshots.coverage` gives it: windows apart from one another.
    """
    return tuple(any(w.start <= p.start and p.end <= w.end for w in coverage) for p in periods)


def period_numbers(days: "pd.Series[pd.Timestamp]", periods: Sequence[Period]) -> "pd.Series[int]":
    """Give for each day the number of the period that holds it, -1 for none; periods follow one another in time."""
    starts = pd.DatetimeIndex([pd.Timestamp(p.start) for p in periods])
    ends = pd.DatetimeIndex([pd.Timestamp(p.end) for p in periods])
    number = pd.Series(starts.searchsorted(days, side="right") - 1, index=days.index)
    inside = (number >= 0) & days.notna()
    last = pd.Series(ends[number.clip(lower=0)] if len(periods) else pd.NaT, index=days.index)
    return number.where(inside & (days < last), -1).astype("int64")
