"""Narratives of an indicator, those of a period apart from those before it; they never leave the lake (G4)."""

from collections.abc import Sequence
from dataclasses import dataclass

from include.postmarket.model.period import Period
from include.postmarket.model.plan import Indicator
from include.postmarket.model.tables import TABLES
from include.postmarket.series.counts import record_key
from include.postmarket.series.rows import AnyRows
from include.postmarket.series.scope import in_scope, period_numbers, refuse_unknown_columns

NARRATIVE = "narrative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """One text a record: those before, and those of now with the keys of their records, parallel to them."""

    before: tuple[str, ...]
    now: tuple[str, ...]
    keys: tuple[str, ...]
    without: int  # records of either time that have no text


def narratives(rows: AnyRows, indicator: Indicator, periods: Sequence[Period]) -> Texts:
    """Give the narratives of the rows in scope over periods that follow one another; the last one is now.

    Raises ConfigurationError when the indicator names a column its table does not have.
    """
    refuse_unknown_columns(indicator)
    table = TABLES[indicator.source]
    frame = rows.received(table, [*table.key, table.placed_by, NARRATIVE, *indicator.scope], periods)
    frame = frame[in_scope(frame, indicator.scope)]
    frame = frame.assign(_period=period_numbers(frame[table.placed_by], periods))
    told = frame[frame[NARRATIVE].fillna("").astype("str").str.strip() != ""]
    now = told["_period"] == len(periods) - 1
    return Texts(
        before=tuple(str(text) for text in told.loc[~now, NARRATIVE]),
        now=tuple(str(text) for text in told.loc[now, NARRATIVE]),
        keys=tuple(record_key(told[now], table.key)),
        without=len(frame) - len(told),
    )
