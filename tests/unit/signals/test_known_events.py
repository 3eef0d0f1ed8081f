"""Known events against alarms: found with lead or lag, or missed with the reason."""

from dataclasses import replace
from datetime import date

import pytest

from include.postmarket.model.period import Period
from include.postmarket.signals.known_events import KnownEvent, Said, judge_events, raised_in
from tests.unit.signals.worlds import detection

RECALL = KnownEvent(day=date(2017, 10, 20), label="Recall")


def said(marks: str, subgroup: str = "") -> list[Said]:
    """Give a year's points of one series: ``A`` alarm, ``.`` quiet, ``?`` not evaluated."""
    found = []
    for month, mark in enumerate(marks, start=1):
        period = Period(date(2017, month, 1))
        reason = "history too short" if mark == "?" else ""
        point = detection(subgroup=subgroup, alarm=mark == "A", evaluated=not reason, reason=reason)
        point = replace(point, period=period)
        found.append(Said(day=period.end, detection=point, signal_id="SIG-1" if mark == "A" else ""))
    return found


@pytest.mark.parametrize(
    ("marks", "day", "lead"),
    [
        ("......A...", date(2017, 8, 1), 80),
        ("..........A", date(2017, 12, 1), -42),
        (".........A", date(2017, 11, 1), -12),
    ],
)
def test_the_lead_is_counted_from_the_day_the_alarm_was_raised(marks: str, day: date, lead: int) -> None:
    """Raised on the day after its month: before the recall the lead is positive, after it negative."""
    (verdict,) = judge_events([RECALL], said(marks), reach_months=6)

    assert verdict.found is not None
    assert (day, lead) == (verdict.found.day, verdict.lead_days)


def test_a_spell_is_raised_once() -> None:
    """Alarms that follow one another are one raising; after a quiet or unevaluated point the next one is another."""
    assert [2, 6, 8] == [s.detection.period.start.month for s in raised_in(said(".AAA.A?A"))]


def test_an_event_finds_its_own_indicator_and_subgroup() -> None:
    """An alarm of another subgroup or indicator is not a finding."""
    points = said("......A..", "model=X")
    other = replace(RECALL, subgroup="model=Y")
    elsewhere = replace(RECALL, indicator="ELSE")

    found, no, nowhere = judge_events([replace(RECALL, subgroup="model=X"), other, elsewhere], points, reach_months=6)

    assert found.found is not None
    assert (no.found, nowhere.found) == (None, None)
    assert no.why == nowhere.why == "no series of it in the months replayed around this day"


@pytest.mark.parametrize(
    ("marks", "why"),
    [
        ("..........", "quiet in all 6 points evaluated"),
        ("?????????", "not evaluated: 5 × history too short"),
        (".....??...", "quiet in all 4 points evaluated; not evaluated: 2 × history too short"),
        ("AAAAAAAAAA", "in alarm since longer before than the reach: no alarm was raised around this day"),
    ],
)
def test_a_missed_event_says_why(marks: str, why: str) -> None:
    """Quiet, not evaluated, or in alarm since long before: never just "missed"."""
    (verdict,) = judge_events([RECALL], said(marks), reach_months=5)

    assert verdict.found is None
    assert verdict.lead_days is None
    assert why == verdict.why


def test_an_alarm_out_of_reach_does_not_count() -> None:
    """Nine months before is out of a reach of six and within one of ten."""
    points = said("A...........")

    assert [None] == [v.found for v in judge_events([RECALL], points, reach_months=6)]
    assert judge_events([RECALL], points, reach_months=10)[0].found is points[0]
