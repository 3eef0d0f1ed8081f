"""Lines of FDA's own MAUDE files: rows that newlines and bars have broken, read by their header.

The files are pipe-delimited, quotes are data, and a free text may hold bars and newlines as it was typed. So a row
begins only where a line begins with a report key and a bar; all else belongs to the row before.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

_ROW = re.compile(rb"^\s*\d{2,}(?:\.\d)?\|")
_KEY = re.compile(rb"^\s*(\d+)(?:\.\d)?\|")

#: Names that changed from year to year, or were cut off, and what they are called here (as openFDA does).
ALIASES = {
    "text": "foi_text",
    "patient_sequence_no": "patient_sequence_number",
    "device_sequence_no": "device_sequence_number",
    "device_evaluated_by_manufactur": "device_evaluated_by_manufacturer",
    "device_date_of_manufacturere": "device_date_of_manufacturer",
    "manufacturer_link_flag_": "manufacturer_link_flag",
    "manufacturer_d_state_code": "manufacturer_d_state",
    "manufacturer_d_country_code": "manufacturer_d_country",
    "summary_report": "summary_report_flag",
}


class Kind(StrEnum):
    """The tables that reports are spread over."""

    MASTER = "mdrfoi"
    DEVICE = "foidev"
    TEXT = "foitext"
    PATIENT = "patient"
    PROBLEM = "foidevproblem"
    PROBLEM_NAME = "deviceproblemcodes"
    OTHER = "other"  # tables that hold nothing of a row: patient problem codes and their names


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the first line of a file says: its table, its columns, and whether that line is a row already."""

    kind: Kind
    columns: tuple[str, ...]
    is_row: bool = False


def head(line: bytes) -> Head | None:
    """Give what a file is by its first line, None when it is none of MAUDE's."""
    text = decoded(line).lstrip("\ufeff").strip()
    if re.fullmatch(r"\d+(?:\.0)?\|\d+", text):
        return Head(kind=Kind.PROBLEM, columns=("mdr_report_key", "problem_code"), is_row=True)
    if re.match(r'^"?\d+"?[,|]\s*"?[A-Za-z]', text):
        return Head(kind=Kind.PROBLEM_NAME, columns=("problem_code", "description"), is_row=True)
    columns = tuple(_column(name) for name in text.split("|"))
    names = set(columns)
    if columns[0] != "mdr_report_key":  # a row is known by the key that it begins with
        return None
    for marks, kind in (
        ({"event_type", "date_received"}, Kind.MASTER),
        ({"brand_name", "generic_name"}, Kind.DEVICE),
        ({"foi_text"}, Kind.TEXT),
        ({"sequence_number_outcome"}, Kind.PATIENT),
        ({"patient_sequence_number", "problem_code"}, Kind.OTHER),
        ({"problem_code"}, Kind.PROBLEM),
    ):
        if marks <= names:
            return Head(kind=kind, columns=columns)
    return None


def rows(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Give the rows behind a header, each with the lines that belong to it, without the line ends around them."""
    held = b""
    for line in lines:
        if _ROW.match(line):
            if held:
                yield held.rstrip(b"\r\n")
            held = line
        else:
            held += line if held else b""
    if held:
        yield held.rstrip(b"\r\n")


def key_of(row: bytes) -> str:
    """Give the report key that a row begins with; `` 1511541.0`` is 1511541."""
    found = _KEY.match(row)
    return found[1].decode("ascii") if found else ""


def cells_of(row: bytes, columns: tuple[str, ...]) -> tuple[dict[str, str], bool]:
    """Give a row's cells by column, and whether it has exactly as many as there are columns.

    Bars beyond the last column belong to that column: they are bars of a text.
    """
    parts = decoded(row).replace("\r\n", "\n").split("|", maxsplit=max(0, len(columns) - 1))
    exact = len(parts) == len(columns) and ("|" not in parts[-1] or columns[-1] == "foi_text")
    return {name: part.strip() for name, part in zip(columns, parts, strict=False)}, exact


def decoded(line: bytes) -> str:
    """Give the text of a line: UTF-8 where it is that, else Latin-1 as Windows writes it."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")


def _column(name: str) -> str:
    found = name.strip().strip('"').lower().replace("-", "_")
    return ALIASES.get(found, found)
