"""Cases: which reports are one event, why, and what a series of cases counts."""

from datetime import date

import pandas as pd
import pytest

from include.postmarket.model.batch import Source, Window
from include.postmarket.model.period import Period, periods
from include.postmarket.model.plan import Counted, Indicator, Method
from include.postmarket.series.cases import Cases, firsts_of, link_cases
from include.postmarket.series.counts import Rows, count

SPANS = periods(Period(date(2024, 1, 1)), Period(date(2024, 3, 1)))
ALL = (Window(date(2024, 1, 1), date(2024, 4, 1)),)
COLUMNS = [
    "report_key",
    "report_number",
    "received",
    "event_date",
    "source_type",
    "manufacturer",
    "product_code",
    "model",
    "lot",
]
FOLLOW_UP = "follow-up under the same report number"
OTHER_SENDER = "same device and day of event, told by another sender"

Report = tuple[str, str | None, str, str | None, str | None, str | None]  # key, number, received, event, sender, lot


def _rows(reports: list[Report], events: list[int] | None = None) -> Rows:
    rows = [(k, n, r, e, s, "ACME", "LOD", "M1", lot) for k, n, r, e, s, lot in reports]
    frame = pd.DataFrame(rows, columns=COLUMNS, dtype="str")
    for column in ("received", "event_date"):
        frame[column] = frame[column].astype("datetime64[us]")
    return Rows(frame=frame.assign(events=events or [1] * len(rows)), coverage=ALL)


def _indicator(subgroup_by: str | None = None) -> Indicator:
    return Indicator(
        id="I-1",
        title="t",
        source=Source.REPORTS,
        method=Method(name="shewhart"),
        count=Counted.CASES,
        subgroup_by=subgroup_by,
    )


def _linked(reports: list[Report]) -> Cases:
    return link_cases(_rows(reports), _indicator(), SPANS)


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (("2", "N1", "2024-03-05", None, "Manufacturer report", None), FOLLOW_UP),
        (("2", "N2", "2024-02-10", "2024-01-02", "User Facility report", "L1"), OTHER_SENDER),
        (("2", "N2", "2024-02-10", "2024-01-02", "Manufacturer report", "L1"), None),
        (("2", "N2", "2024-02-10", "2024-01-02", None, "L1"), None),
        (("2", "N2", "2024-02-10", "2024-01-03", "User Facility report", "L1"), None),
        (("2", "N2", "2024-02-10", "2024-01-02", "User Facility report", "L2"), None),
        (("2", "N2", "2024-02-10", "2024-01-02", "User Facility report", None), None),
        (("2", None, "2024-02-10", None, "User Facility report", "L1"), None),
    ],
)
def test_two_reports_are_one_case_or_two(second: Report, reason: str | None) -> None:
    """Linked by number, or by device and day when another sender tells of it; what is not filled links nothing."""
    found = _linked([("1", "N1", "2024-01-05", "2024-01-02", "Manufacturer report", "L1"), second])

    assert found.members == ({"1": ("1", "2")} if reason else {"1": ("1",), "2": ("2",)})
    assert found.reasons == ({"2": reason} if reason else {})


def test_two_events_of_one_day_stay_two() -> None:
    """Two reports of the maker and two of the hospital about one lot and day are two cases, first to first."""
    maker, hospital = "Manufacturer report", "User Facility report"
    found = _linked(
        [
            ("1", "N1", "2024-01-05", "2024-01-02", maker, "L1"),
            ("2", "N2", "2024-01-06", "2024-01-02", maker, "L1"),
            ("3", "N3", "2024-01-07", "2024-01-02", hospital, "L1"),
            ("4", "N4", "2024-01-08", "2024-01-02", hospital, "L1"),
        ]
    )

    assert found.members == {"1": ("1", "3"), "2": ("2", "4")}


def test_ninety_days_apart_is_the_most() -> None:
    """A report that comes later than that about the same day is another case."""
    first: Report = ("1", "N1", "2024-01-01", "2024-01-01", "Manufacturer report", "L1")

    near = _linked([first, ("2", "N2", "2024-03-31", "2024-01-01", "Voluntary report", "L1")])
    far = link_cases(
        _rows([first, ("2", "N2", "2024-04-01", "2024-01-01", "Voluntary report", "L1")]),
        _indicator(),
        (*SPANS, Period(date(2024, 4, 1))),
    )

    assert (len(near.members), len(far.members)) == (1, 2)


def test_a_case_counts_once_in_the_month_of_its_first_report() -> None:
    """With the most events that one of its reports stands for, and with the keys of all its reports behind it."""
    reports: list[Report] = [
        ("1", "N1", "2024-01-05", None, "Manufacturer report", "L1"),
        ("2", "N1", "2024-02-05", None, "Manufacturer report", "L1"),
        ("3", "N3", "2024-02-06", None, "Manufacturer report", "L2"),
    ]
    cases = link_cases(_rows(reports, [1, 7, 1]), _indicator("lot"), SPANS)

    series = count(cases.rows, Rows(frame=pd.DataFrame(), coverage=()), _indicator("lot"), SPANS)
    january = firsts_of(cases, _indicator("lot"), SPANS[0], "")

    assert series.counts.counts.tolist() == [[7.0, 1.0, 0.0], [7.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    assert cases.records(january) == ("1", "2")
    assert cases.told(january) == f"1 cases of 2 reports: 1 {FOLLOW_UP}"
    assert firsts_of(cases, _indicator("lot"), SPANS[1], "lot=L2") == ("3",)


def test_no_reports_are_no_cases() -> None:
    """Nothing received links to nothing, and counts zero where it was observed."""
    cases = _linked([])

    series = count(cases.rows, Rows(frame=pd.DataFrame(), coverage=()), _indicator(), SPANS)

    assert (cases.members, series.counts.counts.tolist()) == ({}, [[0.0, 0.0, 0.0]])
