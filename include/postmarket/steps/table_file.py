"""A plain CSV table as columns of text, and what is wrong with it by file and line.

No cell is ever repeated in a message: a shifted column may hold a narrative or a serial number (G4).
"""

import csv
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import compute as arrow
from pyarrow import csv as arrow_csv

from include.postmarket.detection.shapes import MOST_EVENTS, BoolArray, FloatArray, IntArray
from include.postmarket.model.errors import InputError

_ROW = re.compile(r"Row #(\d+)")
_SIGNS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """A column of names, R rows: ``code[r]`` points into ``names``, which are sorted."""

    code: IntArray
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The wanted columns of a file as text, R rows each; ``unused`` names the columns that nobody asked for."""

    path: Path
    columns: dict[str, Any]
    unused: tuple[str, ...]

    def refuse(self, rows: BoolArray, what: str, todo: str) -> None:
        """Raise InputError with the line of the first row that is marked, if one is."""
        if rows.any():
            raise _fault(self.path, int(np.argmax(rows)), what, todo)

    def encoded(self, column: str) -> tuple[IntArray, tuple[str, ...]]:
        """Give a code per row and the different texts, blanks around them cut. Raises InputError for an empty cell."""
        code, texts = self._encode(column)
        return code, tuple(texts.to_pylist())

    def codes(self, column: str) -> IntArray:
        """Give a code per row where the texts do not matter, shape (R,). Raises InputError for an empty cell."""
        return self._encode(column)[0]

    def _encode(self, column: str) -> tuple[IntArray, Any]:
        found = arrow.utf8_trim_whitespace(self.columns[column].combine_chunks()).dictionary_encode()
        code = np.asarray(found.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
        broken = np.asarray(
            arrow.match_substring(found.dictionary, "\0").to_numpy(zero_copy_only=False), dtype=np.bool_
        )
        self.refuse(broken[code], f"{column} holds a NUL character", "save the table as CSV in UTF-8")
        empty = np.asarray(arrow.equal(found.dictionary, "").to_numpy(zero_copy_only=False), dtype=np.bool_)
        self.refuse(empty[code], f"{column} is empty", f"fill in the {column}, or leave the row out")
        return code, found.dictionary

    def names(self, column: str) -> Names:
        """Give a column of names. Raises InputError for an empty one."""
        code, texts = self.encoded(column)
        order = sorted(range(len(texts)), key=texts.__getitem__)
        place = np.empty(len(texts), dtype=np.int64)
        place[order] = np.arange(len(texts))
        return Names(code=place[code], names=tuple(texts[at] for at in order))

    def numbers(self, column: str) -> FloatArray:
        """Give a column of finite numbers >= 0, shape (R,). Raises InputError for anything else."""
        code, texts = self.encoded(column)
        values = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").to_numpy(dtype=np.float64)[code]
        todo = "give a number with a point as decimal sign; leave out the row of a period that was not observed"
        self.refuse(~np.isfinite(values), f"{column} is no number", todo)
        self.refuse(values < 0, f"{column} is negative", "give 0 or more")
        return values

    def counts(self, column: str) -> FloatArray:
        """Give a column of whole numbers >= 0, shape (R,). Raises InputError for anything else."""
        values = self.numbers(column)
        self.refuse(values > MOST_EVENTS, f"{column} is too large", "give the number of events or reports")
        self.refuse(values != np.floor(values), f"{column} is no whole number", "give the number of events or reports")
        return values


def read(path: Path, shapes: Sequence[Collection[str]], optional: Collection[str] = ()) -> Table:
    """Read the columns of the first of ``shapes`` that the file has, and the ``optional`` ones it has.

    Raises InputError for a file that is not there, no CSV in UTF-8, without any shape's columns, without a row, or with
    a column that is nearly an optional one: a misspelt denominator must not be ignored.
    """
    table = _read_text(path)
    header = [name.strip().lower() for name in table.column_names]
    shape = next((shape for shape in shapes if set(shape) <= set(header)), None)
    where = f"{path}, line 1"
    if shape is None and len(header) == 1 and (sign := next((c for c in _SIGNS if c in header[0]), "")):
        raise InputError(f"the cells are separated by {_SIGNS[sign]}", where=where, todo="save the table with commas")
    if shape is None:
        missing = min((sorted(set(shape) - set(header)) for shape in shapes), key=len)
        choice = " or ".join(",".join(shape) for shape in shapes)
        raise InputError(
            f"column {' and '.join(missing)} is missing", where=where, todo=f"name the columns {choice}, with commas"
        )
    wanted = [*shape, *(name for name in optional if name in header)]
    unused = tuple(sorted(set(header) - set(wanted)))
    for name in unused:
        if near := get_close_matches(name, set(optional) - set(wanted), n=1, cutoff=0.75):
            raise InputError(f"unknown column {name!r}", where=where, todo=f"did you mean {near[0]!r}?")
    if twice := [name for name in wanted if header.count(name) > 1]:
        raise InputError(f"column {twice[0]} is there twice", where=where, todo="leave one of them out")
    if not table.num_rows:
        raise InputError("the table has a header and no row", where=str(path), todo="give one row at least")
    return Table(path=path, columns={name: table.column(header.index(name)) for name in wanted}, unused=unused)


def _read_text(path: Path) -> Any:
    """Read every column as text; one thread, so that a fault knows its row."""
    try:
        _refuse_utf16(path)
        return arrow_csv.read_csv(
            path,
            read_options=arrow_csv.ReadOptions(use_threads=False),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(default_column_type=pa.string(), strings_can_be_null=False),
        )
    except OSError as error:
        raise InputError(
            f"the table cannot be read: {error.strerror or 'no file'}", where=str(path), todo="give a CSV file"
        ) from error
    except pa.ArrowInvalid as error:
        row = _ROW.search(str(error))
        text = str(error)
        if "UTF8" in text:
            raise _no_utf8(path) from None
        if row is None:
            what = "the table is empty" if "Empty" in text else "the table is no CSV"
            raise InputError(what, where=str(path), todo="give a header line and rows, with commas") from None
        todo = "give as many cells as the header; put a cell that holds a comma in double quotes"
        raise _fault(path, int(row[1]) - 2, "the row has more or fewer cells than the header", todo) from None


def _refuse_utf16(path: Path) -> None:
    """Raise InputError for what a spreadsheet saves as "Unicode text": its NULs would be read as parts of cells."""
    with path.open("rb") as file:
        if file.read(2) in _UTF16:
            raise _no_utf8(path)


def _no_utf8(path: Path) -> InputError:
    return InputError("the table is not UTF-8 text", where=str(path), todo="save it as CSV in UTF-8")


def _fault(path: Path, row: int, what: str, todo: str) -> InputError:
    """Give the error of a row, counted from 0 without the header, with its line: cells may hold line breaks."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.reader(file)
        line = next(islice((reader.line_num for record in reader if record), row + 1, None), row + 2)
    return InputError(what, where=f"{path}, line {line}", todo=todo)
