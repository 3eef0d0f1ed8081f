"""The gamma-Poisson shrinker."""

import dataclasses
import warnings

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma, nbinom

from include.postmarket.detection.contingency import count_table
from include.postmarket.detection.gamma_mixture import GammaMixture
from include.postmarket.detection.gps import GpsParameters, detect, posterior_weight, quantile, score
from include.postmarket.detection.shapes import MethodInputError, Pairs, Reason

PRIOR = GammaMixture(shape_1=2.0, rate_1=0.5, shape_2=10.0, rate_2=11.0, weight=0.15)


def _table(seed: int = 1) -> Pairs:
    r = np.random.default_rng(seed)
    n = r.poisson(np.outer(r.lognormal(1, 1, 15), r.lognormal(0, 1, 20)))
    n[3, 4] = 90
    product, event = np.indices(n.shape)
    return count_table(product.ravel(), event.ravel(), n.ravel())


def test_weight_is_the_ratio_of_negative_binomials() -> None:
    """Q = P f1 / (P f1 + (1 - P) f2) with scipy's negative binomial probabilities."""
    pairs = _table()
    first = nbinom.pmf(pairs.n, 2.0, 0.5 / (0.5 + pairs.expected))
    second = nbinom.pmf(pairs.n, 10.0, 11.0 / (11.0 + pairs.expected))

    np.testing.assert_allclose(
        posterior_weight(pairs, PRIOR), 0.15 * first / (0.15 * first + 0.85 * second), rtol=1e-9, atol=1e-300
    )


def test_ebgm_is_the_geometric_mean_of_the_posterior() -> None:
    """EBGM equals exp of the numerically integrated mean of log lambda."""
    pairs = _table()
    scores = score(pairs, PRIOR)
    for i in (0, 7, 40):
        parts = [
            (scores.weight[i], gamma(2 + pairs.n[i], scale=1 / (0.5 + pairs.expected[i]))),
            (1 - scores.weight[i], gamma(10 + pairs.n[i], scale=1 / (11 + pairs.expected[i]))),
        ]
        mean = quad(lambda x, parts=parts: np.log(x) * sum(w * d.pdf(x) for w, d in parts), 0, 60, limit=500)[0]

        assert scores.ebgm[i] == pytest.approx(np.exp(mean), rel=1e-6)


@pytest.mark.parametrize("probability", [0.025, 0.05, 0.5, 0.95, 0.999])
def test_quantiles_invert_the_posterior_distribution(probability: float) -> None:
    """The posterior mass below the quantile is the probability asked for."""
    pairs = _table()
    weight = posterior_weight(pairs, PRIOR)
    found = quantile(pairs, PRIOR, weight, probability)

    below = weight * gamma.cdf(found, 2 + pairs.n, scale=1 / (0.5 + pairs.expected))
    below += (1 - weight) * gamma.cdf(found, 10 + pairs.n, scale=1 / (11 + pairs.expected))
    np.testing.assert_allclose(below, probability, rtol=1e-9)


def test_planted_pair_alarms_alone() -> None:
    """One pair reported far more often than its margins say has EB05 above 2; its neighbours have not."""
    pairs = _table()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = detect(pairs, GpsParameters())

    planted = (pairs.product == 3) & (pairs.event == 4)
    assert found.evaluated.all()
    assert np.array_equal(found.alarm, planted)


def test_combined_rule_needs_every_threshold() -> None:
    """The MHRA's rule EBGM >= 2.5, EB05 >= 1.8, n >= 3 drops pairs that fail any part."""
    pairs = _table()
    mhra = GpsParameters(minimum_eb05=1.8, minimum_ebgm=2.5, minimum_reports=3)
    all_three = detect(pairs, mhra).alarm
    more_reports = detect(pairs, dataclasses.replace(mhra, minimum_reports=91)).alarm

    assert all_three.any()
    assert not more_reports.any()


def test_too_few_pairs_are_not_evaluated() -> None:
    """Five parameters are not fitted to four pairs: no score, no alarm, and the reason."""
    found = detect(count_table([0, 0, 1, 1], [0, 1, 0, 1], [20, 80, 30, 870]), GpsParameters())

    assert found.fit is None
    assert not found.evaluated.any()
    assert found.reason.tolist() == [Reason.TOO_FEW_PAIRS] * 4


def test_probability_must_be_a_share() -> None:
    """The 5 % quantile is asked for as 0.05; 5 is refused."""
    pairs = _table()
    with pytest.raises(MethodInputError, match=r"0\.05"):
        quantile(pairs, PRIOR, posterior_weight(pairs, PRIOR), 5)
