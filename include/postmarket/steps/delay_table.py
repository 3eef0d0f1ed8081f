"""Reporting delay on a plain table: how much of each period of event is known, and how many events it will have.

One row is one event with the day it happened and the day it was received. Nothing received on or after the as-of day is
looked at. The delays of each series are estimated from its own rows.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from include.postmarket.detection.reporting_delay import completeness, nowcast
from include.postmarket.detection.shapes import IntArray, Reason
from include.postmarket.model.errors import InputError
from include.postmarket.model.period import Cadence, Period, periods
from include.postmarket.steps import table_file
from include.postmarket.steps.table_file import Table

COLUMNS = ("event", "received")
#: Fewer known events than this tell nothing of their delays.
LEAST_EVENTS = 10
_LEAST_PERIODS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """``longest``: later reports are left out, in all periods alike. ``as_of``: None for the end of the last period."""

    source: Path
    cadence: Cadence = Cadence.MONTH
    longest: int = 12
    as_of: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Nowcast:
    """A period of event of one series: what is known of it, and with 95 % probability what there will be.

    ``share`` to ``upper`` are None where ``reason`` says why nothing can be said.
    """

    series: str
    period: Period
    reported: int
    share: float | None = None
    expected: float | None = None
    lower: float | None = None
    upper: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nowcasts:
    """The answer, by series and period, the day it is as of, and how many rows were left out as too late."""

    as_of: date
    periods: tuple[Nowcast, ...]
    too_late: int


def nowcasts(asked: Asked) -> Nowcasts:
    """Give the nowcast of every period from a series' first event to the as-of day.

    Raises InputError for a table that cannot be used, with its line, and for an as-of day within a period.
    """
    table = table_file.read(asked.source, [COLUMNS], optional=("series",))
    event, received = (_days(table, column) for column in COLUMNS)
    table.refuse(received < event, "received lies before the event", "mend the row, or leave it out")
    as_of = asked.as_of or Period.containing(date.fromordinal(int(received.max())), asked.cadence).end
    last = Period.containing(date.fromordinal(as_of.toordinal() - 1), asked.cadence)
    if last.end != as_of:
        wrong = f"{as_of} is not the first day of a {asked.cadence.value}"
        raise InputError(wrong, where="as-of day", todo="give the day after the last whole period")
    known = received < as_of.toordinal()
    happened, delay = _delays(event, received, asked.cadence)
    in_time = delay <= asked.longest
    names = table.names("series") if "series" in table.columns else None
    code = np.zeros(len(event), dtype=np.int64) if names is None else names.code
    found: list[Nowcast] = []
    for number, name in enumerate(("",) if names is None else names.names):
        mine = known & in_time & (code == number)
        found += _series(name, event[mine], (happened[mine], delay[mine]), last, asked.longest)
    return Nowcasts(as_of=as_of, periods=tuple(found), too_late=int((known & ~in_time).sum()))


def _series(name: str, event: IntArray, placed: tuple[IntArray, IntArray], last: Period, longest: int) -> list[Nowcast]:
    if not len(event):
        return []
    spans = periods(Period.containing(date.fromordinal(int(event.min())), last.cadence), last)
    happened, delay = placed[0] - placed[0].min(), placed[1]
    reported = np.bincount(happened, minlength=len(spans))
    why = (
        Reason.SHORT_HISTORY if len(spans) < _LEAST_PERIODS else Reason.LOW_COUNT if len(event) < LEAST_EVENTS else None
    )
    if why is not None:
        return [
            Nowcast(series=name, period=p, reported=int(n), reason=why.value)
            for p, n in zip(spans, reported, strict=True)
        ]
    delays = min(longest, len(spans) - 2) + 1
    triangle = np.zeros((len(spans), delays))
    np.add.at(triangle, (happened, np.minimum(delay, delays - 1)), 1.0)
    shares = completeness(triangle)
    answer = nowcast(reported.astype(np.float64), shares)
    return [
        Nowcast(series=name, period=p, reported=int(n), share=s, expected=e, lower=low, upper=high)
        for p, n, s, e, low, high in zip(
            spans, reported, *(a.tolist() for a in (shares.reported, *answer)), strict=True
        )
    ]


def _delays(event: IntArray, received: IntArray, cadence: Cadence) -> tuple[IntArray, IntArray]:
    """Give the number of each event's period, and by how many periods later it was received."""
    numbers = [_numbers(days, cadence) for days in (event, received)]
    return numbers[0], numbers[1] - numbers[0]


def _numbers(days: IntArray, cadence: Cadence) -> IntArray:
    if cadence is Cadence.WEEK:
        return (days - 1) // 7
    different, place = np.unique(days, return_inverse=True)
    months = [(day := date.fromordinal(int(number))).year * 12 + day.month for number in different]
    return np.array(months, dtype=np.int64)[place]


def _days(table: Table, column: str) -> IntArray:
    """Give a column of days as ordinals. Raises InputError with the line of one that is none."""
    code, texts = table.encoded(column)
    days = [_day(text) for text in texts]
    bad = np.array([day is None for day in days], dtype=np.bool_)
    table.refuse(bad[code], f"{column} is no day", "write it as 2017-10-05; leave out the row of an event without one")
    return np.array([0 if day is None else day.toordinal() for day in days], dtype=np.int64)[code]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
