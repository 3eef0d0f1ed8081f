"""Prior of the relative report rate: a mixture of two gammas, fitted to the pairs that were observed (MGPS).

DuMouchel 1999, DuMouchel & Pregibon 2001: n given E and lambda is Poisson(lambda E), lambda is P Gamma(a1, b1) + (1 -
P) Gamma(a2, b2) (shape, rate), so n is a mixture of negative binomials. Pairs with n = 0 are not observed, so each
component is truncated on its own, P f1(n) / (1 - f1(0)) + (1 - P) f2(n) / (1 - f2(0)), as openEBGM and PhViD do (and
not the mixture as a whole, as vigipy does).

The fit works on squashed data: pairs with equal n and nearly equal E share a row. A coarse fit from several starts, a
fine one from the best; the likelihood that is reported is that of all pairs. Where priors fit so nearly alike that the
data cannot tell them apart, the one that most starts lead to is taken and the others are counted as rivals (decision
10). An answer on a boundary is an answer: it is reported, with what it means, instead of a refusal.
"""

from dataclasses import dataclass
from math import exp

import numpy as np
from scipy.optimize import OptimizeResult, minimize
from scipy.special import expit, gammaln, log_expit, logit, psi

from include.postmarket.detection.blas import one_blas_thread
from include.postmarket.detection.shapes import FloatArray
from include.postmarket.detection.squashing import SquashedPairs, squash, unsquashed

_BOUND = 14.0  # of the logs of mean and shape, and of the logit of the weight
# DuMouchel's own (1999), and every pairing of a raised mean of 3 or 12 with shapes from wide to sharp.
_STARTS = (
    (0.2, 0.1, 2.0, 4.0, 1 / 3),
    *((a1, a1 / mean, a2, a2 / 0.9, 0.1) for mean in (3.0, 12.0) for a1 in (0.3, 10.0) for a2 in (1.0, 20.0)),
)
_COARSE, _FINE = 0.1, 0.01  # width of log E within which pairs of equal n share a row
_SAME_LIKELIHOOD = 1e-6  # relative: two starts that differ by less have found the same answer
_LARGE_SHAPE = 1e4
_INDISTINCT = 1.0  # of the log-likelihood of all pairs: priors nearer than this the data cannot tell apart
_FLAT = 1e-4  # largest slope of the mean log-likelihood, per unit of the free parameters, of a converged fit


@dataclass(frozen=True, slots=True, kw_only=True)
class GammaMixture:
    """Shapes and rates of the two gammas; ``weight`` is the share of the first, which has the higher mean."""

    shape_1: float
    rate_1: float
    shape_2: float
    rate_2: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MixtureFit:
    """A fitted prior and the record of the fit.

    ``negative_log_likelihood`` is that of all pairs, truncated at n >= 1. ``converged`` is True where the slope is flat
    (apart from parameters on a boundary) and at least two of the ``starts`` agree on the likelihood; ``rivals`` counts
    other priors within one unit of log-likelihood, and ``boundary`` says in words what degenerated.
    """

    prior: GammaMixture
    negative_log_likelihood: float
    converged: bool
    agreeing_starts: int
    starts: int
    rivals: int
    boundary: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Component:
    """Log-probability of each row under one truncated component and its slopes in log mean and log shape."""

    log_probability: FloatArray
    slope_mean: FloatArray
    slope_shape: FloatArray


@one_blas_thread()
def fit(n: FloatArray, expected: FloatArray) -> MixtureFit:
    """Fit the prior by maximum likelihood to counts ``n`` >= 1 and ``expected`` > 0, both of shape (P,), P >= 1."""
    coarse = squash(n, expected, _COARSE)
    optima = _optima([_maximise(coarse, _free(*start)) for start in _STARTS])
    near = [same for same in optima if (same[0].fun - optima[0][0].fun) * len(n) <= _INDISTINCT]
    chosen = max(near, key=len)  # of equals the first, which is the likelier
    final = _maximise(squash(n, expected, _FINE), chosen[0].x)
    slope = np.where(np.abs(final.x) < _BOUND, final.jac, 0.0)
    prior = _prior(final.x)
    return MixtureFit(
        prior=prior,
        negative_log_likelihood=negative_log_likelihood(prior, n, expected),
        converged=bool(len(chosen) > 1 and np.abs(slope).max() < _FLAT),
        agreeing_starts=len(chosen),
        starts=len(_STARTS),
        rivals=len(near) - 1,
        boundary=_boundary(prior),
    )


def negative_log_likelihood(prior: GammaMixture, n: FloatArray, expected: FloatArray) -> float:
    """Give the negative log-likelihood of all pairs under the prior, each component truncated at n >= 1."""
    free = _free(prior.shape_1, prior.rate_1, prior.shape_2, prior.rate_2, prior.weight)
    return _mean_loss(free, unsquashed(n, expected))[0] * len(n)


def _optima(found: list[OptimizeResult]) -> list[list[OptimizeResult]]:
    """Put fits of the same likelihood together, the likeliest first."""
    optima: list[list[OptimizeResult]] = []
    for result in sorted(found, key=lambda result: float(result.fun)):
        if optima and result.fun <= optima[-1][0].fun + _SAME_LIKELIHOOD * abs(optima[-1][0].fun):
            optima[-1].append(result)
        else:
            optima.append([result])
    return optima


def _maximise(rows: SquashedPairs, start: FloatArray) -> OptimizeResult:
    bounds = [(-_BOUND, _BOUND)] * 5
    options = {"maxiter": 1000, "maxfun": 2000, "ftol": 1e-15, "gtol": 1e-9, "maxcor": 20}
    start = np.clip(start, -_BOUND, _BOUND)
    return minimize(_mean_loss, start, args=(rows,), jac=True, method="L-BFGS-B", bounds=bounds, options=options)


def _mean_loss(free: FloatArray, rows: SquashedPairs) -> tuple[float, FloatArray]:
    """Give the mean negative log-likelihood per pair and its gradient in the free parameters."""
    first, second = _component(free[0], free[1], rows), _component(free[2], free[3], rows)
    joint_1 = log_expit(free[4]) + first.log_probability
    joint_2 = log_expit(-free[4]) + second.log_probability
    log_likelihood = np.logaddexp(joint_1, joint_2)
    of_first = np.exp(joint_1 - log_likelihood) * rows.weight
    of_second = rows.weight - of_first
    total = rows.weight.sum()
    gradient = np.array(
        [
            of_first @ first.slope_mean,
            of_first @ first.slope_shape,
            of_second @ second.slope_mean,
            of_second @ second.slope_shape,
            of_first.sum() - expit(free[4]) * total,
        ]
    )
    return -float(rows.weight @ log_likelihood) / total, -gradient / total


def _component(log_mean: float, log_shape: float, rows: SquashedPairs) -> _Component:
    """Negative binomial with shape a and rate b = a / mean, truncated at n >= 1: t below is -log of P(0) / a."""
    a, b = exp(log_shape), exp(log_shape - log_mean)
    counts, n, share = rows.counts, rows.counts[rows.place], rows.expected / (b + rows.expected)
    t = np.log1p(rows.expected / b)
    observed = -np.expm1(-a * t)
    inflation = 1 / observed  # 1 + P(0) / (1 - P(0))
    binomial = (_log_rising(a, counts) - gammaln(counts + 1))[rows.place]
    in_shape = a * ((psi(a + counts) - psi(a))[rows.place] - t * inflation)
    in_rate = a * share * inflation - n * (1 - share)
    return _Component(
        log_probability=binomial + n * np.log(share) - a * t - np.log(observed),
        slope_mean=-in_rate,
        slope_shape=in_shape + in_rate,
    )


def _log_rising(a: float, counts: FloatArray) -> FloatArray:
    """Give log of gamma(a + n) / gamma(a); the difference of two logs of 1e7 would leave noise that stops the fit."""
    if a < _LARGE_SHAPE:
        return np.asarray(gammaln(a + counts) - gammaln(a))
    beyond = 1 / (a + counts) - 1 / a  # Stirling's series; its next term is below 1e-14 from here on
    return np.asarray((a + counts - 0.5) * np.log1p(counts / a) + counts * (np.log(a) - 1) + beyond / 12)


def _free(shape_1: float, rate_1: float, shape_2: float, rate_2: float, weight: float) -> FloatArray:
    return np.array(
        [
            np.log(shape_1 / rate_1),
            np.log(shape_1),
            np.log(shape_2 / rate_2),
            np.log(shape_2),
            logit(weight),
        ]
    )


def _prior(free: FloatArray) -> GammaMixture:
    mean_1, shape_1, mean_2, shape_2, weight = (float(value) for value in free)
    if mean_1 < mean_2:
        mean_1, shape_1, mean_2, shape_2, weight = mean_2, shape_2, mean_1, shape_1, -weight
    return GammaMixture(
        shape_1=exp(shape_1),
        rate_1=exp(shape_1 - mean_1),
        shape_2=exp(shape_2),
        rate_2=exp(shape_2 - mean_2),
        weight=float(expit(weight)),
    )


def _boundary(prior: GammaMixture) -> tuple[str, ...]:
    found = []
    for name, shape in (("first", prior.shape_1), ("second", prior.shape_2)):
        if shape < 1e-5:
            found.append(f"shape of the {name} component is zero: its counts follow a log-series")
        if shape > 1e5:
            found.append(f"shape of the {name} component is infinite: its rate is one value")
    if not 1e-5 < prior.weight < 1 - 1e-5:
        found.append("one component holds all pairs")
    return tuple(found)
