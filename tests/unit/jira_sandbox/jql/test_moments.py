"""Moments in a query."""

from datetime import UTC, datetime

import pytest

from include.jira_sandbox.jql.moments import read_moment
from include.jira_sandbox.jql.syntax import Operand
from include.jira_sandbox.jql.tokens import JqlError

# A Wednesday.
NOW = datetime(2026, 3, 18, 12, 30, tzinfo=UTC)


def moment(*parts: int) -> datetime:
    """Return a moment in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02", moment(2026, 1, 2)),
        ("2026/1/2 03:04", moment(2026, 1, 2, 3, 4)),
        ("-5m", moment(2026, 3, 18, 12, 25)),
        ("-1d", moment(2026, 3, 17, 12, 30)),
        ("-1w 2d", moment(2026, 3, 9, 12, 30)),
        ("4h", moment(2026, 3, 18, 16, 30)),
    ],
)
def test_dates_and_periods(text: str, expected: datetime) -> None:
    """Dates are midnight UTC, periods count from now."""
    assert expected == read_moment(Operand(text), NOW, "created")


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("now", (), NOW),
        ("startOfDay", (), moment(2026, 3, 18)),
        ("startofday", ("-1",), moment(2026, 3, 17)),
        ("startOfDay", ("-1w",), moment(2026, 3, 11)),
        ("startOfWeek", (), moment(2026, 3, 15)),
        ("startOfMonth", ("-1",), moment(2026, 2, 1)),
        ("startOfYear", ("1",), moment(2027, 1, 1)),
        ("endOfDay", (), moment(2026, 3, 18, 23, 59, 59, 999_000)),
        ("endOfMonth", ("-1M",), moment(2026, 2, 28, 23, 59, 59, 999_000)),
        ("endOfYear", (), moment(2026, 12, 31, 23, 59, 59, 999_000)),
    ],
)
def test_functions(name: str, arguments: tuple[str, ...], expected: datetime) -> None:
    """StartOf... and endOf... take a step, in their own unit unless it names one."""
    assert expected == read_moment(Operand(name, arguments), NOW, "created")


@pytest.mark.parametrize(
    "operand",
    [
        Operand("soon"),
        Operand(None),
        Operand("2026-13-01"),
        Operand("-999999w"),
        Operand("startOfDay", ("-999999y",)),
        Operand("startOfDay", ("x",)),
        Operand("startOfDay", ("1", "2")),
        Operand("startOfCentury", ()),
        Operand("now", ("1",)),
    ],
)
def test_without_sense(operand: Operand) -> None:
    """What is no moment, or lies beyond the calendar, is refused."""
    with pytest.raises(JqlError):
        read_moment(operand, NOW, "created")
