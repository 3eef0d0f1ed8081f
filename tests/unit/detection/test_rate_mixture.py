"""How rates spread: likelihood, posterior, and counts whose expectation is uncertain."""

import numpy as np
import pytest
from scipy.stats import nbinom

from include.postmarket.detection import rate_mixture
from include.postmarket.detection.rate_mixture import RAISED_RATES, RateModel, UncertainCounts, judge
from include.postmarket.detection.shapes import FloatArray

NO_RAISED = (0.0,) * len(RAISED_RATES)


def _model(shape: float, *shares: float) -> RateModel:
    return RateModel(background_shape=shape, shares=np.array(shares), converged=True)


def _draw(seed: int, rate: FloatArray, variance: float) -> UncertainCounts:
    """Draw counts around expected ones that are known only with a relative variance; those without a report drop."""
    r = np.random.default_rng(seed)
    expected = r.lognormal(1.0, 1.0, len(rate))
    n = r.poisson(rate * expected * r.gamma(1 / variance, variance, len(rate))).astype(np.float64)
    seen = n > 0
    return UncertainCounts(n[seen], expected[seen], np.full(int(seen.sum()), variance))


def test_gradient_is_that_of_the_likelihood() -> None:
    """The analytic gradient equals central differences at a point away from the optimum."""
    r = np.random.default_rng(3)
    counts = _draw(3, r.gamma(20, 1 / 20, 3_000), 0.05)
    rows = rate_mixture._squash(counts)
    free = np.log([8.0, *[0.01] * len(RAISED_RATES)])

    gradient = rate_mixture._mean_loss(free, rows)[1]
    steps = 1e-6 * np.eye(len(free))
    losses = [[rate_mixture._mean_loss(free + s * h, rows)[0] for s in (1, -1)] for h in steps]
    np.testing.assert_allclose(gradient, [(up - down) / 2e-6 for up, down in losses], atol=1e-8)


@pytest.mark.parametrize("variance", [0.001, 0.2])
def test_the_error_of_the_expected_count_is_no_spread_of_rates(variance: float) -> None:
    """Whether expected counts are exact or off by 45 %, rates of Gamma(20, 20) give back a shape near 20."""
    rate = np.random.default_rng(5).gamma(20, 1 / 20, 30_000)
    found = rate_mixture.fit(_draw(5, rate, variance), rate_mixture.START)

    assert found.converged
    assert 14 < found.background_shape < 30
    assert found.shares[0] > 0.99


def test_posterior_is_bayes_formula() -> None:
    """One raised rate against a sharp background: scipy's negative binomials, weighed by their shares."""
    model = _model(50.0, 0.9, 0.0, 0.1, *NO_RAISED[2:])
    n, expected, variance = np.array([1.0, 6.0, 20.0]), np.array([0.5, 2.0, 12.0]), np.array([0.01, 0.1, 0.3])
    with np.errstate(divide="ignore"):
        actual = judge(model, UncertainCounts(n, expected, variance)).background_probability

    likelihoods = []
    for rate, shape in ((1.0, 50.0), (4.0, 10.0)):
        spread = 1 / ((1 + 1 / shape) * (1 + variance) - 1)  # of a product of independent factors
        likelihoods.append(nbinom.pmf(n, spread, spread / (spread + rate * expected)))
    weighed = 0.9 * likelihoods[0]
    np.testing.assert_allclose(actual, weighed / (weighed + 0.1 * likelihoods[1]), rtol=1e-10)


def test_an_uncertain_expectation_makes_a_raised_rate_less_certain() -> None:
    """Eight reports where two were expected: the less is known of the two, the more it may be background."""
    model = _model(20.0, 0.97, *[0.005] * len(RAISED_RATES))
    variance = np.array([0.001, 0.05, 0.3, 1.0])
    background = judge(model, UncertainCounts(np.full(4, 8.0), np.full(4, 2.0), variance)).background_probability

    assert (np.diff(background) > 0).all()


def test_probability_falls_with_the_count() -> None:
    """With the same expected count, more reports are never more likely to be background."""
    n = np.arange(1.0, 400.0)
    model = _model(10.0, 0.97, *[0.005] * len(RAISED_RATES))
    background = judge(model, UncertainCounts(n, np.full(len(n), 3.0), np.full(len(n), 0.1))).background_probability

    above = background[n > 3]
    assert (np.diff(above) <= 1e-15).all()
    assert above[-1] < 1e-12


def test_many_pairs_are_judged_in_parts_like_few() -> None:
    """Judging in blocks, which bounds memory, changes no number."""
    model = _model(10.0, 0.97, *[0.005] * len(RAISED_RATES))
    r = np.random.default_rng(1)
    size = rate_mixture._AT_A_TIME + 10
    counts = UncertainCounts(
        r.poisson(3, size).astype(np.float64) + 1, r.lognormal(0, 1, size), r.uniform(0.01, 1, size)
    )
    tail = UncertainCounts(counts.n[-20:], counts.expected[-20:], counts.variance[-20:])

    np.testing.assert_array_equal(
        judge(model, counts).background_probability[-20:], judge(model, tail).background_probability
    )
