"""Rows as JSON: what a query gave, one object a line, or the answers of a REST endpoint behind one another."""

from collections.abc import Iterator
from typing import Any

from include.postmarket.model.errors import InputError
from include.postmarket.sources import json_text
from include.postmarket.sources.files import Member
from include.postmarket.sources.records import Record


def read(member: Member, at: str) -> list[Record]:
    """Give the rows that stand at a dotted name of each answer ("" for the answer itself), nested names dotted.

    A row that is no object is kept with the fault ``shape``. Raises InputError when an answer holds no rows there.
    """
    found = [row for answer in json_text.values(member) for row in rows_at(answer, at, member.name)]
    return [_record(row, number) for number, row in enumerate(found, start=1)]


def rows_at(answer: Any, at: str, where: str) -> list[Any]:
    """Give the rows of one answer; an object in place of a list is one row. Raises InputError when there are none."""
    found = json_text.step_down(answer, at)
    if isinstance(found, dict):
        return [found]
    if isinstance(found, list):
        return found
    raise InputError(
        f"answer has no list of rows at {at or 'its top'!r}",
        where=where or "JSON rows",
        todo="say in `rows` where the rows stand, as dotted names: data.items",
    )


def columns(rows: list[Record]) -> Iterator[str]:
    """Give the names that any row has."""
    yield from dict.fromkeys(name for row in rows for name in row.cells)


def _record(row: Any, number: int) -> Record:
    if not isinstance(row, dict):
        return Record(row=number, cells={}, faults=("shape",), raw=row)
    return Record(row=number, cells=json_text.flat(row), raw=row)
