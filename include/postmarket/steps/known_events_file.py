"""Reads known events, for instance recalls, from a CSV file: date,label and where known indicator and subgroup."""

from collections.abc import Collection
from datetime import date
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from include.postmarket.signals.known_events import KnownEvent
from include.postmarket.steps import table_file
from include.postmarket.steps.table_file import Table

COLUMNS = ("date", "label")


def read_events(path: Path, indicators: Collection[str]) -> tuple[KnownEvent, ...]:
    """Give the events of a file, oldest first.

    ``indicators`` are those of the plan: an event of another one could only ever be missed. Raises InputError with the
    line of what cannot be used.
    """
    table = table_file.read(path, [COLUMNS], optional=("indicator", "subgroup"))
    days = [_day(text) for text in _texts(table, "date")]
    _refuse(table, [day is None for day in days], "the date cannot be read", "write it as 2017-10-05")
    labels = _texts(table, "label")
    _refuse(table, [not label for label in labels], "label is empty", "name the event, for instance a recall's number")
    named = _texts(table, "indicator")
    unknown = [bool(name) and name not in indicators for name in named]
    near = next((get_close_matches(n, indicators, n=1) for n, bad in zip(named, unknown, strict=True) if bad), [])
    advice = f"did you mean {near[0]!r}?" if near else f"name one of {', '.join(sorted(indicators))}, or leave it empty"
    _refuse(table, unknown, "the plan has no such indicator", advice)
    rows = zip(days, labels, named, _texts(table, "subgroup"), strict=True)
    events = [KnownEvent(day=d, label=label, indicator=i, subgroup=s) for d, label, i, s in rows if d is not None]
    return tuple(sorted(events, key=lambda event: (event.day, event.label)))


def _texts(table: Table, column: str) -> list[str]:
    if column not in table.columns:
        return [""] * len(table.columns[COLUMNS[0]])
    return [text.strip() for text in table.columns[column].to_pylist()]


def _refuse(table: Table, bad: list[bool], what: str, todo: str) -> None:
    table.refuse(np.array(bad, dtype=np.bool_), what, todo)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
