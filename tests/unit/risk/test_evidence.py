"""Evidence is what a field can have given."""

from datetime import date
from typing import Any

import pytest

from include.postmarket.model.batch import Window
from include.postmarket.model.errors import InputError
from include.postmarket.risk.evidence import record_unit
from tests.unit.risk.worlds import evidence


@pytest.mark.parametrize(
    "changes",
    [
        {"events": -1},
        {"exposure": -1.0},
        {"exposure": float("nan")},
        {"exposure": float("inf")},
        {"under_reporting_factor": 0.5},
        {"under_reporting_factor": float("nan")},
        {"window": Window(date(2026, 1, 1), date(2026, 1, 1))},
    ],
    ids=str,
)
def test_impossible_numbers_are_refused(changes: dict[str, Any]) -> None:
    """Negative or non-finite numbers, over-reporting and an empty window are faults of counting."""
    with pytest.raises(InputError, match="evidence cannot be"):
        evidence(**changes)


def test_all_faults_are_named_at_once() -> None:
    """Whoever counted wrong reads everything that is wrong."""
    with pytest.raises(InputError, match=r"-1 events, exposure of -2.0"):
        evidence(events=-1, exposure=-2.0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("device_days", "device_days"),
        ("device_day", "device_days"),
        ("units_in_use", "units_installed"),
        ("unit_in_use", "units_installed"),
        ("procedure", "procedures"),
        ("reports", ""),
        ("", ""),
    ],
)
def test_units_by_their_name_in_the_record(name: str, expected: str) -> None:
    """Our plural and a matrix's singular name give the record's unit; what is no exposure gives none."""
    assert record_unit(name) == expected
