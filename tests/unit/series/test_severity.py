"""Severe events among all of them."""

from datetime import date

import numpy as np
import pandas as pd

from include.postmarket.model.batch import Source, Window
from include.postmarket.model.period import Period, periods
from include.postmarket.model.plan import Indicator, Method
from include.postmarket.series.counts import Rows, record_ids
from include.postmarket.series.severity import severe_among, severe_only

SPANS = periods(Period(date(2024, 1, 1)), Period(date(2024, 3, 1)))
FRAME = pd.DataFrame(
    {
        "complaint_id": ["1", "2", "3", "4", "5", "6"],
        "received": pd.to_datetime(
            ["2024-01-02", "2024-01-03", "2024-01-04", "2024-02-01", "2024-02-02", "2024-03-01"]
        ),
        "problem_code": ["A07", "A07", "A09", "A07", "A07", "A07"],
        "health_impact_code": ["F08", "F26", "F08", "F0801", None, "F08"],
        "software_version": ["1", "2", "1", "1", "2", "1"],
    }
)
SEEN = (Window(date(2024, 1, 1), date(2024, 3, 1)),)  # March was not pulled


def watched(subgroup_by: str | None = None) -> Indicator:
    """Give an indicator of severe ones among the complaints on A07."""
    return Indicator(
        id="S",
        title="t",
        source=Source.COMPLAINTS,
        method=Method(name="severity_trend"),
        scope={"problem_code": ("A07",)},
        severe={"health_impact_code": ("F08",)},
        subgroup_by=subgroup_by,
    )


def test_severe_are_counted_among_all_in_scope() -> None:
    """Codes match their branch, one without a code is not severe, a month that was not pulled is no zero."""
    found = severe_among(Rows(frame=FRAME, coverage=SEEN), watched(), SPANS)

    assert found.names == ("",)
    assert found.counts.counts.tolist()[0][:2] == [1.0, 1.0]
    assert found.counts.exposure is not None
    assert found.counts.exposure.tolist()[0][:2] == [2.0, 2.0]
    assert np.isnan(found.counts.counts[0, 2])
    rows = Rows(frame=FRAME, coverage=SEEN)
    assert record_ids(rows, severe_only(watched()), SPANS[0]) == {"": ("1",)}


def test_a_subgroup_without_a_severe_event_has_zeros() -> None:
    """Version 2 has complaints and no severe one: that is a zero, and it is in the series."""
    found = severe_among(Rows(frame=FRAME, coverage=SEEN), watched("software_version"), SPANS)

    assert found.names == ("", "software_version=1", "software_version=2")
    assert found.counts.counts[2, :2].tolist() == [0.0, 0.0]
    assert found.counts.exposure is not None
    assert found.counts.exposure[2, :2].tolist() == [1.0, 1.0]
