"""The fitted prior of relative report rates."""

import numpy as np
import pytest
from scipy.special import gammaln

from include.postmarket.detection import gamma_mixture
from include.postmarket.detection.gamma_mixture import GammaMixture, fit, negative_log_likelihood
from include.postmarket.detection.shapes import FloatArray

PRIOR = GammaMixture(shape_1=2.0, rate_1=0.5, shape_2=10.0, rate_2=11.0, weight=0.15)


def _sample(prior: GammaMixture, pairs: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Draw pairs from the truncated mixture: the component first, then counts until one is above zero."""
    r = np.random.default_rng(seed)
    expected = r.lognormal(0.5, 1.2, pairs)
    first = r.random(pairs) < prior.weight
    n = np.zeros(pairs)
    while (n == 0).any():
        rate = np.where(
            first,
            r.gamma(prior.shape_1, 1 / prior.rate_1, pairs),
            r.gamma(prior.shape_2, 1 / prior.rate_2, pairs),
        )
        n = np.where(n == 0, r.poisson(rate * expected), n)
    return n, expected


def test_fit_recovers_the_prior_it_was_sampled_from() -> None:
    """On 40,000 sampled pairs weight, means and shapes come back, the higher mean first."""
    found = fit(*_sample(PRIOR, 40_000, seed=1))

    assert found.converged
    assert found.boundary == ()
    assert found.prior.weight == pytest.approx(0.15, abs=0.02)
    assert found.prior.shape_1 / found.prior.rate_1 == pytest.approx(4.0, rel=0.1)
    assert found.prior.shape_2 / found.prior.rate_2 == pytest.approx(10 / 11, rel=0.03)


def test_fit_is_at_least_as_likely_as_the_truth_and_its_neighbours() -> None:
    """No small change of a parameter makes the observed pairs more likely."""
    n, expected = _sample(PRIOR, 5_000, seed=2)
    found = fit(n, expected)
    best = found.prior

    assert found.negative_log_likelihood <= negative_log_likelihood(PRIOR, n, expected)
    for name in ("shape_1", "rate_1", "shape_2", "rate_2", "weight"):
        for factor in (0.98, 1.02):
            values = {field: getattr(best, field) for field in GammaMixture.__slots__} | {
                name: getattr(best, name) * factor
            }
            assert found.negative_log_likelihood < negative_log_likelihood(GammaMixture(**values), n, expected)


def test_probabilities_of_all_counts_sum_to_one() -> None:
    """The truncated mixture is a distribution over n = 1, 2, ... for any expected count."""
    counts = np.arange(1.0, 400.0)
    for expected in (0.01, 1.0, 5.0):
        log_losses = [negative_log_likelihood(PRIOR, np.array([n]), np.array([expected])) for n in counts]
        assert np.exp(-np.array(log_losses)).sum() == pytest.approx(1.0, abs=1e-9)


def test_rates_that_are_all_one_are_reported_as_a_boundary() -> None:
    """Plain Poisson counts have no spread to fit: the answer is a point mass, and the fit says so."""
    r = np.random.default_rng(3)
    expected = r.lognormal(1.0, 1.0, 4_000)
    n = r.poisson(expected).astype(np.float64)
    found = fit(n[n > 0], expected[n > 0])

    assert found.boundary != ()
    assert np.isfinite(found.negative_log_likelihood)


def test_order_of_pairs_changes_nothing_that_matters() -> None:
    """Reversed pairs give the same prior to rounding."""
    n, expected = _sample(PRIOR, 3_000, seed=4)
    straight, turned = fit(n, expected), fit(n[::-1], expected[::-1])

    assert straight.prior.weight == pytest.approx(turned.prior.weight, rel=1e-6)
    assert straight.negative_log_likelihood == pytest.approx(turned.negative_log_likelihood, rel=1e-12)


def test_a_far_better_prior_is_found_though_few_starts_lead_to_it() -> None:
    """One pair in thirty at 10 +- 2 times the rate, the rest spread widely: DuMouchel's start alone ends elsewhere."""
    prior = GammaMixture(shape_1=25.0, rate_1=2.5, shape_2=2.4, rate_2=3.0, weight=0.035)
    n, expected = _sample(prior, 20_000, seed=7)
    found = fit(n, expected)

    assert found.converged
    assert found.negative_log_likelihood <= negative_log_likelihood(prior, n, expected)
    assert found.prior.shape_1 / found.prior.rate_1 == pytest.approx(10.0, rel=0.1)


@pytest.mark.parametrize("shape", [2e4, 1e6])
def test_gamma_ratios_of_large_shapes_are_exact(shape: float) -> None:
    """Stirling's series equals the sum of log(a + k), k = 0 .. n - 1, where the difference of two log-gammas strays."""
    counts = np.array([1.0, 7.0, 300.0, 20_000.0])
    expected = [np.log(shape + np.arange(n)).sum() for n in counts]
    actual = gamma_mixture._log_rising(shape, counts)

    np.testing.assert_allclose(actual, expected, rtol=1e-13)
    assert np.abs(gammaln(shape + counts) - gammaln(shape) - expected).max() > np.abs(actual - expected).max()
