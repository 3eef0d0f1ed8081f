"""Background and raised rates."""

import numpy as np
import pytest

from include.postmarket.detection import empirical_null
from include.postmarket.detection.empirical_null import fit_rates
from include.postmarket.detection.squashing import squash
from tests.unit.detection import planted


def test_background_is_recovered() -> None:
    """Rates drawn from Gamma(20, 20) with 2 % raised give a background near 1, with its spread and 98 % of pairs."""
    model = fit_rates(planted.draw(1).pairs).model

    assert model.converged
    assert model.background_mean == pytest.approx(1.0, abs=0.05)
    assert 10 < model.background_shape < 40
    assert model.shares[0] == pytest.approx(0.98, abs=0.01)
    assert model.shares.sum() == pytest.approx(1.0)


def test_correction_of_the_margins_comes_nearer_to_the_truth() -> None:
    """With signals taken out of the margins, expected counts of background pairs err less than plain margins do."""
    table = planted.draw(2, share=0.06)
    fitted = fit_rates(table.pairs)

    quiet = ~table.signal
    plain = np.abs(np.log(table.pairs.expected / table.expected))[quiet].mean()
    corrected = np.abs(np.log(fitted.expected / table.expected))[quiet].mean()
    assert corrected < 0.9 * plain


def test_gradient_is_that_of_the_likelihood() -> None:
    """The analytic gradient equals central differences at a point away from the optimum."""
    table = planted.draw(3, products=40, events=60, reports=5_000)
    rows = squash(table.pairs.n, table.pairs.expected, 0.05)
    free = empirical_null._START + 0.1

    gradient = empirical_null._mean_loss(free, rows)[1]
    steps = 1e-6 * np.eye(len(free))
    differences = [
        (empirical_null._mean_loss(free + h, rows)[0] - empirical_null._mean_loss(free - h, rows)[0]) / 2e-6
        for h in steps
    ]
    np.testing.assert_allclose(gradient, differences, atol=1e-8)


def test_rates_of_planted_pairs_are_found() -> None:
    """Where ten reports or more were expected, the posterior mean of a signal's rate is near 2, 3, 5 or 10."""
    table = planted.draw(4)
    fitted = fit_rates(table.pairs)

    clear = table.signal & (table.expected > 10)
    nearest = np.abs(np.log(fitted.relative_rate[clear])[:, None] - np.log([2, 3, 5, 10])).min(axis=1)
    assert clear.sum() > 10
    assert np.median(nearest) < 0.15
