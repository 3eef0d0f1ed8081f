"""Registers as tables, CSV and XLSX: a heading row, and one item a row."""

import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from include.postmarket.model.finding import FaultyContentError
from include.postmarket.requirements.content import LARGEST, members, text_of
from include.postmarket.requirements.mapping import Mapping, folded
from include.postmarket.requirements.reading import Draft, Reading, fatal

_DELIMITERS = ",;\t|"
_HEADING_WITHIN = 20  # rows: titles and logos stand above the heading of many a spreadsheet
_WIDEST = 1000  # columns
_FORMULA = "#formula without a stored value"

#: What openpyxl raises at a broken workbook; a broken XML is a SyntaxError.
_UNREADABLE = (InvalidFileException, LookupError, ValueError, TypeError, AttributeError, SyntaxError, OSError, EOFError)

Row = tuple[int, list[str]]


def read_csv(content: bytes, file: str, mapping: Mapping) -> Reading:
    """Give the rows of CSV text; the delimiter is the one of the heading row.

    Raises FaultyContentError for a wrong encoding, a quote that never ends and a heading without an id or a text.
    """
    reading = Reading()
    text = text_of(content, file, mapping.encoding)
    heading = text.lstrip("\n\r").split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=lambda mark: len(next(csv.reader([heading], delimiter=mark), [])))
    _take_rows(_csv_rows(text, delimiter, file), file, mapping, reading)
    return reading


def _csv_rows(text: str, delimiter: str, file: str) -> Iterator[Row]:
    csv.field_size_limit(LARGEST)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise fatal(f"cannot be read on: {error}; look at the quotes from here", file, line) from None


def read_xlsx(content: bytes, file: str, mapping: Mapping) -> Reading:
    """Give the rows of one sheet: the one that the mapping names, else the first. Lines are the rows of the sheet.

    Raises FaultyContentError when it is no XLSX, unpacks to too much or has no such sheet.
    """
    for _ in members(content, file):  # bounds and sums of the archive are checked before anything interprets it
        pass
    reading = Reading()
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        formulas = load_workbook(io.BytesIO(content), read_only=True)
    except _UNREADABLE as error:
        raise _no_workbook(error, file) from error
    names = [sheet.title for sheet in book.worksheets]
    name = mapping.sheet or (names[0] if names else "")
    if name not in names:
        raise fatal(f"has no sheet {name!r}; it has {', '.join(names) or 'none'}", file)
    others = [sheet for sheet in book.sheetnames if sheet != name]
    if others:
        reading.listed(f"sheet {name!r} is read, not {', '.join(others)}", file)
    _take_rows(_sheet_rows(book[name], formulas[name], file), file, mapping, reading)
    return reading


def _sheet_rows(values: Any, formulas: Any, file: str) -> Iterator[Row]:
    """Give the rows one by one; a sheet is read as it is walked, so this is where a broken one shows."""
    pairs = zip(values.iter_rows(values_only=True), formulas.iter_rows(values_only=True), strict=True)
    number = 0
    try:
        for number, (row, written) in enumerate(pairs, start=1):
            if any(value is not None for value in row[_WIDEST:]):
                raise fatal(f"has more than {_WIDEST:,} columns", file, number)
            yield number, [_cell(value, source) for value, source in zip(row[:_WIDEST], written, strict=False)]
    except _UNREADABLE as error:
        raise _no_workbook(error, file, number + 1) from error


def _no_workbook(error: Exception, file: str, line: int = 0) -> FaultyContentError:
    return fatal(f"is no readable XLSX ({type(error).__name__}): save it again as .xlsx", file, line)


def _cell(value: Any, written: Any) -> str:
    if value is None:
        return _FORMULA if isinstance(written, str) and written.startswith("=") else ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # spreadsheets keep every number as a float: 3 is version 3, not 3.0
    return str(value)


def _take_rows(rows: Iterator[Row], file: str, mapping: Mapping, reading: Reading) -> None:
    line, heading, skipped = _heading(rows, mapping, file)
    if skipped:
        reading.listed(f"{skipped} filled rows above the heading are not taken", file, line)
    doubled = sorted(name for name, times in Counter(heading).items() if name and times > 1)
    for name in doubled:
        reading.error(f"column {name!r} stands twice: rename one", file, line)
    if not doubled:
        for number, row in rows:
            if any(cell.strip() for cell in row):
                _take_row(heading, row, number, (reading, file))


def _take_row(heading: list[str], row: list[str], line: int, place: tuple[Reading, str]) -> None:
    reading, file = place
    surplus = [cell for cell in row[len(heading) :] if cell.strip()]
    unnamed = [cell for name, cell in zip(heading, row, strict=False) if not name and cell.strip()]
    if surplus or unnamed:
        reading.error("has a cell beyond the named columns: a text with a delimiter needs quotes", file, line)
    fields = {name: cell.strip() for name, cell in zip(heading, row, strict=False) if name}
    if missing := [name for name in heading if name and name not in fields]:
        reading.error(f"ends before column {missing[0]!r}: the row is cut short", file, line)
    for name, cell in fields.items():
        if cell == _FORMULA:
            reading.error(f"{name} is a formula whose value was never stored: open and save it", file, line)
    reading.drafts.append(Draft(key=f"{file}:{line}", fields=fields, keyed=False, file=file, line=line))


def _heading(rows: Iterator[Row], mapping: Mapping, file: str) -> tuple[int, list[str], int]:
    """Give the line and names of the heading, and how many filled rows stood above it."""
    known = {wanted: set(mapping.names(wanted)) for wanted in ("id", "text", "title")}
    seen: list[Row] = []
    within = mapping.header_row or _HEADING_WITHIN
    for number, row in itertools.islice(rows, within):
        filled = any(cell.strip() for cell in row)
        names = {folded(cell) for cell in row}
        fits = names & known["id"] and names & (known["text"] | known["title"])
        if number == mapping.header_row or (not mapping.header_row and fits):
            width = max((n for n, cell in enumerate(row, start=1) if cell.strip()), default=0)
            return number, [" ".join(cell.split()) for cell in row[:width]], len(seen)
        seen += [(number, row)] if filled else []
    first = seen[0] if seen else (1, [])
    found = ", ".join(repr(cell.strip()[:40]) for cell in first[1][:12] if cell.strip()) or "nothing"
    todo = "name the columns of id and text in a mapping (fields: {id: ..., text: ...})"
    raise fatal(f"no row names both an id and a text; the first one has {found}: {todo}", file, first[0])
