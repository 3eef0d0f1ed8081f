"""CSV text to records: one mapping from column name to cell a row, every row kept, faults of shape named."""

import csv
import io
from collections import Counter
from collections.abc import Iterator

from include.postmarket.model.errors import InputError
from include.postmarket.sources.files import Member, decode
from include.postmarket.sources.records import Record

#: The longest cell that is still a narrative; csv's own limit of 131,072 is below the longest of MAUDE.
LONGEST_CELL = 16 * 1024**2

_DELIMITERS = ",;\t|"


def read_header(member: Member) -> tuple[str, ...]:
    """Give the column names of a CSV member, in lower case and as they are ordered.

    Raises InputError for an empty file and for a name that stands twice.
    """
    return _split(member)[0]


def read_records(member: Member) -> tuple[list[Record], str]:
    """Give the rows of a CSV member and the encoding that read it.

    A row with more or fewer cells than the header is kept with the fault ``shape``; lines without any text are no rows.
    Raises InputError for an empty file, a column that stands twice, a cell beyond `LONGEST_CELL` and a quote that
    never ends.
    """
    header, rows, encoding = _split(member)
    return [_record(header, row, number) for number, row in rows], encoding


def _record(header: tuple[str, ...], row: list[str], number: int) -> Record:
    cells = dict(zip(header, row, strict=False))
    if len(row) == len(header):
        return Record(row=number, cells=cells)
    surplus = {f"column {i + 1}": cell for i, cell in enumerate(row) if i >= len(header)}
    return Record(row=number, cells=cells | surplus, faults=("shape",))


def _split(member: Member) -> tuple[tuple[str, ...], Iterator[tuple[int, list[str]]], str]:
    content, encoding = decode(member)
    csv.field_size_limit(LONGEST_CELL)
    first = next((line for line in io.StringIO(content) if line.strip()), "")
    delimiter = max(_DELIMITERS, key=lambda d: len(next(csv.reader([first], delimiter=d), [])))
    rows = _rows(content, delimiter, member.name)
    header = tuple(name.strip().lower() for name in next(rows, (0, []))[1])
    if not header:
        raise InputError(
            "file is empty", where=member.name or "CSV", todo="export it again; even no rows have a header"
        )
    twice = sorted(name for name, times in Counter(header).items() if times > 1 and name)
    if twice:
        raise InputError(
            f"column stands more than once: {', '.join(twice)}",
            where=member.name or "CSV",
            todo="rename one of them, so that it is clear which one counts",
        )
    return header, rows, encoding


def _rows(content: str, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for row in reader:
            if row and any(cell.strip() for cell in row):
                yield number, row
                number += 1
    except csv.Error as error:
        raise InputError(
            f"row {number} cannot be read: {error}",
            where=name or "CSV",
            todo="mend the quotes of that row at the source; reading on would lose the rows behind it",
        ) from error
