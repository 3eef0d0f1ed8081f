"""Which days a pull asks for."""

from datetime import date

import pytest

from include.postmarket.model.batch import Window
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.period import Period
from include.postmarket.steps.ingest import pull_window

MARCH = Period(date(2017, 3, 1))


@pytest.mark.parametrize(
    ("begin", "start"),
    [("", date(2017, 3, 1)), ("2017-03-01", date(2017, 3, 1)), ("2016-01-15", date(2016, 1, 15))],
)
def test_a_period_is_pulled_alone_or_with_its_history(begin: str, start: date) -> None:
    """Up to the day after the period's last."""
    assert pull_window(MARCH, begin) == Window(start, date(2017, 4, 1))


@pytest.mark.parametrize("begin", ["2017-03-02", "2017-05-01", "yesterday", "2017-02-30", "2017", " "])
def test_a_day_that_makes_no_sense_is_refused(begin: str) -> None:
    """After the period's first day there would be a hole in it; what is no day is no day."""
    with pytest.raises(ConfigurationError, match="is no day up to 2017-03-01"):
        pull_window(MARCH, begin)
