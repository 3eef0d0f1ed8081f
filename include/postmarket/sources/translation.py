"""A company's own spelling of a table: its column names, codes, dates and decimals, as data of sources.yaml."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.tables import Kind
from include.postmarket.sources import cells
from include.postmarket.sources.records import Field, Layout, Reader, Value

_DECIMAL_COMMA = re.compile(r"[+-]?\d{1,3}(?:\.?\d{3})*(?:,\d*)?|[+-]?\d+(?:,\d*)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """How a source spells one of our tables; empty says it is spelled as the house spells it.

    ``columns`` gives for our column the source's; ``codes`` for our column the source's codes and what they are here;
    ``constants`` the value of a column that the source does not have; ``date_format`` is `strptime`'s.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    date_format: str = ""
    decimal_comma: bool = False


def translated(layout: Layout, translation: Translation, where: str) -> Layout:
    """Give the layout that reads a source in its own spelling.

    A code that ``codes`` does not name stays as it is, for the checks to judge. Raises ConfigurationError for a column
    that the table does not have, or a constant that is no value of its column.
    """
    _refuse_unknown(layout, translation, where)
    fields = tuple(_field(f, translation, layout.table.columns[f.column]) for f in layout.fields)
    by_column = {f.column: f for f in layout.fields}
    fixed: dict[str, Value] = dict(layout.fixed)
    for column, constant in translation.constants.items():
        fixed[column] = by_column[column].read(constant)
        if fixed[column] is None:
            raise ConfigurationError(
                f"constant {constant!r} is no value of {column}", where=where, todo="write it as the house does"
            )
    return dataclasses.replace(
        layout,
        fields=tuple(dataclasses.replace(f, needed=False) if f.column in translation.constants else f for f in fields),
        fixed=fixed,
    )


def _field(reading: Field, translation: Translation, kind: Kind) -> Field:
    theirs = translation.columns.get(reading.column)
    names = (theirs.strip().lower(),) if theirs else reading.names
    read = _coded(_dialect(reading.read, translation, kind), translation.codes.get(reading.column, {}))
    return dataclasses.replace(reading, names=names, read=read)


def _coded(read: Reader, codes: Mapping[str, str]) -> Reader:
    if not codes:
        return read
    return lambda cell: read(codes.get(cell.strip(), cell))


def _dialect(read: Reader, translation: Translation, kind: Kind) -> Reader:
    if kind is Kind.DATE and translation.date_format:
        return lambda cell: _day(cell, translation.date_format)
    if kind in {Kind.NUMBER, Kind.WHOLE} and translation.decimal_comma:
        return lambda cell: read(_with_point(cell))
    return read


def _day(cell: str, shape: str) -> date | None:
    try:
        found = datetime.strptime(cell.strip(), shape).date()  # noqa: DTZ007 - a calendar day of a record
    except ValueError:
        return None
    return found if found >= cells.FIRST_DAY else None


def _with_point(cell: str) -> str:
    """Give ``1.234,5`` as ``1234.5``; what is no number with a decimal comma becomes none, rather than another."""
    found = cell.strip()
    return found.replace(".", "").replace(",", ".") if _DECIMAL_COMMA.fullmatch(found) else "" if not found else "?"


def _refuse_unknown(layout: Layout, translation: Translation, where: str) -> None:
    known = {f.column for f in layout.fields}
    named = {*translation.columns, *translation.codes, *translation.constants}
    if unknown := sorted(named - known):
        raise ConfigurationError(
            f"{layout.table.source.value} has no column {', '.join(unknown)}",
            where=where,
            todo=f"name one of {', '.join(sorted(known))}",
        )
