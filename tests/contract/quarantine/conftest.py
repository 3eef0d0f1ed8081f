"""A small site whose complaints hold two bad rows, and one whose batch stopped."""

from pathlib import Path

import pytest

from include.postmarket.model.batch import Outcome, Source
from include.postmarket.model.errors import InputError
from tests.faults.loop.small_site import SmallSite, make_site
from tests.postgres import RecordsDatabase, engine, records

__all__ = ["engine", "records"]

GOOD = [f"C-{n:05d},2017-03-{n:02d},2017-03-{n:02d},EP-100,,L1,3.0,EMEA,2024,A0705,,A text." for n in range(1, 29)]
NO_CODE = "C-1,2017-03-05,2017-03-05,EP-100,SN-SECRET,L1,3.0,EMEA,2024,A99,,Jane Doe called."
NO_DAY = "C-2,soon,2017-02-05,EP-100,SN-SECRET,L1,3.0,EMEA,2024,A0705,,Jane Doe called."


@pytest.fixture(name="site")
def fixture_site(tmp_path: Path, records: RecordsDatabase) -> SmallSite:
    """Give a site whose complaints of March 2017 are 28 good rows and two bad ones, not pulled yet."""
    site = make_site(tmp_path, records.url())
    site.write(Source.COMPLAINTS, [*GOOD, NO_CODE, NO_DAY])
    return site


@pytest.fixture(name="waiting")
def fixture_waiting(site: SmallSite) -> Outcome:
    """Give the batch of it, pulled: rows 29 and 30 wait, one with a code nobody knows, one without a day."""
    return site.pull(Source.COMPLAINTS)


@pytest.fixture(name="stopped")
def fixture_stopped(site: SmallSite) -> Outcome:
    """Give a batch that stopped: two sound rows, one sent twice, and one bad."""
    site.write(Source.COMPLAINTS, [GOOD[0], GOOD[1], GOOD[1], NO_CODE])
    with pytest.raises(InputError, match="wait for a person"):
        site.pull(Source.COMPLAINTS)
    return site.house().batches.outcomes(Source.COMPLAINTS)[0]
