"""Moments in a query: dates, periods from now (`-5m`, `-1w 2d`) and functions (`startOfDay("-1d")`)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from include.jira_sandbox.jql.syntax import Operand
from include.jira_sandbox.jql.tokens import JqlError

_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T](\d{1,2}):(\d{2}))?", re.ASCII)
_PERIOD = re.compile(r"([+-]?)((?:\d{1,6}[wdhm]\s*)+)", re.ASCII)
_STEP = re.compile(r"([+-]?\d{1,6})([yMwdhm]?)", re.ASCII)
_UNITS = {"w": timedelta(weeks=1), "d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_MONTHS = {"y": 12, "M": 1}


def _start_of_day(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _start_of_week(moment: datetime) -> datetime:
    """Return the last Sunday: weeks start there on a site in English (US), Jira's default."""
    return _start_of_day(moment) - timedelta(days=(moment.weekday() + 1) % 7)


def _start_of_month(moment: datetime) -> datetime:
    return _start_of_day(moment).replace(day=1)


def _start_of_year(moment: datetime) -> datetime:
    return _start_of_month(moment).replace(month=1)


# The unit in the middle is what a bare number in the argument counts, and the length of the span for endOf...
_SPANS: dict[str, tuple[str, Callable[[datetime], datetime]]] = {
    "day": ("d", _start_of_day),
    "week": ("w", _start_of_week),
    "month": ("M", _start_of_month),
    "year": ("y", _start_of_year),
}


def read_moment(operand: Operand, now: datetime, field: str) -> datetime:
    """Return the moment that an operand means; raise JqlError for anything else, or one beyond the calendar."""
    try:
        if operand.arguments is not None:
            return _call(str(operand.text), operand.arguments, now)
        text = (operand.text or "").strip()
        if date := _DATE.fullmatch(text):
            year, month, day, hour, minute = (int(part or 0) for part in date.groups())
            return datetime(year, month, day, hour, minute, tzinfo=UTC)
        if period := _PERIOD.fullmatch(text):
            return now + _read_period(period[1], period[2])
    except (ValueError, OverflowError) as error:
        raise JqlError(_invalid(operand, field)) from error
    raise JqlError(_invalid(operand, field))


def _invalid(operand: Operand, field: str) -> str:
    return (
        f"Date value '{(operand.text or '')[:80]}' for field '{field}' is invalid. Valid formats include: "
        "'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
    )


def _read_period(sign: str, text: str) -> timedelta:
    parts = re.findall(r"(\d+)([wdhm])", text, re.ASCII)
    period = sum((int(count) * _UNITS[unit] for count, unit in parts), timedelta())
    return -period if sign == "-" else period


def _call(name: str, arguments: tuple[str, ...], now: datetime) -> datetime:
    folded = name.casefold()
    if folded == "now" and not arguments:
        return now
    edge, span = folded[: folded.find("of") + 2], folded[folded.find("of") + 2 :]
    if edge not in {"startof", "endof"} or span not in _SPANS or len(arguments) > 1:
        raise JqlError(f"Unable to find JQL function '{name[:80]}({', '.join(arguments)[:80]})'.")
    unit, start_of = _SPANS[span]
    moment = _step(now, arguments[0], unit) if arguments else now
    start = start_of(moment)
    return start if edge == "startof" else start_of(_step(start, "1", unit)) - timedelta(milliseconds=1)


def _step(moment: datetime, text: str, default_unit: str) -> datetime:
    """Return a moment some units away; months and years keep the day where the month has it."""
    step = _STEP.fullmatch(text.strip())
    if step is None:
        raise ValueError(text)
    count, unit = int(step[1]), step[2] or default_unit
    if unit in _UNITS:
        return moment + count * _UNITS[unit]
    months = moment.year * 12 + moment.month - 1 + count * _MONTHS[unit]
    first = moment.replace(year=months // 12, month=months % 12 + 1, day=1)
    last_day = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(moment.day, last_day.day))
