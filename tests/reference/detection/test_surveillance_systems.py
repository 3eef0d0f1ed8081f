"""RKI, Bayes and CUSUM against R surveillance 1.20.3: rki(), bayes() and cusum() on ten real series."""

from pathlib import Path

import numpy as np
import pytest

from include.postmarket.detection import bayes, cusum_standardised, rki
from include.postmarket.detection.shapes import Counts
from tests.reference.detection.surveillance_series import answers


@pytest.mark.shared
@pytest.mark.parametrize("system", [1, 2])
def test_rki(shared: Path, system: int) -> None:
    """Limits agree to 1e-9 and alarms everywhere: rki(s, list(b, w = 6, actY = TRUE))."""
    for answer in answers(shared, f"rki{system}"):
        chart = rki.detect(Counts(counts=answer.counts), rki.RkiParams(system=system))

        assert chart.limit[0, answer.periods] == pytest.approx(answer.limit, rel=1e-9)
        assert np.array_equal(chart.alarm[0, answer.periods], answer.alarm)


@pytest.mark.shared
@pytest.mark.parametrize("system", [1, 2])
def test_bayes(shared: Path, system: int) -> None:
    """Bounds agree to 1e-9 and alarms everywhere: bayes(s, list(b, w = 6, actY = TRUE, alpha = 0.05))."""
    for answer in answers(shared, f"bayes{system}"):
        chart = bayes.detect(Counts(counts=answer.counts), bayes.BayesParams(system=system))

        assert chart.limit[0, answer.periods] == pytest.approx(answer.limit, rel=1e-9, abs=1e-300)
        assert np.array_equal(chart.alarm[0, answer.periods], answer.alarm)


@pytest.mark.shared
@pytest.mark.parametrize("transformation", ["standard", "rossi"])
def test_cusum(shared: Path, transformation: str) -> None:
    """Alarms agree everywhere and bounds to 1e-9 where a bound exists: cusum(s, list(k = 1.04, h = 2.26, m = NULL)).

    Where the sum is so high that every count alarms, R's formula for "rossi" squares a negative root; ours gives 0.
    """
    for answer in answers(shared, f"cusum_{transformation}"):
        params = cusum_standardised.CusumStandardisedParams(
            transformation=transformation, baseline=int(answer.periods[0])
        )
        chart = cusum_standardised.detect(Counts(counts=answer.counts), params)
        limit = chart.limit[0, answer.periods]
        bounded = (limit > 0) | (answer.limit == 0)

        assert np.array_equal(chart.alarm[0, answer.periods], answer.alarm)
        assert limit[bounded] == pytest.approx(answer.limit[bounded], rel=1e-9, abs=1e-9)
        assert bounded.all() or transformation == "rossi"
