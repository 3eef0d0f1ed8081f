"""The severity of a plan's events: severe ones among all, and never a rate per device."""

import json

import pandas as pd
import pytest

from include.postmarket.model.batch import Source
from include.postmarket.model.signal import Detection
from include.postmarket.series.counts import Rows
from include.postmarket.steps.evaluate_counts import evaluate
from tests.unit.steps.fleet_world import SPANS, indicator, point, rows

pytestmark = pytest.mark.filterwarnings("error")

NO_EXPOSURE = Rows(frame=pd.DataFrame(), coverage=())


def seen(severe_at_last: int, last: int = 20) -> list[Detection]:
    """Evaluate months of twenty complaints, two of them severe; the last has other numbers."""
    parts = []
    for number, span in enumerate(SPANS):
        n, severe = (last, severe_at_last) if number == len(SPANS) - 1 else (20, 2)
        parts.append(
            pd.DataFrame(
                {
                    "complaint_id": [f"C-{number}-{i}" for i in range(n)],
                    "received": pd.Timestamp(span.start),
                    "health_impact_code": ["F08"] * severe + ["F26"] * (n - severe),
                }
            )
        )
    asked = indicator(
        "severity_trend",
        source=Source.COMPLAINTS,
        metrics=(),
        subgroup_by=None,
        severe={"health_impact_code": ("F08",)},
        parameters={"severe_share": 0.1, "window": 2, "alpha": 0.02},
    )
    return list(evaluate(point(asked, rows(pd.concat(parts, ignore_index=True))), NO_EXPOSURE))


def test_more_severe_ones_among_as_many_alarm() -> None:
    """Fourteen severe of twenty where a tenth was foreseen; the chart has all events below, the detection no rate."""
    (found,) = seen(14)
    chart = json.loads(found.details["chart"])

    assert found.alarm
    assert (found.observed, found.exposure, len(found.record_ids)) == (14.0, None, 14)
    assert found.limit is not None
    assert found.limit < 14
    assert chart["exposure"] == [20.0] * 8
    assert found.details["change"].endswith("from 0.1 to 0.7 per complaint.")


def test_as_many_severe_ones_are_quiet() -> None:
    """The foreseen share is no alarm."""
    (found,) = seen(2)

    assert (found.evaluated, found.alarm) == (True, False)


def test_a_month_without_any_event_says_so() -> None:
    """Nothing happened: no evidence of severity, and no talk of exposure (G7)."""
    (found,) = seen(0, last=0)

    assert (found.evaluated, found.reason) == (False, "no event in the period, so none that could be severe")
