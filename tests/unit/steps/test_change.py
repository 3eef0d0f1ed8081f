"""Since when a rate is what it is, as a sentence."""

from datetime import date

import numpy as np
import pytest

from include.postmarket.detection.shapes import Counts
from include.postmarket.model.period import Cadence, Period, periods
from include.postmarket.series.counts import CountSeries
from include.postmarket.steps.change import since_when

pytestmark = pytest.mark.filterwarnings("error")


def series(counts: list[float], exposure: float | None = None, cadence: Cadence = Cadence.MONTH) -> CountSeries:
    """Give a series that begins in January 2017."""
    first = Period(date(2017, 1, 2) if cadence is Cadence.WEEK else date(2017, 1, 1), cadence)
    spans = [first]
    for _ in counts[1:]:
        spans.append(spans[-1].next())
    values = np.array([counts])
    return CountSeries(
        indicator_id="I",
        names=("",),
        periods=periods(first, spans[-1]),
        counts=Counts(counts=values, exposure=None if exposure is None else np.full(values.shape, exposure)),
        exposure_reasons=("",),
    )


def test_a_clear_change_is_dated_with_both_rates() -> None:
    """Ten a month until June and forty from July on."""
    assert since_when(series([10.0] * 6 + [40.0] * 6), 0, None) == (
        "The rate changed about July 2017 (95 % interval that month), from 10 to 40 a month."
    )


def test_a_rate_is_given_per_exposure_and_a_gap_is_no_zero() -> None:
    """Per device-day of the plan's denominator; a month that was not observed adds nothing."""
    told = since_when(series([10.0, 10.0, np.nan, 11.0, 9.0, 50.0, 50.0], exposure=1000.0), 0, "device_days")

    assert "about June 2017" in told
    assert told.endswith("from 0.01 to 0.05 per device day.")


def test_a_doubtful_change_has_a_wide_interval() -> None:
    """Twice as many in one of twelve months: the interval spans more than that month."""
    told = since_when(series([5.0, 4.0, 6.0, 5.0, 4.0, 6.0, 5.0, 9.0, 5.0, 6.0, 7.0, 8.0]), 0, None)

    assert "interval January" not in told
    assert told.partition("interval ")[2].partition(" to ")[0] != told.partition(" to ")[2].partition(")")[0]


def test_weeks_have_their_numbers() -> None:
    """A plan by week speaks of weeks."""
    told = since_when(series([1.0] * 10 + [9.0] * 10, cadence=Cadence.WEEK), 0, None)

    assert told.startswith("The rate changed about week 2017-W11 (")
    assert told.endswith("a week.")


@pytest.mark.parametrize("counts", [[3.0], [np.nan, 3.0]])
def test_one_period_has_nothing_to_compare(counts: list[float]) -> None:
    """No sentence, and no error."""
    assert since_when(series(counts), 0, None) == ""
