"""The maker's scales: which band a probability falls into, and what the matrix says of it."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.postmarket.model.errors import ConfigurationError, InputError
from include.postmarket.model.risk import Acceptability
from include.postmarket.risk.matrix import acceptability_of, band_limit, check_matrix, level_of
from tests.unit.risk.worlds import MATRIX


@pytest.mark.parametrize(
    ("probability", "level"),
    [
        (0.0, 1),
        (math.nextafter(1e-6, 0), 1),
        (1e-6, 2),
        (math.nextafter(1e-5, 0), 2),
        (1e-5, 3),
        (math.nextafter(1e-4, 0), 3),
        (1e-4, 4),
        (math.nextafter(1e-3, 0), 4),
        (1e-3, 5),
        (1.0, 5),
        (25.0, 5),
    ],
)
def test_lower_bound_belongs_to_the_band_and_upper_does_not(probability: float, level: int) -> None:
    """At each bound the higher level begins; the last float below it still has the lower one; rates above 1 are top."""
    assert level_of(MATRIX, probability) == level


@pytest.mark.parametrize("probability", [-1e-9, math.nan, math.inf])
def test_what_is_no_probability_has_no_level(probability: float) -> None:
    """A negative or non-finite number is refused instead of landing in a band."""
    with pytest.raises(InputError, match="has no level"):
        level_of(MATRIX, probability)


@given(st.floats(0, 2), st.floats(0, 2))
def test_higher_probability_never_has_a_lower_level(one: float, other: float) -> None:
    """Levels rise with the probability."""
    assert level_of(MATRIX, min(one, other)) <= level_of(MATRIX, max(one, other))


@given(st.floats(0, 1e-3, exclude_max=True))
def test_band_limit_is_the_first_probability_of_the_next_level(probability: float) -> None:
    """Each probability lies below the limit of its band, and the limit lies in the next one."""
    level = level_of(MATRIX, probability)
    limit = band_limit(MATRIX, level)

    assert limit is not None
    assert probability < limit
    assert level_of(MATRIX, limit) == level + 1


def test_top_band_has_no_limit() -> None:
    """What is estimated is a rate: the top band has no end."""
    assert band_limit(MATRIX, 5) is None


@pytest.mark.shared
def test_matrix_reads_as_the_example_of_the_project(shared: Path) -> None:
    """All 25 cells and the bands agree with domain/rules/risk_scales_example.json."""
    scales = json.loads((shared / "domain/rules/risk_scales_example.json").read_text())

    for level, row in scales["matrix"].items():
        found = [acceptability_of(MATRIX, int(level), severity).value for severity in range(1, 6)]

        assert row == found
        assert scales["probability_per_use"][level][0] == MATRIX.bands[int(level) - 1]


@pytest.mark.parametrize("level", [0, 6, -1])
def test_level_off_the_scale_is_refused(level: int) -> None:
    """Level 0 is not the last row of the table."""
    with pytest.raises(InputError, match="not on the scale of 5"):
        acceptability_of(MATRIX, level, 1)


@pytest.mark.parametrize("severity", [0, 6, -1])
def test_severity_off_the_scale_is_refused(severity: int) -> None:
    """Severity 0 is not the last column of the table."""
    with pytest.raises(InputError, match="not on the scale of 5"):
        acceptability_of(MATRIX, 1, severity)


def test_sound_matrix_is_let_through() -> None:
    """The example has nothing to mend."""
    check_matrix(MATRIX)


@pytest.mark.parametrize("bands", [(), (1e-6, 1e-5), (0.0, 1e-5, 1e-5), (0.0, 1e-4, 1e-5)])
def test_bands_that_do_not_rise_from_zero_are_refused(bands: tuple[float, ...]) -> None:
    """A gap below the first band or an order that is no order would give wrong levels silently."""
    with pytest.raises(ConfigurationError, match="do not rise from 0"):
        check_matrix(replace(MATRIX, bands=bands))


def test_all_faults_of_a_matrix_are_named_at_once() -> None:
    """Missing row and short row are told together."""
    cells = (MATRIX.cells[0], (Acceptability.ACCEPTABLE,))

    with pytest.raises(ConfigurationError, match=r"2 rows of cells for 5 .*; rows of levels \[2\]"):
        check_matrix(replace(MATRIX, cells=cells))
