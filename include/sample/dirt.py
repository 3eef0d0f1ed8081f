"""Planted dirt: added rows that a gate has to stop, one month at a time so that no single month is mostly dirt.

The clean rows stay as they are; every kind is counted in the truth file.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from include.sample.complaints import Complaint
from include.sample.fleet import Cell, Month
from include.sample.measurements import Reading

UNKNOWN_CODE = "A0799"  # never was an Annex A code
RETIRED_CODE = "A071205"  # IMDRF Annex A: inactivated on 31 January 2023, replaced by A0723
_NEWEST = 3  # dirt lies this many months or more before the end: the months of the planted faults stay clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """How many rows of one kind of dirt lie in one file."""

    kind: str
    file: str
    rows: int


_COMPLAINT_DIRT: tuple[tuple[str, int, Callable[[Complaint, Month], Complaint]], ...] = (
    ("future_date", 2, lambda row, end: dataclasses.replace(row, received=f"{end.year + 100}-06-15")),
    ("unreadable_date", 2, lambda row, end: dataclasses.replace(row, received=f"{end.year}-02-31")),
    ("unknown_code", 2, lambda row, _: dataclasses.replace(row, problem_code=UNKNOWN_CODE)),
    ("retired_code", 1, lambda row, _: dataclasses.replace(row, problem_code=RETIRED_CODE)),
    ("event_after_received", 2, lambda row, _: dataclasses.replace(row, event_date=_later(row.received))),
    ("missing_model", 2, lambda row, _: dataclasses.replace(row, model="")),
)


def dirty_complaints(rows: tuple[Complaint, ...], end: Month) -> tuple[tuple[Complaint, ...], tuple[Planted, ...]]:
    """Give the complaints with dirt added behind the row each was made from, and what was planted."""
    added: dict[int, list[Complaint]] = {}
    planted: list[Planted] = []
    number = 0
    for kind, times, spoil in _COMPLAINT_DIRT:
        for _ in range(times):
            number += 1
            place = _row_of_month(rows, end.plus(-_NEWEST - number))
            new_id = f"SIM-D{number:05d}"
            added.setdefault(place, []).append(dataclasses.replace(spoil(rows[place], end), complaint_id=new_id))
        planted.append(Planted(kind=kind, file="complaints.csv", rows=times))
    for kind, back in (("duplicate_same", 4), ("duplicate_conflicting", 6)):
        place = _row_of_month(rows, end.plus(-back))
        other = "A26" if kind == "duplicate_conflicting" else rows[place].problem_code
        added.setdefault(place, []).append(dataclasses.replace(rows[place], problem_code=other))
        planted.append(Planted(kind=kind, file="complaints.csv", rows=1))
    found = [kept for place, row in enumerate(rows) for kept in (row, *added.get(place, []))]
    return tuple(found), tuple(planted)


def dirty_exposure(cells: tuple[Cell, ...], end: Month) -> tuple[tuple[Cell, ...], tuple[Planted, ...]]:
    """Give the exposure with one row added that says no pump and no day, and what was planted."""
    month = min(max(end.plus(-_NEWEST - 1), cells[0].month), end)
    zero = Cell(month=month, model="EP-200", software_version="3.1", region="LATAM", units_in_use=0, device_days=0)
    last = max(place for place, cell in enumerate(cells) if cell.month == month)
    found = (*cells[: last + 1], zero, *cells[last + 1 :])
    return found, (Planted(kind="zero_exposure", file="exposure.csv", rows=1),)


def dirty_readings(readings: tuple[Reading, ...], end: Month) -> tuple[tuple[Reading, ...], tuple[Planted, ...]]:
    """Give the readings with physically impossible ones added, and what was planted."""
    month = end.plus(-_NEWEST - 1)
    first = next((place for place, row in enumerate(readings) if row.measured >= month.first), 0)
    model = readings[first]
    impossible = (
        dataclasses.replace(model, device="dev-000001", battery_hours=-3.0),
        dataclasses.replace(model, device="dev-000002", flow_error_percent=4000.0),
        dataclasses.replace(model, device="dev-000003", motor_current_ma=-85.0),
    )
    found = (*readings[:first], *impossible, *readings[first:])
    return found, (Planted(kind="impossible_measurement", file="performance.parquet", rows=len(impossible)),)


def _row_of_month(rows: tuple[Complaint, ...], month: Month) -> int:
    """Give the first row received in a month, or the first of all where the data do not reach back so far."""
    return next((place for place, row in enumerate(rows) if row.received.startswith(str(month))), 0)


def _later(received: str) -> str:
    return (date.fromisoformat(received) + timedelta(days=9)).isoformat()
