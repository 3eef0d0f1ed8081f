"""Single cells: text, dates and numbers as they come, read without guessing.

Each reader gives None both for an empty cell and for one it cannot read; `unreadable` tells the two apart, so that
`records.frame` can name the column as a fault of the row and the checks can quarantine it.
"""

import re
from datetime import date

#: What people write where a file wants a value and there is none (openFDA device/event; 86 of 535 bone cement lots).
NULL_WORDS = frozenset({"", ".", "*", "NI", "UNK", "UNKNOWN", "NA", "N/A", "NONE", "ASKU", "NOT PROVIDED"})

#: Earlier than any device report: an older date is a typing error, never a fact (1900 is what forms put for unknown).
FIRST_DAY = date(1901, 1, 1)

#: A two-digit year below this is of this century (MAUDE holds no report from before 1984).
PIVOT = 70

_MONTHS = dict(
    zip(("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"), range(1, 13), strict=True)
)
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_COMPACT = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:\.0)?", re.ASCII)
_ISO = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})" + _TIME, re.ASCII)
_YEAR_FIRST = re.compile(r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})" + _TIME, re.ASCII)
_US = re.compile(r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})" + _TIME, re.ASCII)
_NAMED = re.compile(r"(?P<d>\d{1,2})-(?P<mon>[A-Za-z]{3})-(?P<y>\d{4}|\d{2})", re.ASCII)
_BLACKED_OUT = re.compile(r" ?\([bB]\)\s?\(\d\) ?")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)


def is_null_word(cell: str) -> bool:
    """Give whether a cell says, in one of the usual words, that there is no value."""
    return cell.strip().upper() in NULL_WORDS


def text(cell: str) -> str | None:
    """Give the cell without the space around it, None when nothing is left."""
    return cell.strip() or None


def worded(cell: str) -> str | None:
    """Give the cell as `text` does, None also where it holds a null word (lot "NI")."""
    return None if is_null_word(cell) else cell.strip()


def iso_date(cell: str) -> date | None:
    """Give the day of ``2024-03-01`` or ``20240301`` (a time behind it is dropped), None for anything else.

    Slashed dates are not read: whether 03/04 is in March or in April cannot be known from a company's own file.
    """
    return _day(_ISO.fullmatch(cell.strip()) or _COMPACT.fullmatch(cell.strip()))


def fda_date(cell: str) -> date | None:
    """Give the day of any of FDA's shapes, None for anything else.

    The shapes of MAUDE and openFDA files: 20240301, 2024-03-01, 2024/03/01, 2024/03/01 00:00:00.000, 03/01/2024 (FDA
    writes the month first) and 01-MAR-24.
    """
    cell = cell.strip()
    for shape in (_COMPACT, _US, _YEAR_FIRST, _ISO, _NAMED):
        if found := shape.fullmatch(cell):
            return _day(found)
    return None


def number(cell: str) -> float | None:
    """Give a plain decimal number, None for anything else ("1,5" and "1,500" are not guessed at, nor nan and inf)."""
    return float(cell) if _NUMBER.fullmatch(cell.strip()) and abs(float(cell)) < float("inf") else None


def whole(cell: str) -> int | None:
    """Give a whole number ("3" or "3.0", up to 15 digits), None for anything else."""
    value = number(cell)
    return int(value) if value is not None and value.is_integer() and abs(value) < 1e15 else None


def record_key(cell: str) -> str | None:
    """Give a record's key; MAUDE's device files write ``" 1511541.0"`` for 1511541."""
    return worded(re.sub(r"^(\d+)\.0$", r"\1", cell.strip()))


def narrative(cell: str) -> str | None:
    """Give a text without the marks that FDA puts over what it blacked out, ``(B)(4)`` and ``(b)(6)``.

    They would make texts alike that share nothing else.
    """
    return text(_BLACKED_OUT.sub(" ", cell)) if "(" in cell else text(cell)


def device_identifier(cell: str) -> str | None:
    """Give a device identifier (UDI-DI); None for a null word, and for 8 to 14 digits whose GS1 check digit is wrong.

    HIBCC and ICCBBA identifiers hold letters, and are kept as they are.
    """
    found = worded(cell)
    if found is None or not found.isdecimal() or not 8 <= len(found) <= 14:
        return found
    weighted = sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(reversed(found)))
    return found if weighted % 10 == 0 else None


def _day(found: re.Match[str] | None) -> date | None:
    if found is None:
        return None
    part = found.groupdict()
    month = _MONTHS.get(part["mon"].upper(), 0) if "mon" in part else int(part["m"])
    year = int(part["y"])
    if len(part["y"]) == 2:
        year += 2000 if year < PIVOT else 1900
    try:
        day = date(year, month, int(part["d"]))
    except ValueError:
        return None
    return day if day >= FIRST_DAY else None
