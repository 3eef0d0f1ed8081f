"""Run lengths of normal charts against R spc: xewma.arl(l, c, mu, "two") and xcusum.arl(k, h, mu, "one")."""

from csv import DictReader
from pathlib import Path

import pytest

from include.postmarket.detection.normal_run_length import cusum_run_length, ewma_run_length
from include.postmarket.detection.shapes import MethodInputError

SHIFTS = {"arl0": 0.0, "arl_0.25": 0.25, "arl_0.5": 0.5, "arl_1": 1.0, "arl_2": 2.0, "arl_3": 3.0}


@pytest.mark.shared
def test_run_lengths_are_those_of_spc(shared: Path) -> None:
    """All 66 run lengths agree to 1e-6, far inside the 1e-3 that a plan needs."""
    with (shared / "reference/spc_arl.csv").open() as file:
        rows = [{key: value.strip() for key, value in row.items()} for row in DictReader(file)]
    for row in rows:
        run_length = ewma_run_length if row["chart"] == "xewma" else cusum_run_length
        first, second = float(row["lambda_or_k"]), float(row["L_or_h"])
        for column, shift in SHIFTS.items():
            assert run_length(first, second, shift) == pytest.approx(float(row[column]), rel=1e-6), (row, column)


def test_textbook_values() -> None:
    """EWMA 0.2 and 2.962 runs 500 (Lucas and Saccucci 1990), CUSUM 0.5 and 5 runs 931, the Shewhart chart 370."""
    assert ewma_run_length(0.2, 2.962) == pytest.approx(500, rel=2e-3)
    assert cusum_run_length(0.5, 5.0) == pytest.approx(931, rel=2e-3)
    assert ewma_run_length(1.0, 3.0) == pytest.approx(370.4, rel=2e-3)


@pytest.mark.parametrize(("weight", "width"), [(0.0, 3.0), (1.1, 3.0), (0.2, 0.0)])
def test_unusable_charts_are_refused(weight: float, width: float) -> None:
    """A chart that cannot be drawn has no run length."""
    with pytest.raises(MethodInputError, match="run length"):
        ewma_run_length(weight, width)
