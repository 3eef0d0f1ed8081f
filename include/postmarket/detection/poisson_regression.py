"""Log-linear Poisson regressions of many series at once: one design, one batch of counts, iteratively reweighted.

All problems share the design matrix, so that X'WX of the whole batch is one matrix product. Start, stop rule and
number of iterations are those of R's glm.fit (mu = y + 0.1; relative change of deviance below 1e-8; 25), so that fits
that hardly converge, such as a season without events, stop where R stops.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from include.postmarket.detection.shapes import BoolArray, FloatArray

START = 0.1
CLOSE = 1e-8
MOST_ITERATIONS = 25
ONE_THREAD = 250_000  # multiplications up to which OpenBLAS stays in one thread
RIDGE = 1e-10  # on the scaled diagonal: columns that the observed periods cannot tell apart get huge errors, no failure
WIDEST = 50.0  # of the linear predictor: beyond it exp would only overflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """B regressions of n counts on one ``design`` (n, p).

    ``counts``, prior ``weights`` (0 leaves a count out) and ``log_exposure`` are (B, n); ``used`` (B, p) says which
    columns each regression has.
    """

    design: FloatArray
    counts: FloatArray
    weights: FloatArray
    log_exposure: FloatArray
    used: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What was found: ``coefficients`` (B, p), 0 where not used; ``mean`` (B, n).

    ``covariance`` (B, p, p) is (X'WX)^-1, to be multiplied by the dispersion; ``working`` (B, n) the weights W of the
    last iteration; ``freedom`` (B,) the residual degrees of freedom, at least 1.
    """

    coefficients: FloatArray
    covariance: FloatArray
    mean: FloatArray
    working: FloatArray
    freedom: FloatArray
    converged: BoolArray


def fit(problem: Problem, start: FloatArray | None = None, close: float = CLOSE) -> Fit:
    """Fit all regressions of the problem, from the means ``start`` (B, n) or, as R does, from counts + 0.1.

    It stops when the relative change of the deviance is below ``close``.
    """
    batch, columns = problem.used.shape
    products = _products(problem.design)
    mean = problem.counts + START if start is None else start.copy()
    linear = np.log(mean)
    constant = special.xlogy(problem.counts, problem.counts) - problem.counts
    deviance = _deviance(problem.counts, problem.weights, linear, mean, constant)
    coefficients = np.zeros((batch, columns))
    covariance = np.zeros((batch, columns, columns))
    working = problem.weights * mean
    converged = np.zeros(batch, dtype=np.bool_)
    active: slice | np.ndarray = slice(None)
    for _ in range(MOST_ITERATIONS):
        y, w, offset = problem.counts[active], problem.weights[active], problem.log_exposure[active]
        iterated = w * mean[active]
        response = _times(iterated * (linear[active] - offset) + w * (y - mean[active]), problem.design)
        found, inverse = _solve(_times(iterated, products), response, problem.used[active])
        new_linear = np.clip(_times(found, problem.design.T) + offset, -WIDEST, WIDEST)
        new_mean = np.exp(new_linear)
        new = _deviance(y, w, new_linear, new_mean, constant[active])
        done = np.abs(new - deviance[active]) < close * (np.abs(new) + 0.1)
        coefficients[active], covariance[active], working[active] = found, inverse, iterated
        linear[active], mean[active], deviance[active], converged[active] = new_linear, new_mean, new, done
        if done.all():
            break
        active = np.flatnonzero(~converged)
    freedom = (problem.weights > 0).sum(axis=1) - problem.used.sum(axis=1)
    return Fit(
        coefficients=coefficients,
        covariance=covariance,
        mean=mean,
        working=working,
        freedom=np.maximum(freedom, 1).astype(np.float64),
        converged=converged,
    )


def dispersion(fitted: Fit, problem: Problem) -> FloatArray:
    """Give Pearson's dispersion (B,): weighted squared residuals over their degrees of freedom; may be below 1."""
    squared: FloatArray = np.sum(problem.weights * (problem.counts - fitted.mean) ** 2 / fitted.mean, axis=1)
    return squared / fitted.freedom


def leverage(fitted: Fit, problem: Problem) -> FloatArray:
    """Give the diagonal of the hat matrix (B, n)."""
    batch = len(fitted.coefficients)
    return fitted.working * _times(fitted.covariance.reshape(batch, -1), _products(problem.design).T)


def anscombe_residuals(fitted: Fit, counts: FloatArray) -> FloatArray:
    """Give 3/2 (y^(2/3) mu^(-1/6) - mu^(1/2)), about normal with variance phi (1 - h) (Farrington et al. 1996)."""
    return 1.5 * (np.cbrt(counts**2) * fitted.mean ** (-1 / 6) - np.sqrt(fitted.mean))


def _times(left: FloatArray, right: FloatArray) -> FloatArray:
    """Multiply in blocks so small that BLAS starts no threads, which on a busy machine cost more than they give."""
    rows = max(ONE_THREAD // right.size, 1)
    product: FloatArray = np.concatenate([left[at : at + rows] @ right for at in range(0, len(left), rows)])
    return product


def _products(design: FloatArray) -> FloatArray:
    rows, columns = design.shape
    return (design[:, :, None] * design[:, None, :]).reshape(rows, columns * columns)


def _solve(information: FloatArray, response: FloatArray, used: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Solve the normal equations, scaled by their diagonal; a column not used or without weight gets 0."""
    batch, columns = used.shape
    matrix = information.reshape(batch, columns, columns)
    place = np.arange(columns)
    kept = used & (matrix[:, place, place] > 0)
    matrix = matrix * (kept[:, :, None] & kept[:, None, :])
    matrix[:, place, place] += ~kept
    scale = kept / np.sqrt(matrix[:, place, place])
    matrix *= np.where(kept, scale, 1.0)[:, :, None] * np.where(kept, scale, 1.0)[:, None, :]
    matrix[:, place, place] += RIDGE
    inverse = np.linalg.inv(matrix) * scale[:, :, None] * scale[:, None, :]
    return (inverse @ response[:, :, None])[:, :, 0], inverse


def _deviance(
    counts: FloatArray, weights: FloatArray, linear: FloatArray, mean: FloatArray, constant: FloatArray
) -> FloatArray:
    total: FloatArray = 2 * np.sum(weights * (constant - counts * linear + mean), axis=1)
    return total
