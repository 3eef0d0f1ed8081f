"""How relative report rates spread where nothing is wrong, and which pairs stand out: the model behind `screen`.

Reports never follow their margins exactly, so "rate 1" is the wrong null for thousands of pairs (Efron 2004, empirical
null). The rate of a pair is Gamma(a, a / m) with probability p0 (the background: m near 1, spread found from the data),
or one of a few raised values. Only pairs with n >= 1 are seen: the likelihood is that of n given n >= 1, sum_k p_k
f_k(n) / sum_k p_k (1 - f_k(0)), so p_k are shares of all pairs, seen or not.

True signals raise the margins of their product and event and so hide their neighbours (masking, Wang 2010). The fit
therefore alternates with a correction: the reports that a pair has beyond its expected count are taken out of the
margins in proportion to the probability that the pair is raised.
"""

from dataclasses import dataclass
from math import exp

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, logsumexp, psi, softmax

from include.postmarket.detection.shapes import FloatArray, IntArray, Pairs
from include.postmarket.detection.squashing import SquashedPairs, squash, unsquashed

RAISED_RATES = (2.0, 3.0, 4.5, 7.0, 10.0, 15.0, 25.0)
_CORRECTIONS = 2  # of the margins; a third changes which pairs are found by less than chance does
_WIDTH = 0.05
_FREE_BOUNDS = [(-1.0, 1.0), (-2.0, 9.0), *[(-20.0, 3.0)] * len(RAISED_RATES)]
_START = np.array([0.0, np.log(10.0), *[np.log(0.005)] * len(RAISED_RATES)])
_FLAT = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class RateModel:
    """Mean and shape of the background rate, and the shares of all pairs: background first, then `RAISED_RATES`."""

    background_mean: float
    background_shape: float
    shares: FloatArray
    converged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RateFit:
    """What the model says of each pair, shape (P,): corrected expected count, P(background | n), posterior mean."""

    model: RateModel
    expected: FloatArray
    background_probability: FloatArray
    relative_rate: FloatArray


def fit_rates(pairs: Pairs) -> RateFit:
    """Fit background and raised rates to the pairs, correcting the margins for raised pairs."""
    expected, free = pairs.expected, _START
    for _ in range(_CORRECTIONS):
        free, _ = _maximise(squash(pairs.n, expected, _WIDTH), free)
        expected = _corrected_expected(pairs, expected, 1 - _posterior(free, unsquashed(pairs.n, expected))[0])
    free, converged = _maximise(squash(pairs.n, expected, _WIDTH), free)
    posterior = _posterior(free, unsquashed(pairs.n, expected))
    shape, rate = exp(free[1]), exp(free[1] - free[0])
    background_rate = (shape + pairs.n) / (rate + expected)
    return RateFit(
        model=RateModel(
            background_mean=exp(free[0]),
            background_shape=shape,
            shares=np.asarray(softmax(np.append(0.0, free[2:]))),
            converged=converged,
        ),
        expected=expected,
        background_probability=posterior[0],
        relative_rate=posterior[0] * background_rate + np.asarray(RAISED_RATES) @ posterior[1:],
    )


def _corrected_expected(pairs: Pairs, expected: FloatArray, raised: FloatArray) -> FloatArray:
    kept = pairs.n - raised * np.maximum(pairs.n - expected, 0.0)
    product_share = _kept_share(pairs.product, kept, pairs.n)
    event_share = _kept_share(pairs.event, kept, pairs.n)
    return pairs.expected * product_share * event_share * float(pairs.n.sum() / kept.sum())


def _kept_share(code: IntArray, kept: FloatArray, n: FloatArray) -> FloatArray:
    """Give, for each pair, the share of the reports of its product (or event) that stays in the margin."""
    _, place = np.unique(code, return_inverse=True)
    share: FloatArray = np.bincount(place, kept) / np.bincount(place, n)
    return share[place]


def _maximise(rows: SquashedPairs, start: FloatArray) -> tuple[FloatArray, bool]:
    options = {"maxiter": 500, "maxfun": 1000, "ftol": 1e-13, "gtol": 1e-8}
    found = minimize(_mean_loss, start, args=(rows,), jac=True, method="L-BFGS-B", bounds=_FREE_BOUNDS, options=options)
    low, high = np.array(_FREE_BOUNDS).T
    slope = np.where((found.x > low) & (found.x < high), found.jac, 0.0)
    return found.x, bool(np.abs(slope).max() < _FLAT)


def _mean_loss(free: FloatArray, rows: SquashedPairs) -> tuple[float, FloatArray]:
    """Give the mean negative log-likelihood per pair and its gradient in log mean, log shape and the log odds."""
    joint, log_zero = _log_joint(free, rows)
    shares = softmax(np.append(0.0, free[2:]))
    log_likelihood = logsumexp(joint, axis=0)
    posterior = np.exp(joint - log_likelihood)
    seen = shares @ -np.expm1(log_zero)
    seen_part = shares[:, np.newaxis] * -np.expm1(log_zero) / seen
    total = rows.weight.sum()
    gradient = np.append(
        _background_slope(free, rows, posterior[0], shares[0] / seen), (posterior - seen_part)[1:] @ rows.weight
    )
    return -float(rows.weight @ (log_likelihood - np.log(seen))) / total, -gradient / total


def _background_slope(free: FloatArray, rows: SquashedPairs, posterior: FloatArray, unseen: FloatArray) -> FloatArray:
    """Slopes of the log-likelihood in log mean and log shape of the background; b is its rate, t is -log f0(0) / a."""
    a, b = exp(free[1]), exp(free[1] - free[0])
    t, share = np.log1p(rows.expected / b), rows.expected / (b + rows.expected)
    zero = np.exp(-a * t)
    in_shape = a * ((psi(a + rows.counts) - psi(a))[rows.place] - t)
    in_rate = a * share - rows.counts[rows.place] * (1 - share)
    slope_shape = posterior * in_shape - unseen * a * t * zero
    slope_rate = posterior * in_rate + unseen * a * share * zero
    return np.array([-rows.weight @ slope_rate, rows.weight @ (slope_shape + slope_rate)])


def _posterior(free: FloatArray, rows: SquashedPairs) -> FloatArray:
    joint, _ = _log_joint(free, rows)
    return np.asarray(np.exp(joint - logsumexp(joint, axis=0)))


def _log_joint(free: FloatArray, rows: SquashedPairs) -> tuple[FloatArray, FloatArray]:
    """Give log p_k f_k(n) and log f_k(0) of each component and row, shape (K, R), without the common 1 / n!."""
    a, b = exp(free[1]), exp(free[1] - free[0])
    n, expected = rows.counts[rows.place], rows.expected
    means = np.outer(RAISED_RATES, expected)
    background_zero = -a * np.log1p(expected / b)
    binomial = (gammaln(a + rows.counts) - gammaln(a))[rows.place]
    background = binomial + n * np.log(expected / (b + expected)) + background_zero
    log_shares = np.append(0.0, free[2:]) - logsumexp(np.append(0.0, free[2:]))
    joint = np.vstack([background, n * np.log(means) - means]) + log_shares[:, np.newaxis]
    return joint, np.vstack([background_zero, -means])
