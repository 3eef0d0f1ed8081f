"""The periods of a plain table: how they are written, how far one lies from the next, and which are missing between.

Written as months (2017-10), ISO weeks (2017-W05), days (2017-10-05) or whole numbers, all of a column alike. Days step
by month where all are the first of one, by week where all fall on one day of the week, else by day.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from include.postmarket.detection.shapes import IntArray
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.steps.table_file import Table

_HOW = "write all periods alike: 2017-10, 2017-W05, 2017-10-05 or whole numbers"
_CALENDAR_NUMBER = re.compile(r"(19|20)\d{2}(0[1-9]|[1-4]\d|5[0-3])(\d{2})?")


class Form(StrEnum):
    """How a period is written."""

    MONTH = r"\d{4}-\d{2}"
    WEEK = r"\d{4}-W\d{2}"
    DAY = r"\d{4}-\d{2}-\d{2}"
    NUMBER = r"[+-]?\d{1,9}"


class Step(StrEnum):
    """How far one period lies from the next; the value is what a person reads."""

    MONTH = "months"
    WEEK = "weeks"
    DAY = "days"
    NUMBER = "numbers"


_EXAMPLE = {Form.MONTH: "2017-10", Form.WEEK: "2017-W05", Form.DAY: "2017-10-05", Form.NUMBER: "17"}
#: The periods of a year, for methods that know seasons; numbers are taken as the method takes them.
YEAR_LENGTH = {Step.MONTH: 12, Step.WEEK: 52, Step.DAY: 365}


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """How periods are numbered one by one: ``form`` as written, ``step``, and the day of the week of weekly days."""

    form: Form
    step: Step
    weekday: int = 0

    def number(self, day: date) -> int:
        """Give the number of the first period that starts on a day or after it."""
        if self.step is Step.MONTH:
            return day.year * 12 + day.month - 1 + (day.day > 1)
        if self.step is Step.WEEK:
            return -((self.weekday + 1 - day.toordinal()) // 7)
        return day.toordinal()

    def label(self, number: int) -> str:
        """Give a period as the file writes it."""
        if self.form is Form.NUMBER:
            return str(number)
        if self.step is Step.MONTH:
            first = f"{number // 12:04d}-{number % 12 + 1:02d}"
            return first if self.form is Form.MONTH else f"{first}-01"
        day = date.fromordinal(number * 7 + self.weekday + 1 if self.step is Step.WEEK else number)
        return f"{day:%G-W%V}" if self.form is Form.WEEK else day.isoformat()

    def start(self, text: str) -> int:
        """Give the number of the period of ``--from``. Raises ConfigurationError where it is written otherwise."""
        wanted = _parsed(text, self.form)
        if wanted is None:
            raise ConfigurationError(
                f"{text!r} is not written like the periods of the table",
                where="--from",
                todo=f"give it like {_EXAMPLE[self.form]}",
            )
        return wanted if isinstance(wanted, int) else self.number(wanted)


def number_periods(table: Table) -> tuple[IntArray, Calendar]:
    """Give each row's period as a number that grows by one a period, shape (R,), and the calendar behind it.

    Raises InputError with the line of a period that cannot be read, is written otherwise than the others, or is a
    month, week or day run together into a number, or a spreadsheet's number of days, whose steps are not one.
    """
    code, texts = table.encoded("period")
    form = _form(texts[code[0]])
    parsed = [None if form is None else _parsed(text, form) for text in texts]
    bad = np.array([value is None for value in parsed], dtype=np.bool_)
    table.refuse(bad[code], "the period cannot be read, or is written otherwise than the first one", _HOW)
    if form is Form.NUMBER and all(_CALENDAR_NUMBER.fullmatch(text) for text in texts):
        wrong = "the periods look like years with months, weeks or days run together"
        table.refuse(np.ones(len(code), dtype=np.bool_), wrong, "write them as 2017-10, 2017-W05 or 2017-10-05")
    if form is Form.NUMBER and _day_numbers({int(text) for text in texts}):
        wrong = "the periods look like a spreadsheet's numbers of days"
        table.refuse(np.ones(len(code), dtype=np.bool_), wrong, "give the column the format 2017-10-05 there")
    calendar = _calendar(form or Form.NUMBER, [value for value in parsed if isinstance(value, date)])
    numbers = [calendar.number(value) if isinstance(value, date) else value for value in parsed]
    return np.array(numbers, dtype=np.int64)[code], calendar


def _day_numbers(numbers: set[int]) -> bool:
    """Say whether these are days counted from 1900 (1982 to 2064), none of which follows the one before it."""
    in_range = all(30_000 <= number <= 60_000 for number in numbers)
    return in_range and len(numbers) > 1 and not any(number + 1 in numbers for number in numbers)


def _form(text: str) -> Form | None:
    return next((form for form in Form if re.fullmatch(form.value, text)), None)


def _parsed(text: str, form: Form) -> int | date | None:
    """Give a number, or the first day of a month or week; None where it is no such period."""
    if not re.fullmatch(form.value, text):
        return None
    if form is Form.NUMBER:
        return int(text)
    try:
        return date.fromisoformat(f"{text}-01" if form is Form.MONTH else text)
    except ValueError:
        return None


def _calendar(form: Form, days: list[date]) -> Calendar:
    if form is Form.NUMBER:
        return Calendar(form=form, step=Step.NUMBER)
    if form is Form.WEEK:
        return Calendar(form=form, step=Step.WEEK)
    if form is Form.MONTH or all(day.day == 1 for day in days):
        return Calendar(form=form, step=Step.MONTH)
    if len({day.weekday() for day in days}) == 1:
        return Calendar(form=form, step=Step.WEEK, weekday=days[0].weekday())
    return Calendar(form=form, step=Step.DAY)
