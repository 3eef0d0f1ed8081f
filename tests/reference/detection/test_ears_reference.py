"""EARS against R: earsC(s, list(range, method, alpha, baseline = 7, minSigma = 0)) of surveillance 1.20.3."""

from pathlib import Path

import numpy as np
import pytest

from include.postmarket.detection.ears import EarsParams, EarsVariant, detect
from include.postmarket.detection.shapes import Counts
from tests.reference.detection.surveillance_series import answers


@pytest.mark.shared
@pytest.mark.parametrize("variant", [EarsVariant.C1, EarsVariant.C2, EarsVariant.C3])
def test_bounds_and_alarms_are_those_of_r(shared: Path, variant: EarsVariant) -> None:
    """Bounds agree to 1e-9 and alarms everywhere, on ten real series at two levels; only flat histories are NA in R."""
    for answer in answers(shared, f"ears_{variant}"):
        chart = detect(Counts(counts=answer.counts), EarsParams(variant=variant, alpha=float(answer.params["alpha"])))
        known = ~np.isnan(answer.limit)

        assert chart.evaluated[0, answer.periods].all()
        assert chart.limit[0, answer.periods][known] == pytest.approx(answer.limit[known], rel=1e-9)
        assert np.array_equal(chart.alarm[0, answer.periods][known], answer.alarm[known])
