"""Gamma-Poisson shrinker (MGPS): the posterior of the relative report rate, with EBGM, EB05 and EB95.

DuMouchel 1999: given the prior of `gamma_mixture`, lambda of a pair is a posteriori Q Gamma(a1 + n, b1 + E) +
(1 - Q) Gamma(a2 + n, b2 + E); EBGM is its geometric mean, EB05 and EB95 its quantiles. Q weighs the components by their
negative binomial probability of n, not truncated, as published and as openEBGM does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, gammainc, gammaincc, gammaincinv, gammaln, logit, psi

from include.postmarket.detection.contingency import has_no_comparison, reason_where
from include.postmarket.detection.gamma_mixture import GammaMixture, MixtureFit, fit
from include.postmarket.detection.shapes import BoolArray, FloatArray, MethodInputError, Pairs, Reason, ReasonArray

_MINIMUM_PAIRS = 20  # five parameters are fitted
_AT_A_TIME = 1_000_000
_MOST_STEPS = 60
_NEGLIGIBLE = 1e-13
_LAST_STEP = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class GpsParameters:
    """A pair alarms where EB05, EBGM and n all reach their minimum; EB05 >= 2 alone is the FDA's rule."""

    minimum_eb05: float = 2.0
    minimum_ebgm: float = 0.0
    minimum_reports: float = 1.0


@dataclass(frozen=True, slots=True)
class Posterior:
    """Posterior of each pair's relative rate, shape (P,): weight of the first component, geometric mean, quantiles."""

    weight: FloatArray
    ebgm: FloatArray
    eb05: FloatArray
    eb95: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class GammaPoissonShrinker:
    """Scores of each pair, shape (P,), and the ``fit`` behind them, None where there were too few pairs for one.

    Where the fit did not converge the scores stand, ``evaluated`` is False and ``reason`` says so; a fit on a boundary
    is evaluated and says what degenerated in ``fit.boundary``.
    """

    pairs: Pairs
    fit: MixtureFit | None
    posterior: Posterior
    alarm: BoolArray
    evaluated: BoolArray
    reason: ReasonArray


def detect(pairs: Pairs, params: GpsParameters) -> GammaPoissonShrinker:
    """Fit the prior to all pairs and score each of them."""
    alone = has_no_comparison(pairs)
    if len(pairs.n) < _MINIMUM_PAIRS:
        fitted, converged = None, False
        posterior = Posterior(*np.full((4, len(pairs.n)), np.nan))
        why = Reason.TOO_FEW_PAIRS
    else:
        fitted = fit(pairs.n, pairs.expected)
        converged, why = fitted.converged, Reason.NO_CONVERGENCE
        posterior = score(pairs, fitted.prior)
    failed = np.full(len(pairs.n), not converged)
    evaluated = ~alone & ~failed
    return GammaPoissonShrinker(
        pairs=pairs,
        fit=fitted,
        posterior=posterior,
        alarm=evaluated
        & (posterior.eb05 >= params.minimum_eb05)
        & (posterior.ebgm >= params.minimum_ebgm)
        & (pairs.n >= params.minimum_reports),
        evaluated=evaluated,
        reason=reason_where((failed, why), (alone, Reason.ONE_CATEGORY)),
    )


def score(pairs: Pairs, prior: GammaMixture) -> Posterior:
    """Give the posterior of each pair under a given prior."""
    parts = [_score(part, prior) for part in _parts(pairs)]
    whole = [np.concatenate([getattr(part, name) for part in parts]) for name in Posterior.__slots__]
    return Posterior(*whole)


def _parts(pairs: Pairs) -> Iterator[Pairs]:
    """Give the pairs some at a time: the quantiles hold thirty numbers a pair."""
    for start in range(0, max(len(pairs.n), 1), _AT_A_TIME):
        part = slice(start, start + _AT_A_TIME)
        yield replace(pairs, n=pairs.n[part], expected=pairs.expected[part])


def _score(pairs: Pairs, prior: GammaMixture) -> Posterior:
    weight = posterior_weight(pairs, prior)
    log_mean = weight * _log_mean(pairs, prior.shape_1, prior.rate_1)
    log_mean += (1 - weight) * _log_mean(pairs, prior.shape_2, prior.rate_2)
    return Posterior(
        weight=weight,
        ebgm=np.exp(log_mean),
        eb05=quantile(pairs, prior, weight, 0.05),
        eb95=quantile(pairs, prior, weight, 0.95),
    )


def posterior_weight(pairs: Pairs, prior: GammaMixture) -> FloatArray:
    """Give Q, the posterior probability of the first component, shape (P,)."""
    log_odds = _log_probability(pairs, prior.shape_1, prior.rate_1) - _log_probability(
        pairs, prior.shape_2, prior.rate_2
    )
    return np.asarray(expit(logit(prior.weight) + log_odds))


def quantile(pairs: Pairs, prior: GammaMixture, weight: FloatArray, probability: float) -> FloatArray:
    """Give the quantile of each pair's posterior, shape (P,), to 1e-10 relative.

    Raises MethodInputError where ``probability`` is not between 0 and 1.
    """
    if not 0 < probability < 1:
        raise MethodInputError(f"probability is {probability}: give a number between 0 and 1, such as 0.05")
    shapes = np.stack([prior.shape_1 + pairs.n, prior.shape_2 + pairs.n])
    rates = np.stack([prior.rate_1 + pairs.expected, prior.rate_2 + pairs.expected])
    # Each component's own quantile depends on n alone, but for its rate, and n repeats.
    counts, place = np.unique(pairs.n, return_inverse=True)
    unit = gammaincinv(np.stack([prior.shape_1 + counts, prior.shape_2 + counts]), probability)
    ends = np.log(unit[:, place] / rates)
    result = np.where(weight > 0.5, ends[0], ends[1])
    mixed = np.flatnonzero((weight > _NEGLIGIBLE) & (weight < 1 - _NEGLIGIBLE) & (ends[0] != ends[1]))
    shares = np.stack([weight, 1 - weight])
    result[mixed] = _mixed_quantile(shapes[:, mixed], rates[:, mixed], shares[:, mixed], ends[:, mixed], probability)
    return np.asarray(np.exp(result))


def _mixed_quantile(
    shapes: FloatArray, rates: FloatArray, shares: FloatArray, ends: FloatArray, probability: float
) -> FloatArray:
    """Newton steps in log lambda on the log of the tail, held between the quantiles of the two components."""
    tail, sign = (gammainc, 1.0) if probability < 0.5 else (gammaincc, -1.0)
    goal = np.log(min(probability, 1 - probability))
    log_norm = shapes * np.log(rates) - gammaln(shapes)
    low, high = ends.min(axis=0), ends.max(axis=0)
    x = (shares * ends).sum(axis=0)
    left = np.arange(len(x))
    for _ in range(_MOST_STEPS):
        scaled = rates[:, left] * np.exp(x[left])
        mass = (shares[:, left] * tail(shapes[:, left], scaled)).sum(axis=0)
        density = (shares[:, left] * np.exp(log_norm[:, left] + shapes[:, left] * x[left] - scaled)).sum(axis=0)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            excess = sign * (np.log(mass) - goal)
            step = x[left] - excess * mass / density
        low[left] = np.where(excess < 0, x[left], low[left])
        high[left] = np.where(excess < 0, high[left], x[left])
        inside = (step >= low[left]) & (step <= high[left])
        step = np.where(inside, step, (low[left] + high[left]) / 2)
        # Newton doubles the digits: after a step of 1e-6 the next would be of 1e-12.
        moving = np.abs(step - x[left]) > _LAST_STEP
        x[left] = step
        left = left[moving]
        if not len(left):
            break
    return np.asarray(x)


def _log_mean(pairs: Pairs, shape: float, rate: float) -> FloatArray:
    counts, place = np.unique(pairs.n, return_inverse=True)
    return np.asarray(psi(shape + counts)[place] - np.log(rate + pairs.expected))


def _log_probability(pairs: Pairs, shape: float, rate: float) -> FloatArray:
    """Log of the negative binomial probability of n, without the factor 1 / n! that both components share."""
    counts, place = np.unique(pairs.n, return_inverse=True)
    total_rate = rate + pairs.expected
    log_binomial = (gammaln(shape + counts) - gammaln(shape))[place]
    return np.asarray(
        log_binomial + pairs.n * np.log(pairs.expected / total_rate) - shape * np.log1p(pairs.expected / rate)
    )
