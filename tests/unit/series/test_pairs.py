"""Product-event pairs of reports."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from include.postmarket.model.batch import Source, Window
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.period import Period, periods
from include.postmarket.model.plan import Indicator, Method
from include.postmarket.series.counts import Rows
from include.postmarket.series.pairs import pair

QUARTER = periods(Period(date(2024, 1, 1)), Period(date(2024, 3, 1)))
FRAME = pd.DataFrame(
    {
        "report_key": ["1", "2", "3", "4", "5"],
        "received": pd.to_datetime(["2024-01-02", "2024-03-31", "2024-02-01", "2024-04-01", "2024-01-05"]),
        "manufacturer": ["B", "A", "B", "A", None],
        "event_type": ["Injury", "Death", "Injury", "Death", "Death"],
    }
)
ALL = (Window(date(2024, 1, 1), date(2024, 4, 1)),)


def _indicator(**given: Any) -> Indicator:
    fields: dict[str, Any] = {"product_by": "manufacturer", "event_by": "event_type"} | given
    return Indicator(id="I-2", title="t", source=Source.REPORTS, method=Method(name="prr"), **fields)


def test_pairs_of_the_span() -> None:
    """All products of the span are there as codes in the order of their names, with the reports behind each pair."""
    found = pair(Rows(frame=FRAME, coverage=ALL), _indicator(scope={"manufacturer": ("B",)}), QUARTER)

    assert (found.products, found.events, found.report_ids) == (("A", "B"), ("Death", "Injury"), ("1", "2", "3"))
    assert [(int(p), int(e)) for p, e in zip(found.product, found.event, strict=True)] == [(1, 1), (0, 0), (1, 1)]
    assert found.ids(1, 1) == ("1", "3")
    assert found.ids(0, 1) == ()
    assert found.ours.tolist() == [False, True]
    assert (found.unpaired, found.reason) == (1, "")


def test_span_not_observed_says_which_month() -> None:
    """A comparison over months of which one was never pulled says so."""
    coverage = (Window(date(2024, 1, 1), date(2024, 3, 1)),)

    assert pair(Rows(frame=FRAME, coverage=coverage), _indicator(), QUARTER).reason == "not observed: 2024-03"


def test_no_report_at_all() -> None:
    """An empty span has no pairs."""
    found = pair(Rows(frame=FRAME.iloc[:0], coverage=ALL), _indicator(), QUARTER)

    assert (found.products, found.report_ids, len(found.report)) == ((), (), 0)


def test_columns_have_to_be_named() -> None:
    """A pair method without product and event columns is a fault of the plan."""
    with pytest.raises(ConfigurationError, match="product_by and event_by"):
        pair(Rows(frame=FRAME, coverage=ALL), _indicator(event_by=None), QUARTER)
