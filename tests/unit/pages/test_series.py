"""The series behind a chart, put together from what runs recorded."""

import json
from dataclasses import replace
from datetime import date

import pytest

from include.postmarket.model.errors import IntegrityError
from include.postmarket.model.period import Period
from include.postmarket.model.signal import Detection
from include.postmarket.pages.series import series_of
from tests.unit.records import samples

MONTHS = [Period(date(2026, m, 1)) for m in (1, 2, 3)]


def charted(month: int, observed: list[float | None], alarm: list[bool]) -> Detection:
    """Give a detection of a month with the series up to it."""
    n = len(observed)
    columns = {
        "periods": [p.key for p in MONTHS[:n]],
        "observed": observed,
        "expected": [2.0] * n,
        "limit": [6.0] * n,
        "alarm": alarm,
        "evaluated": [True] * n,
        "exposure": [None] * n,
    }
    return replace(samples.detection(month=month, observed=observed[-1]), details={"chart": json.dumps(columns)})


def test_the_series_of_the_latest_period_is_taken() -> None:
    """A back-test of an older month, recorded later, does not take months away."""
    newest = charted(3, [1.0, 2.0, 9.0], [False, False, True])
    back_test = charted(2, [1.0, 2.0], [False, False])
    found = series_of([newest, back_test], "poisson_rate")

    assert [(p.period, p.observed) for p in found] == list(zip(MONTHS, [1.0, 2.0, 9.0], strict=True))


def test_what_was_recorded_goes_before_what_the_series_says() -> None:
    """An alarm that was held back when it was judged is no alarm on the chart."""
    held_back = replace(charted(2, [1.0, 9.0], [False, True]), alarm=False)
    newest = charted(3, [1.0, 9.0, 1.0], [False, True, False])
    found = series_of([held_back, newest], "poisson_rate")

    assert [p.alarm for p in found] == [False, False, True]  # the last is as `samples` recorded it


def test_methods_without_series_give_what_was_recorded() -> None:
    """Each period once, the last answer to it, in order of time."""
    march, april = samples.detection(month=3), samples.detection(month=4)
    corrected = replace(march, observed=13.0)
    found = series_of([april, march, corrected], "poisson_rate")

    assert [(str(p.period), p.observed) for p in found] == [("2026-03", 13.0), ("2026-04", 12.0)]


def test_other_methods_are_left_out() -> None:
    """A second method that watches the same series has its own scale."""
    assert series_of([samples.detection()], "cusum") == ()


@pytest.mark.parametrize("chart", ["", "[]", "{}", '{"periods": []}', '{"periods": 1}'])
def test_a_series_that_cannot_be_read_is_said(chart: str) -> None:
    """A stored series that is broken stops the page with what to do: an empty chart would look like good news."""
    broken = replace(samples.detection(), details={"chart": chart})

    with pytest.raises(IntegrityError, match="cannot be read"):
        series_of([broken], "poisson_rate")
