"""Drift and shifts of cohorts as a plan asks for them: one detection a group, with devices and series behind it."""

import json

import numpy as np
import pandas as pd
import pytest

from include.postmarket.detection.shapes import Reason
from include.postmarket.model.signal import Detection
from include.postmarket.steps.evaluate_shifts import evaluate
from tests.unit.steps.fleet_world import LAST, METRICS, SPANS, indicator, measurements, point, rows

pytestmark = pytest.mark.filterwarnings("error")


def shifted(by: float = -3.0) -> pd.DataFrame:
    """Give a fleet in which the batteries of version 2.0 are worse in the last two months."""
    frame = measurements()
    late = (frame["measured"] >= pd.Timestamp(SPANS[-2].start)) & (frame["software_version"] == "2.0")
    frame.loc[late, "battery_hours"] += by
    return frame


def by_name(found: list[Detection]) -> dict[str, Detection]:
    """Give detections by their subgroup."""
    return {d.subgroup: d for d in found}


def test_drift_of_one_version_is_found_with_its_devices_and_numbers() -> None:
    """The version alarms, all devices together do, the other version does not; devices and medians stand behind it."""
    found = by_name(list(evaluate(point(indicator("drift"), rows(shifted())))))

    assert set(found) == {"", "software_version=1.0", "software_version=2.0"}
    assert {name: d.alarm for name, d in found.items()} == {
        "": True,
        "software_version=1.0": False,
        "software_version=2.0": True,
    }
    seen = found["software_version=2.0"]
    assert seen.record_ids == tuple(sorted(f"d7-{n}" for n in range(40, 80)))
    assert seen.details["worst_metric"] == "battery_hours"
    assert "stability index" in seen.details["battery_hours"]
    assert seen.unit == "share of devices"
    assert seen.observed is not None
    assert seen.limit is not None
    assert seen.observed > seen.limit
    assert seen.p_value is not None
    assert seen.p_value < 1e-6


def test_an_alarm_carries_the_series_computed_on_the_same_data() -> None:
    """Each month as if it were asked for now: the first has no history, the shift begins in the month it began."""
    found = by_name(list(evaluate(point(indicator("drift"), rows(shifted())))))
    chart = json.loads(found["software_version=2.0"].details["chart"])

    assert chart["periods"] == [span.key for span in SPANS]
    assert chart["reason"][0] == Reason.SHORT_HISTORY
    assert chart["evaluated"] == [False, *[True] * 7]
    assert chart["alarm"] == [*[False] * 6, True, True]
    assert chart["observed"][-1] == pytest.approx(found["software_version=2.0"].observed, abs=1e-6)
    assert "chart" not in found["software_version=1.0"].details


def test_cohorts_need_no_history() -> None:
    """In the very first month a version is compared with the others; there is no series of all."""
    frame = measurements()
    frame = frame[frame["measured"] >= pd.Timestamp(LAST.start)]
    frame.loc[frame["software_version"] == "2.0", "motor_current_ma"] += 12.0
    found = by_name(list(evaluate(point(indicator("cohort_shift"), rows(frame, LAST)))))

    assert set(found) == {"software_version=1.0", "software_version=2.0"}
    assert found["software_version=2.0"].alarm
    assert found["software_version=2.0"].details["worst_metric"] == "motor_current_ma"
    assert found["software_version=2.0"].details["change"].endswith(" outside.")


def test_a_device_counts_once_in_the_baseline() -> None:
    """The same forty devices every month are forty before, not 280: their months are no independent devices."""
    frame = measurements()
    frame["device"] = frame["device"].str.partition("-")[2]
    found = by_name(list(evaluate(point(indicator("drift"), rows(frame)))))

    seen = found["software_version=2.0"]
    assert (seen.exposure, seen.details["compared_with"]) == (40.0, "40")


def test_months_that_cannot_be_compared_say_why() -> None:
    """Not pulled, no month before, nobody measured, no device with a group: never quiet (G7)."""
    frame = measurements()
    no_version = frame.assign(software_version=pd.Series([None] * len(frame), dtype="object"))
    for asked, seen, reason in (
        (indicator("drift"), rows(frame.iloc[:0]), "no device in scope was measured"),
        (indicator("drift"), rows(frame, LAST), Reason.SHORT_HISTORY.value),
        (indicator("cohort_shift"), rows(no_version), "no device has a software_version"),
    ):
        (found,) = evaluate(point(asked, seen))

        assert (found.evaluated, found.reason, found.alarm) == (False, reason, False)
    unseen = rows(frame)
    (found,) = evaluate(point(indicator("drift"), unseen, SPANS[-1].next()))
    assert found.reason == Reason.NOT_OBSERVED


def test_a_metric_that_nobody_measured_is_named() -> None:
    """The other metric is judged; a group with too few devices says how many there were."""
    frame = shifted().assign(motor_current_ma=np.nan)
    found = by_name(list(evaluate(point(indicator("drift"), rows(frame)))))
    few = by_name(list(evaluate(point(indicator("drift"), rows(measurements(devices=5))))))

    assert found["software_version=2.0"].alarm
    assert found["software_version=2.0"].details["motor_current_ma"] == f"not evaluated: {Reason.TOO_FEW_UNITS}"
    assert few["software_version=1.0"].reason == f"{Reason.TOO_FEW_UNITS}: 5 now, 35 before"


def test_a_shift_smaller_than_asked_for_is_held_back_and_says_so() -> None:
    """Beyond chance but of no interest by the plan: no alarm, and the page can say why."""
    asked = indicator("drift", parameters={"minimum_index": 50.0})
    found = by_name(list(evaluate(point(asked, rows(shifted())))))

    assert not found["software_version=2.0"].alarm
    assert found["software_version=2.0"].p_value == 1.0
    assert found["software_version=2.0"].details["held_back"].startswith("alarm held back: stability index")
    assert "held_back" not in found["software_version=1.0"].details


def test_without_a_subgroup_all_devices_are_compared() -> None:
    """One detection for the fleet, with every metric told."""
    (found,) = evaluate(point(indicator("drift", subgroup_by=None), rows(shifted())))

    assert found.subgroup == ""
    assert found.evaluated
    assert set(METRICS) <= set(found.details)
