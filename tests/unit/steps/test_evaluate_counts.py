"""One indicator over time as a plan asks it: the minimum of exposure, the minimum of events, and what was not seen."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from include.postmarket.model.batch import Source, Window
from include.postmarket.model.period import Period, periods
from include.postmarket.model.plan import Indicator, Method
from include.postmarket.model.signal import Detection
from include.postmarket.series.counts import Rows
from include.postmarket.steps.evaluate_counts import evaluate
from include.postmarket.steps.evaluation import Point
from tests.unit.signals import worlds

MONTHS = periods(Period(date(2024, 1, 1)), Period(date(2024, 8, 1)))
COVERED = (Window(date(2024, 1, 1), date(2024, 9, 1)),)
INDICATOR = Indicator(
    id="I-1",
    title="t",
    source=Source.COMPLAINTS,
    denominator="device_days",
    method=Method(name="rate_change", parameters={"alpha": 0.01}),
)


def judged(indicator: Indicator, last: int = 30, exposure: float = 5000.0) -> Detection:
    """Evaluate August after seven months of five complaints; each month has this exposure."""
    counts = [5] * 7 + [last]
    days = [m.start + timedelta(days=k % 28) for m, n in zip(MONTHS, counts, strict=True) for k in range(n)]
    frame = pd.DataFrame({"complaint_id": [f"C{n}" for n in range(len(days))], "received": pd.to_datetime(days)})
    figures: dict[str, Any] = {"period": pd.to_datetime([m.start for m in MONTHS]), "device_days": exposure}
    plan = replace(worlds.plan(), indicators=(indicator,), baseline_start=date(2024, 1, 1))
    point = Point(plan=plan, indicator=indicator, period=MONTHS[-1], rows=Rows(frame=frame, coverage=COVERED))
    (found,) = evaluate(point, Rows(frame=pd.DataFrame(figures), coverage=COVERED))
    return found


@pytest.mark.parametrize(("exposure", "evaluated"), [(5000.0, True), (4999.0, False), (5001.0, True)])
def test_the_minimum_of_exposure_is_enough_and_one_less_is_not(exposure: float, evaluated: bool) -> None:
    """At the plan's minimum it is evaluated; below it says how much there was and how much is asked for."""
    found = judged(replace(INDICATOR, minimum_exposure=5000.0), exposure=exposure)

    assert evaluated == found.evaluated == found.alarm
    assert (found.reason == "") == evaluated
    if not evaluated:
        assert found.reason == "exposure below the minimum: 4,999 device days, the plan asks for 5,000"
        assert (found.observed, found.limit, found.p_value) == (30.0, None, None)


@pytest.mark.parametrize(("minimum", "alarm"), [(30, True), (31, False)])
def test_the_minimum_of_events_holds_an_alarm_back(minimum: int, alarm: bool) -> None:
    """At the plan's minimum of events the alarm stands; with one less it is held back, evaluated, and says why."""
    found = judged(replace(INDICATOR, minimum_events=minimum))

    assert found.evaluated
    assert alarm == found.alarm
    assert alarm == ("held_back" not in found.details)
