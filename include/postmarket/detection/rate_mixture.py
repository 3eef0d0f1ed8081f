"""How relative report rates spread: one background, and rates from a doubling up, seen through uncertain expectations.

Reports never follow their margins exactly, so "rate 1" is the wrong null for thousands of pairs (Efron 2004, empirical
null). The rate of a pair is Gamma(a, a) with probability p0 (the background: mean 1, its spread found from the data),
or Gamma(10, 10 / r) with r = 2, 4, 8 .. 64: neighbours overlap, so that no raised rate is favoured.

What is expected of a pair is an estimate too. The rate times the error of that estimate is taken as a gamma of the same
mean and variance, whose shape is s / (1 + v (1 + s)) for a rate of shape s and an estimate of relative variance v.
Counts are then negative binomial. Only pairs with n >= 1 are seen: the likelihood is that of n given n >= 1,
sum_k p_k f_k(n) / sum_k p_k (1 - f_k(0)), so p_k are shares of all pairs, seen or not.
"""

from dataclasses import dataclass
from math import exp

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, logsumexp, psi, softmax

from include.postmarket.detection.shapes import FloatArray
from include.postmarket.detection.squashing import band, row_starts

RAISED_RATES = (2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
RAISED_SHAPE = 10.0
_RATES = np.array((1.0, *RAISED_RATES))[:, np.newaxis]
_EXPECTED_WIDTH, _VARIANCE_WIDTH = 0.1, 0.5  # of the logs: pairs of equal n within both share a row of the fit
_FREE_BOUNDS = [(-2.0, 9.0), *[(-20.0, 3.0)] * len(RAISED_RATES)]
_FLAT = 1e-4  # largest slope of the mean log-likelihood, per unit of the free parameters, of a converged fit
_AT_A_TIME = 200_000  # pairs judged at once: memory is seven numbers each


@dataclass(frozen=True, slots=True, kw_only=True)
class RateModel:
    """Shape of the background rate and the shares of all pairs, shape (7,): background first, then `RAISED_RATES`."""

    background_shape: float
    shares: FloatArray
    converged: bool


@dataclass(frozen=True, slots=True)
class UncertainCounts:
    """Counts ``n`` >= 1, the ``expected`` count of each and the relative ``variance`` of that estimate, shape (P,)."""

    n: FloatArray
    expected: FloatArray
    variance: FloatArray


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a model says of each pair, shape (P,): P(background | n) and the posterior mean of the rate."""

    background_probability: FloatArray
    relative_rate: FloatArray


@dataclass(frozen=True, slots=True)
class _Rows:
    """Squashed pairs, shape (R,), with log f_k(n) and log f_k(0) of the raised rates, shape (6, R)."""

    counts: UncertainCounts
    weight: FloatArray
    raised: FloatArray
    raised_zero: FloatArray


START = RateModel(background_shape=10.0, shares=np.array([0.97, *[0.005] * len(RAISED_RATES)]), converged=False)


def fit(counts: UncertainCounts, start: RateModel) -> RateModel:
    """Fit shape and shares by maximum likelihood to P >= 1 pairs, from a model near by or `START`."""
    rows = _squash(counts)
    free = np.append(np.log(start.background_shape), np.log(start.shares[1:] / start.shares[0]))
    low, high = np.array(_FREE_BOUNDS).T
    options = {"maxiter": 500, "maxfun": 1000, "ftol": 1e-12, "gtol": 1e-7}
    found = minimize(
        _mean_loss,
        np.clip(free, low, high),
        args=(rows,),
        jac=True,
        method="L-BFGS-B",
        bounds=_FREE_BOUNDS,
        options=options,
    )
    slope = np.where((found.x > low) & (found.x < high), found.jac, 0.0)
    return RateModel(
        background_shape=exp(found.x[0]),
        shares=np.asarray(softmax(np.append(0.0, found.x[1:]))),
        converged=bool(np.abs(slope).max() < _FLAT),
    )


def judge(model: RateModel, counts: UncertainCounts) -> Judgement:
    """Give the probability of the background and the posterior mean of the rate of each pair."""
    background, mean = np.empty(len(counts.n)), np.empty(len(counts.n))
    shapes = np.array([model.background_shape, *[RAISED_SHAPE] * len(RAISED_RATES)])[:, np.newaxis]
    for start in range(0, len(counts.n), _AT_A_TIME):
        part = slice(start, start + _AT_A_TIME)
        n, expected = counts.n[part], counts.expected[part]
        joint, _ = _log_binomial(n, _RATES * expected, _seen_shape(shapes, counts.variance[part]))
        joint += np.log(model.shares)[:, np.newaxis]
        posterior = np.exp(joint - logsumexp(joint, axis=0))
        background[part] = posterior[0]
        mean[part] = (posterior * (shapes + n) / (shapes / _RATES + expected)).sum(axis=0)
    return Judgement(background, mean)


def unseen_background(model: RateModel, expected: FloatArray) -> FloatArray:
    """Give P(background | n = 0) for expected counts that are known, of any one-dimensional shape."""
    shapes = np.array([model.background_shape, *[RAISED_SHAPE] * len(RAISED_RATES)])[:, np.newaxis]
    joint = np.log(model.shares)[:, np.newaxis] - shapes * np.log1p(_RATES * expected / shapes)
    return np.asarray(np.exp(joint[0] - logsumexp(joint, axis=0)))


def _squash(counts: UncertainCounts) -> _Rows:
    order, starts = row_starts(counts.n, band(counts.expected, _EXPECTED_WIDTH), band(counts.variance, _VARIANCE_WIDTH))
    weight = np.diff(starts, append=len(order)).astype(np.float64)
    n = counts.n[order[starts]]
    expected = np.add.reduceat(counts.expected[order], starts) / weight
    variance = np.add.reduceat(counts.variance[order], starts) / weight
    raised, raised_zero = _log_binomial(n, _RATES[1:] * expected, _seen_shape(np.float64(RAISED_SHAPE), variance))
    return _Rows(UncertainCounts(n, expected, variance), weight, raised, raised_zero)


def _mean_loss(free: FloatArray, rows: _Rows) -> tuple[float, FloatArray]:
    """Give the mean negative log-likelihood per pair and its gradient in log shape and the log odds of the shares."""
    n, expected, variance = rows.counts.n, rows.counts.expected, rows.counts.variance
    shape = exp(free[0])
    seen_shape = _seen_shape(np.float64(shape), variance)
    background, background_zero = _log_binomial(n, expected, seen_shape)
    log_shares = np.append(0.0, free[1:]) - logsumexp(np.append(0.0, free[1:]))
    joint = np.vstack([background, rows.raised]) + log_shares[:, np.newaxis]
    log_likelihood = logsumexp(joint, axis=0)
    posterior = np.exp(joint - log_likelihood)
    seen_each = -np.expm1(np.vstack([background_zero, rows.raised_zero]))
    shares = np.exp(log_shares)
    seen = shares @ seen_each
    share_expected = expected / (seen_shape + expected)
    slope_zero = share_expected - np.log1p(expected / seen_shape)
    slope = psi(seen_shape + n) - psi(seen_shape) - n / (seen_shape + expected) + slope_zero
    slope_truncated = posterior[0] * slope + shares[0] / seen * np.exp(background_zero) * slope_zero
    in_log_shape = shape * (1 + variance) / (1 + variance * (1 + shape)) ** 2
    of_shares = (posterior - shares[:, np.newaxis] * seen_each / seen) @ rows.weight
    gradient = np.append(rows.weight @ (in_log_shape * slope_truncated), of_shares[1:])
    total = rows.weight.sum()
    return -float(rows.weight @ (log_likelihood - np.log(seen))) / total, -gradient / total


def _seen_shape(shape: FloatArray | np.float64, variance: FloatArray) -> FloatArray:
    return np.asarray(shape / (1 + variance * (1 + shape)))


def _log_binomial(n: FloatArray, mean: FloatArray, shape: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give log of the negative binomial probability of n, without the common 1 / n!, and of zero."""
    zero = -shape * np.log1p(mean / shape)
    return gammaln(shape + n) - gammaln(shape) + n * np.log(mean / (shape + mean)) + zero, zero
