"""Emerging themes as a plan asks for them: records behind a theme, and no word that could name a person (G4)."""

import re

import pandas as pd
import pytest

from include.postmarket.detection.narratives import FUNCTION_WORDS, WORD
from include.postmarket.detection.shapes import Reason
from include.postmarket.model.batch import Source
from include.postmarket.model.plan import Indicator
from include.postmarket.series.counts import Rows
from include.postmarket.steps.annex_a_words import ANNEX_A_WORDS
from include.postmarket.steps.evaluate_themes import evaluate
from include.postmarket.steps.settings import ROOT
from include.postmarket.steps.theme_words import safe_words, shown
from tests.unit.detection.complaint_texts import write
from tests.unit.steps.fleet_world import LAST, SPANS, indicator, point, rows

pytestmark = pytest.mark.filterwarnings("error")


def watched(**given: object) -> Indicator:
    """Give an indicator of themes over all complaints."""
    return indicator("themes", source=Source.COMPLAINTS, metrics=(), subgroup_by=None, **given)


def complaints(new: str = "", times: int = 10) -> Rows:
    """Give twenty complaints a month; ``times`` of the last month's say something new as well."""
    frames = []
    for number, span in enumerate(SPANS):
        texts = write(number, "A07", 25)
        if span == LAST and new:
            texts[:times] = [f"{text} {new}" for text in texts[:times]]
        frames.append(
            pd.DataFrame(
                {
                    "complaint_id": [f"C-{number}-{i:02}" for i in range(25)],
                    "received": pd.Timestamp(span.start),
                    "problem_code": "A0705",
                    "narrative": texts,
                }
            )
        )
    return rows(pd.concat(frames, ignore_index=True))


def test_a_theme_that_came_up_alarms_with_its_records() -> None:
    """Ten of twenty-five name it now and nobody did before: the records are those ten."""
    (found,) = evaluate(point(watched(), complaints("smoking battery charger")))

    assert found.alarm
    assert found.unit == "complaints"
    assert found.record_ids == tuple(f"C-7-{i:02}" for i in range(10))
    assert found.observed == len(found.record_ids)
    assert found.limit is not None
    assert found.expected is not None
    assert found.expected < found.limit < 10
    assert found.p_value is not None
    assert found.p_value < 0.01
    assert found.details["theme"].startswith("smoking battery …")
    assert found.details["theme"].endswith("10 now, 0 before")


@pytest.mark.requirement("G4")
def test_a_name_that_came_up_is_not_told() -> None:
    """A person whom many complaints of the month name is a theme; of the words nothing is kept but an ellipsis."""
    (found,) = evaluate(point(watched(), complaints("reported by Marlies Quenstrup pump EPX70411")))
    kept = repr(found).lower()

    assert found.alarm
    assert found.details["theme"].startswith("…")
    assert "marlies" not in kept
    assert "quenstrup" not in kept
    assert "epx" not in kept


def test_quiet_months_are_evaluated_and_say_so() -> None:
    """No theme: nothing observed, no alarm, and how much was read."""
    (found,) = evaluate(point(watched(), complaints()))

    assert (found.evaluated, found.alarm, found.observed, found.limit) == (True, False, 0.0, 0.0)
    assert found.details["narratives"] == "25 now, 175 before, 0 records without"


def test_few_reports_are_held_back() -> None:
    """The plan's minimum of events holds here as well, and the page can say so."""
    (found,) = evaluate(point(watched(minimum_events=11), complaints("smoking battery charger")))

    assert not found.alarm
    assert found.details["held_back"] == "alarm held back: 10 reports, at least 11 are asked for"


def test_what_cannot_be_read_says_why() -> None:
    """Not pulled, no month before, no narrative at all, too few of them (G7)."""
    seen = complaints()
    silent = Rows(frame=seen.frame.assign(narrative=None), coverage=seen.coverage)
    few = Rows(frame=seen.frame[seen.frame["complaint_id"].str.endswith("0")], coverage=seen.coverage)
    alone = rows(seen.frame, LAST)
    for asked, reason in (
        (point(watched(), seen, LAST.next()), Reason.NOT_OBSERVED.value),
        (point(watched(), alone), Reason.SHORT_HISTORY.value),
        (point(watched(), silent), "no complaints with a narrative"),
        (point(watched(), few), f"{Reason.TOO_FEW_UNITS}: 3 narratives now, 21 before"),
    ):
        (found,) = evaluate(asked)

        assert (found.evaluated, found.alarm, found.reason) == (False, False, reason)


def test_the_vocabulary_is_that_of_annex_a() -> None:
    """Kept as code so that the stamp determines it; the words are exactly those of the list in the plans."""
    lines = (ROOT / "include" / "plans" / "imdrf_annex_a_2024.csv").read_text("utf-8").splitlines()
    terms = [line.split(",", 3)[3] for line in lines if not line.startswith("#")][1:]

    assert ANNEX_A_WORDS == {word for term in terms for word in re.findall(WORD, term.lower())} - FUNCTION_WORDS


def test_the_plans_own_titles_may_be_shown() -> None:
    """Words of the plan's titles are the maker's own; a run of others is one ellipsis."""
    asked = watched()
    words = safe_words(point(asked, complaints()).plan)

    assert shown("battery swollen badly off", words) == "battery … off"
    assert shown("quenstrup", words) == "…"
