"""The information component against R, on every reference table."""

from pathlib import Path

import numpy as np
import pytest

from include.postmarket.detection.information_component import (
    InformationComponentParameters,
    detect,
    gould_2003,
    map_2006,
)
from tests.reference.detection import pair_tables

pytestmark = pytest.mark.shared


@pytest.mark.parametrize("table", pair_tables.TABLES)
def test_components_equal_r(shared: Path, table: str) -> None:
    """IC, gamma quantiles, MAP of 2006 and Gould's normal form are within 1e-9 bits of R.

    R 4.2.2 (disproportionality_reference.R): log2((a+.5)/(E+.5)); log2(qgamma(q, a+.5, E+.5));
    log2(g11*G/((g11+g10)*(g11+g01))); PhViD 1.0.8 BCPNN(RANKSTAT=2) equals the Gould columns to 2e-15.
    """
    pairs, names = pair_tables.count(shared, table)
    place, expected = pair_tables.measures(shared, table, names)
    wide, narrow = (detect(pairs, InformationComponentParameters(confidence=level)) for level in (0.95, 0.9))
    normal = gould_2003(pairs)

    columns = {
        "IC": wide.ic,
        "IC_q025": wide.lower,
        "IC_q975": wide.upper,
        "IC_q05": narrow.lower,
        "IC_q95": narrow.upper,
        "IC_map06": map_2006(pairs),
        "IC_gould": normal.mean,
        "IC_gould_sd": normal.deviation,
        "IC_gould_q025": normal.mean - 1.959963984540054 * normal.deviation,
    }
    for column, values in columns.items():
        np.testing.assert_allclose(values[place], expected[column], rtol=0, atol=1e-9, err_msg=column)
