"""Who announces a month: one batch, the last of those that the plans read."""

from datetime import date
from pathlib import Path

import pytest

from include.postmarket.model.batch import Source
from include.postmarket.model.period import Period
from include.postmarket.steps.detect import came_last
from tests.faults.loop.small_site import make_site
from tests.postgres import RecordsDatabase, engine, records
from tests.unit.records import samples

__all__ = ["engine", "records"]
pytestmark = pytest.mark.postgres
MARCH = Period(date(2026, 3, 1))


def test_what_no_plan_reads_announces_nothing(tmp_path: Path, records: RecordsDatabase) -> None:
    """Recalls that come in after everything else leave the month to the last source that the plans read."""
    house = make_site(tmp_path, records.url()).house()
    order = (Source.REPORTS, Source.COMPLAINTS, Source.RECALLS)
    made = [samples.outcome(f"{n}" * 64, source) for n, source in enumerate(order)]
    for outcome in made:
        house.batches.publish(outcome, samples.NOW)

    assert [came_last(house, outcome.landing.batch, MARCH) for outcome in made] == [False, True, False]
