"""The log of what plans can see, on a real server."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine

from include.postmarket.model.period import Period
from include.postmarket.records.detection_log import DetectionLog, Run
from include.postmarket.records.power_log import PowerLog
from tests.unit.records import samples
from tests.unit.records.samples import LATER, NOW, STAMP

pytestmark = pytest.mark.postgres
RUN = Run(plan_id="pump", period=Period(date(2026, 3, 1)), stamp=STAMP)


def test_the_power_of_a_plan_is_kept_as_it_was_first_said(engine: Engine) -> None:
    """It comes back equal, a retry changes nothing, and the newest period of the plan speaks for it."""
    log, first = PowerLog(engine), samples.power()
    DetectionLog(engine).record(RUN, [samples.detection()], NOW)
    later = replace(first, period=Period(date(2026, 9, 1)))

    assert log.record("POW-2", STAMP.run_id, later, NOW)
    assert log.record("POW-1", STAMP.run_id, first, NOW)
    assert not log.record("POW-1", STAMP.run_id, replace(first, indicators=()), LATER)
    assert (first, None) == (log.power("POW-1"), log.power("POW-3"))
    assert (later, None) == (log.latest("pump"), log.latest("another"))
