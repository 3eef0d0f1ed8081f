"""Records as received to the columns of a canonical table: what is readable as values, everything as raw text.

Every frame has, besides the columns of its table:

- ``_row``: the number of the row in its file or answer, 1 for the first (over all members of a folder);
- ``_raw``: the row as received, as JSON; identical rows have identical text;
- ``_faults``: the columns whose text could not be read, comma-separated; also ``shape`` for a row of the wrong length
  and ``nul`` for a row with a NUL character, which no database takes as text;
- ``_notes``: what was read but is worth a look, comma-separated: flags that contradict the event type (``flags``), a
  device identifier with a wrong check digit (``udi``), text that is not UTF-8 (``cp1252``).
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from include.postmarket.model.errors import InputError
from include.postmarket.model.tables import Kind, Table
from include.postmarket.sources.cells import is_null_word

Value = str | date | float | int | None
Reader = Callable[[str], Value]

_DTYPES: dict[Kind, Any] = {Kind.TEXT: "str", Kind.DATE: "datetime64[us]", Kind.NUMBER: "float64", Kind.WHOLE: "Int64"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row as received: cells by lower-case column name; ``raw`` where it is more than its cells."""

    row: int
    cells: dict[str, str]
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    raw: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """How one canonical column is read: the names it goes by, best first, and the reader of its cells.

    A field that is not ``needed`` may be absent from the file: the column is then empty.
    """

    column: str
    names: tuple[str, ...]
    read: Reader
    needed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the files of a source become its table."""

    table: Table
    fields: tuple[Field, ...]
    fixed: Mapping[str, Value] = field(default_factory=dict)  # value of a column where the file has none


def missing_columns(header: Iterable[str], layout: Layout) -> list[str]:
    """Give the needed columns that a header has under none of their names."""
    found = set(header)
    return [" or ".join(f.names) for f in layout.fields if f.needed and not found & set(f.names)]


def require(header: Iterable[str], layout: Layout, where: str) -> None:
    """Do nothing when every needed column is there under one of its names.

    Raises InputError naming all that are missing and what was found.
    """
    found = set(header)
    missing = missing_columns(found, layout)
    if missing:
        raise InputError(
            f"{layout.table.source.value} file lacks {len(missing)} column(s): {', '.join(missing)}; "
            f"found: {', '.join(sorted(found)[:60]) or 'none'}",
            where=where or "source file",
            todo="export the file with these columns, or take it out of the folder when it is another table",
        )


def frame(records: Sequence[Record], layout: Layout) -> pd.DataFrame:
    """Give the records as a frame: the columns of the table in their order, then _row, _raw, _faults and _notes.

    Text columns have dtype str, dates datetime64[us], numbers float64 and whole numbers Int64; a cell that is empty or
    unreadable is missing. No record is left out.
    """
    faults: list[list[str]] = [[*r.faults, *(["nul"] if _holds_nul(r) else [])] for r in records]
    columns: dict[str, list[Value]] = {}
    by_column = {f.column: f for f in layout.fields}
    for column in layout.table.columns:
        reading = by_column.get(column)
        columns[column] = (
            [layout.fixed.get(column)] * len(records) if reading is None else _read(records, reading, layout, faults)
        )
    data = {c: pd.Series(v, dtype="object").astype(_DTYPES[layout.table.columns[c]]) for c, v in columns.items()}
    data["_row"] = pd.Series([r.row for r in records], dtype="int64")
    data["_raw"] = pd.Series([_raw(r) for r in records], dtype="str")
    data["_faults"] = pd.Series([",".join(f) for f in faults], dtype="str")
    data["_notes"] = pd.Series([",".join(r.notes) for r in records], dtype="str")
    return pd.DataFrame(data)


def _read(records: Sequence[Record], reading: Field, layout: Layout, faults: list[list[str]]) -> list[Value]:
    seen: dict[str, Value] = {}  # dates, models and codes repeat: each spelling is read once
    values: list[Value] = []
    for record, fault in zip(records, faults, strict=True):
        cell = next((record.cells[n] for n in reading.names if record.cells.get(n, "").strip()), "")
        if cell not in seen:
            seen[cell] = reading.read(cell)
        value = seen[cell]
        if value is None and layout.table.columns[reading.column] is not Kind.TEXT and not is_null_word(cell):
            fault.append(reading.column)
        values.append(layout.fixed.get(reading.column) if value is None and not cell.strip() else value)
    return values


def _raw(record: Record) -> str:
    # ASCII, because a lone surrogate of broken JSON has no other spelling that can be stored
    return json.dumps(record.cells if record.raw is None else record.raw, sort_keys=True)


def _holds_nul(record: Record) -> bool:
    return any("\x00" in cell for cell in record.cells.values())
