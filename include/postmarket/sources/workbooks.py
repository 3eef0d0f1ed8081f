"""Excel workbooks to records: the sheet that has the columns, cells as the text a CSV would hold."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from include.postmarket.model.errors import InputError
from include.postmarket.sources.files import UNPACKED_LIMIT, Member
from include.postmarket.sources.records import Layout, Record, missing_columns

#: A title, a date of the export and a blank line may stand above the columns' names.
_HEADER_WITHIN = 30


def read(member: Member, layout: Layout) -> list[Record]:
    """Give the rows of the one sheet that has the layout's needed columns.

    Values of formulas are those that Excel kept. Lines without any value are no rows. Raises InputError when the file
    is no workbook, or when none or several of its sheets have the columns.
    """
    try:
        if sum(e.file_size for e in zipfile.ZipFile(io.BytesIO(member.content)).infolist()) > UNPACKED_LIMIT:
            raise InputError("workbook is too big", where=member.name or "Excel", todo="export it as CSV")
        book = openpyxl.load_workbook(io.BytesIO(member.content), read_only=True, data_only=True)
        fitting = {sheet.title: rows for sheet in book.worksheets if (rows := _rows(sheet, layout)) is not None}
        titles = ", ".join(sheet.title for sheet in book.worksheets)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, ParseError, OSError) as error:
        raise InputError(
            f"no readable Excel workbook: {type(error).__name__}",
            where=member.name or "Excel",
            todo="save it again as .xlsx, without a password",
        ) from error
    if len(fitting) != 1:
        which = f"several sheets have the columns: {', '.join(fitting)}" if fitting else "no sheet has the columns"
        wanted = ", ".join(" or ".join(f.names) for f in layout.fields if f.needed)
        raise InputError(
            f"{which} (sheets: {titles}; needed: {wanted})",
            where=member.name or "Excel",
            todo="keep one sheet with these columns, or say in `columns` what they are called",
        )
    return next(iter(fitting.values()))


def _rows(sheet: Any, layout: Layout) -> list[Record] | None:
    lines = ([_spell(value) for value in line] for line in sheet.iter_rows(values_only=True))
    for line in islice(lines, _HEADER_WITHIN):
        header = [name.lower() for name in line]
        if any(line) and not missing_columns(header, layout):
            return list(_records(header, lines))
    return None


def _records(header: list[str], lines: Iterator[list[str]]) -> Iterator[Record]:
    number = 0
    for line in lines:
        if any(line):
            number += 1
            surplus = any(cell and not name for name, cell in zip(header, line, strict=False)) or any(
                line[len(header) :]
            )
            cells = {name: cell for name, cell in zip(header, line, strict=False) if name}
            yield Record(row=number, cells=cells, raw=line if surplus else None, faults=("shape",) if surplus else ())


def _spell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat() if not isinstance(value, datetime) else value.date().isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value).strip()
