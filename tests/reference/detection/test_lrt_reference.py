"""The likelihood ratio test against R pvLRT 0.5.1."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from include.postmarket.detection.contingency import count_table
from include.postmarket.detection.lrt import LrtParameters, detect

pytestmark = pytest.mark.shared

DRAWS = 10_000


@pytest.mark.parametrize(("table", "comparator"), [("statin46", "Other"), ("lovastatin", "other_drugs")])
def test_statistics_and_p_values_equal_pvlrt(shared: Path, table: str, comparator: str) -> None:
    """Statistics are within 1e-9 and p-values within four binomial standard errors of both simulations.

    R: set.seed(2023); summary(lrt_vanilla_poisson(x, nsim = 10000)); pvLRT does not test the last drug of the table.
    """
    rows = pd.read_parquet(shared / "data" / "disproportionality" / f"{table}.parquet")
    product, products = pd.factorize(rows["product"])
    event, events = pd.factorize(rows["event"])
    pairs = count_table(product, event, rows["n"])
    spared = int(np.flatnonzero(products == comparator)[0])
    found = detect(pairs, LrtParameters(draws=DRAWS, comparators=(spared,)))

    ours = pd.DataFrame(
        {
            "Drug": products[pairs.product],
            "AE": events[pairs.event],
            "statistic": found.statistic,
            "p": found.p_value,
        }
    )
    expected = pd.read_csv(shared / "reference" / f"lrt_poisson_{table}.csv").dropna(subset=["lrstat"])
    both = expected[expected["n"] > 0].merge(ours, on=["Drug", "AE"], how="left", validate="1:1")
    np.testing.assert_allclose(both["statistic"], both["lrstat"], rtol=1e-9, atol=1e-12)

    p = np.clip(both["p_value"], 1 / (DRAWS + 1), 1 - 1 / (DRAWS + 1))
    standard_error = np.sqrt(2 * p * (1 - p) / DRAWS)
    assert (np.abs(both["p"] - both["p_value"]) / standard_error).max() < 4
