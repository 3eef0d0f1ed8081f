"""Rows that a person takes out of quarantine: what they become, and where they end (G1).

The rows of a decision become a batch of their own, published at the moment of the decision: snapshots taken before do
not see them, those taken after do. Everything here is pure: frames in, frames out.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

import pandas as pd

from include.postmarket.lake import accept
from include.postmarket.lake.accept import BATCH_STOPPED, Known, Pull, Settled
from include.postmarket.lake.frames import accepted_columns, conform, quarantined_columns, superseded_columns
from include.postmarket.model.batch import Landing, Window
from include.postmarket.model.errors import InputError
from include.postmarket.model.quarantine import Change
from include.postmarket.model.tables import TABLES, Kind, Table

NEWER_ACCEPTED = "a later pull brought this record"
#: The rule under which a row of a released batch waits that cannot be used as it is.
UNFIT = "cannot_be_used"
_READERS: dict[Kind, Callable[[str], Any]] = {
    Kind.TEXT: str,
    Kind.DATE: lambda text: pd.Timestamp(date.fromisoformat(text)),
    Kind.NUMBER: float,
    Kind.WHOLE: int,
}
#: What is noted with a row that a person let through.
RELEASED, REPAIRED = "released", "repaired"


def repaired(rows: pd.DataFrame, changes: Iterable[Change], table: Table) -> pd.DataFrame:
    """Give the rows with corrected values; what could not be read in a corrected column is no fault any more.

    Raises InputError when a new value is none of its column's kind; values are not quoted.
    """
    found = rows.copy()
    corrected: dict[int, set[str]] = {}
    for change in changes:
        found.loc[found["_row"] == change.row, change.column] = _value(change, table.columns[change.column])
        corrected.setdefault(change.row, set()).add(change.column)
    found["_faults"] = [
        ",".join(f for f in str(faults).split(",") if f in table.columns and f not in corrected.get(int(row), set()))
        for row, faults in zip(found["_row"], found["_faults"].fillna(""), strict=True)
    ]
    return conform(found, quarantined_columns(table))


def unfit(rows: pd.DataFrame, table: Table, today: date) -> dict[int, str]:
    """Give, by ``_row``, why a row cannot be used whoever says so: no place in time, no key, or one of two."""
    placed = rows[table.placed_by]
    key = list(table.key)
    found: dict[int, str] = {}
    for column in table.required:
        _say(found, rows[rows[column].isna()], f"{column} is missing")
    _say(found, rows[placed >= pd.Timestamp(today)], f"{table.placed_by} lies on a day that is not over")
    whole = rows.dropna(subset=key)
    _say(found, whole[whole.duplicated(key, keep=False)], "another row of this decision has the same key")
    return found


def window_of(rows: pd.DataFrame, table: Table) -> Window:
    """Give the days that the rows lie in."""
    placed = rows[table.placed_by]
    return Window(placed.min().date(), placed.max().date() + timedelta(days=1))


def settle(rows: pd.DataFrame, landing: Landing, known: Known, origin: str) -> Settled:
    """Give where decided rows of the batch ``origin`` end: accepted, or superseded by what came after they did.

    A version that a later pull brought stays the newest: a row that waited does not go back in time.
    """
    table = TABLES[landing.source]
    pull = accept.Pull(
        landing=landing,
        rows=conform(rows.assign(_batch=landing.batch), accepted_columns(table)),
        superseded=conform(rows.iloc[:0], superseded_columns()),
    )
    return accept.settle(_without_overtaken(pull, known, origin), {}, known)


def settle_stopped(rows: pd.DataFrame, landing: Landing, known: Known, origin: str) -> Settled:
    """Give where the rows of the stopped batch ``origin`` end once a person lets it through.

    As in any pull: sound rows are accepted unless they say nothing new, rows that broke a rule wait one by one.
    ``known`` leaves the stopped batch itself out.
    """
    pull = _without_overtaken(accept.take(rows, landing, known), known, origin)
    rules = dict(zip(rows["_row"].astype(int), rows["_rules"], strict=True))
    failed = {row: tuple(rules[row].split(",")) for row in pull.rows["_row"].astype(int) if rules[row] != BATCH_STOPPED}
    for row in unfit(pull.rows, TABLES[landing.source], landing.pulled_at.date()):
        failed.setdefault(row, (UNFIT,))
    return accept.settle(pull, failed, known)


def _without_overtaken(pull: Pull, known: Known, origin: str) -> Pull:
    key = list(TABLES[pull.landing.source].key)
    versions = known.accepted
    later = versions[versions["_batch"].map(known.order).fillna(-1) > known.order[origin]]
    gone = pd.MultiIndex.from_frame(pull.rows[key]).isin(pd.MultiIndex.from_frame(later[key]))
    aside = conform(pull.rows[gone].assign(_reason=NEWER_ACCEPTED), superseded_columns())
    return Pull(
        landing=pull.landing,
        rows=pull.rows[~gone].reset_index(drop=True),
        superseded=pd.concat([pull.superseded, aside], ignore_index=True),
    )


def text_of(value: object, kind: Kind) -> str | None:
    """Give a value of a column as text; None for none."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124 - nan
        return None
    return f"{value:%Y-%m-%d}" if kind is Kind.DATE else str(value)


def _value(change: Change, kind: Kind) -> Any:
    if change.new is None:
        return None
    try:
        return _READERS[kind](change.new)
    except ValueError:
        raise InputError(
            f"the new value is no {kind.value}",
            where=f"row {change.row}, column {change.column}",
            todo="give dates as YYYY-MM-DD and numbers with a point",
        ) from None


def _say(found: dict[int, str], rows: pd.DataFrame, why: str) -> None:
    for row in rows["_row"]:
        found.setdefault(int(row), why)
