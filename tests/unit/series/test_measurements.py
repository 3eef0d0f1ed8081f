"""Device by metric, median by period."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from include.postmarket.model.batch import Source, Window
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.period import Period, periods
from include.postmarket.model.plan import Indicator, Method
from include.postmarket.series.counts import Rows
from include.postmarket.series.measurements import measure

BASELINE = periods(Period(date(2024, 1, 1)), Period(date(2024, 2, 1)))
MARCH = Period(date(2024, 3, 1))
FRAME = pd.DataFrame(
    {
        "device": ["d2", "d1", "d1", "d1", "d1", "d3", "d4"],
        "measured": pd.to_datetime(
            ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-02-29", "2024-03-01", "2024-03-02"]
        ),
        "model": ["X", "X", "X", "X", "X", "X", "Y"],
        "battery_hours": [5.0, 1.0, 9.0, 2.0, 4.0, 3.0, 7.0],
        "motor_current_ma": [50.0, 10.0, 90.0, 20.0, 40.0, 30.0, 70.0],
    }
)
ALL = (Window(date(2024, 1, 1), date(2024, 4, 1)),)


def _indicator(**given: Any) -> Indicator:
    fields: dict[str, Any] = {"metrics": ("motor_current_ma", "battery_hours"), "scope": {"model": ("X",)}} | given
    return Indicator(id="I-3", title="t", source=Source.PERFORMANCE, method=Method(name="isolation_forest"), **fields)


def test_median_by_device_and_period() -> None:
    """Each device has one row a period it was measured in, metrics in the plan's order."""
    found = measure(Rows(frame=FRAME, coverage=ALL), _indicator(), BASELINE, MARCH)

    assert found.baseline.devices == ("d1", "d2", "d1")
    assert found.baseline.periods == (BASELINE[0], BASELINE[0], BASELINE[1])
    assert found.baseline.values.tolist() == [[20.0, 2.0], [50.0, 5.0], [40.0, 4.0]]  # noqa: PD011 - ours, not pandas
    assert (found.current.devices, found.current.values.tolist()) == (("d3",), [[30.0, 3.0]])  # noqa: PD011 - ours, not pandas
    assert (found.baseline.reason, found.current.reason) == ("", "")


def test_nothing_measured_and_not_observed() -> None:
    """No rows give a matrix without rows and with its columns; a month that was not pulled says so."""
    coverage = (Window(date(2024, 1, 1), date(2024, 3, 1)),)

    found = measure(Rows(frame=FRAME.iloc[:0], coverage=coverage), _indicator(), BASELINE, MARCH)

    assert found.current.values.shape == (0, 2)  # noqa: PD011 - ours, not pandas
    assert (found.baseline.reason, found.current.reason) == ("", "not observed: 2024-03")


def test_metrics_have_to_be_named() -> None:
    """An indicator without metrics, or with a metric nobody measures, is a fault of the plan."""
    with pytest.raises(ConfigurationError, match="no metrics"):
        measure(Rows(frame=FRAME, coverage=ALL), _indicator(metrics=()), BASELINE, MARCH)
    with pytest.raises(ConfigurationError, match="weight"):
        measure(Rows(frame=FRAME, coverage=ALL), _indicator(metrics=("weight",)), BASELINE, MARCH)
