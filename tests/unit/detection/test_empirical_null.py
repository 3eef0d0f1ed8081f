"""Background and raised rates, fitted together with the margins."""

import numpy as np
import pytest

from include.postmarket.detection.empirical_null import fit_rates
from tests.unit.detection import planted


def test_background_is_recovered() -> None:
    """Rates drawn from Gamma(20, 20) with 2 % raised give back that spread, and 98 % of pairs as background."""
    model = fit_rates(planted.draw(1).pairs).model

    assert model.converged
    assert 14 < model.background_shape < 28
    assert model.shares[0] == pytest.approx(0.98, abs=0.01)
    assert model.shares.sum() == pytest.approx(1.0)


def test_rates_of_planted_pairs_are_found() -> None:
    """Where ten reports or more were expected, the posterior mean of a signal's rate is near 2, 3, 5 or 10."""
    table = planted.draw(4)
    fitted = fit_rates(table.pairs)

    clear = table.signal & (table.expected > 10)
    nearest = np.abs(np.log(fitted.relative_rate[clear])[:, None] - np.log([2, 3, 5, 10])).min(axis=1)
    assert clear.sum() > 10
    assert np.median(nearest) < 0.15
