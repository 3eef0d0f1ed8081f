"""PRR, ROR and chi-square against R, on every reference table."""

from pathlib import Path

import numpy as np
import pytest

from include.postmarket.detection.prr_ror import RatioParameters, detect
from tests.reference.detection import pair_tables

pytestmark = pytest.mark.shared


@pytest.mark.parametrize("table", pair_tables.TABLES)
def test_measures_equal_r(shared: Path, table: str) -> None:
    """Counts are exact and every measure is within 1e-10 of R, infinite and undefined in the same places.

    R 4.2.2 (disproportionality_reference.R): prr <- (a/(a+b))/(c/(c+d)); exp(log(prr) -+
    qnorm(.975)*sqrt(1/a-1/(a+b)+1/c-1/(c+d))); ror <- (a/b)/(c/d) with sqrt(1/a+1/b+1/c+1/d); N*(ad-bc)^2/den and
    N*pmax(|ad-bc|-N/2,0)^2/den. Written to 15 digits.
    """
    pairs, names = pair_tables.count(shared, table)
    place, expected = pair_tables.measures(shared, table, names)
    found = detect(pairs, RatioParameters())

    assert np.array_equal(expected["a"], pairs.n[place])
    columns = {
        "E": pairs.expected,
        "PRR": found.prr.estimate,
        "PRR_lo": found.prr.lower,
        "PRR_hi": found.prr.upper,
        "ROR": found.ror.estimate,
        "ROR_lo": found.ror.lower,
        "ROR_hi": found.ror.upper,
        "chi2": found.chi_square,
        "chi2_yates": found.chi_square_yates,
    }
    for column, values in columns.items():
        np.testing.assert_allclose(values[place], expected[column], rtol=1e-10, err_msg=column)
