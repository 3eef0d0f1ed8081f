"""An indicator of cases: one event told twice counts once, and the detection says so."""

from datetime import date

import pandas as pd

from include.postmarket.model.batch import Source, Window
from include.postmarket.model.period import Period
from include.postmarket.model.plan import Counted
from include.postmarket.series.counts import Rows
from include.postmarket.steps import evaluate_counts
from tests.unit.steps.fleet_world import indicator, point

JANUARY = Period(date(2024, 1, 1))


def test_cases_are_counted_and_told() -> None:
    """Three complaints of two devices, one of them twice about one day, are two cases with three records."""
    frame = pd.DataFrame(
        {
            "complaint_id": ["C-1", "C-2", "C-3"],
            "received": pd.to_datetime(["2024-01-05", "2024-01-09", "2024-01-09"]),
            "event_date": pd.to_datetime(["2024-01-02"] * 3),
            "serial": ["S1", "S1", "S2"],
            "problem_code": ["A0705"] * 3,
        }
    )
    rows = Rows(frame=frame, coverage=(Window(JANUARY.start, JANUARY.end),))
    watched = {
        counted: indicator("shewhart", source=Source.COMPLAINTS, metrics=(), subgroup_by=None, count=counted)
        for counted in Counted
    }

    [reports] = evaluate_counts.evaluate(point(watched[Counted.REPORTS], rows, JANUARY), rows)
    [cases] = evaluate_counts.evaluate(point(watched[Counted.CASES], rows, JANUARY), rows)

    assert (reports.observed, reports.unit, reports.record_ids) == (3.0, "complaints", ("C-1", "C-2", "C-3"))
    assert (cases.observed, cases.unit, cases.record_ids) == (2.0, "cases", ("C-1", "C-2", "C-3"))
    assert cases.details["cases"] == "2 cases of 3 reports: 1 same device, problem and day of event"
