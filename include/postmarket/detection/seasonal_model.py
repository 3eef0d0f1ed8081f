"""What the whole history of a series leads to expect of a period: trend and season, past outbreaks weighed down.

Quasi-Poisson regression on a linear trend and harmonics of the year, over all periods but the newest half year, so
that an outbreak that has begun does not explain itself. The data choose: the trend and each harmonic stay only if
their Wald test says so. Counts whose negative binomial score is above 2.58 lose weight with its square (Noufaily's
threshold; the score knows the skewness of small counts, Anscombe's residual does not).
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from include.postmarket.detection import negative_binomial, poisson_regression
from include.postmarket.detection.poisson_regression import Fit, Problem
from include.postmarket.detection.shapes import BoolArray, FloatArray, IntArray

OUTBREAK_SCORE = 2.58
MAY_BE_OUTBREAK = 1.8  # Anscombe residual below which the score is never as high as OUTBREAK_SCORE
TERM_P = 0.01  # a trend or harmonic stays with a p-value below this
ECHO_DOUBT = 1.0  # standard errors taken off the correlation of neighbouring residuals
YEARS_FOR_A_TREND = 3
ROUGHLY = 1e-4  # relative change of deviance at which the fits before the last may stop
YEARS_FOR_A_SEASON = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Whole series of B forecasts, each (B, T); ``observed`` says which periods exist and may be looked at."""

    counts: FloatArray
    exposure: FloatArray
    observed: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Of the period (column 0) and the one before (column 1), each (B, 2), with the dispersion of a new count.

    ``together`` (B,) is the correlation that the shared error of the two means brings. ``converged`` is (B,).
    """

    mean: FloatArray
    spread: FloatArray
    together: FloatArray
    converged: BoolArray


def newest_left_out(periods: int, year_length: float) -> int:
    """Give how many of ``periods`` past ones are left out: half a year, at most a quarter of them."""
    return min(int(year_length // 2), periods // 4)


def forecast(past: Past, period: IntArray, year_length: float, harmonics: int) -> Forecast:
    """Forecast ``period`` (B,) from what ``past.observed`` says is history; exposure of the period must be positive."""
    last, problem = _fitted(past, year_length, harmonics)
    return _at(last, problem, period, _design(np.stack([period, period - 1], axis=1), year_length, harmonics))


def course(past: Past, periods: int, year_length: float, harmonics: int) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Give the rate per exposure (B, ``periods``) from the first past period on, the dispersion (B,), and convergence.

    The dispersion is that of the counts about the fitted mean, at least 1, without the error of a forecast.
    """
    last, problem = _fitted(past, year_length, harmonics)
    linear = last.coefficients @ _design(np.arange(periods), year_length, harmonics).T
    return np.exp(np.clip(linear, -50.0, 50.0)), _spread(last, problem), last.converged


def _fitted(past: Past, year_length: float, harmonics: int) -> tuple[Fit, Problem]:
    """Fit level, trend and season to what was observed, keep what a Wald test keeps, and weigh outbreaks down."""
    length = past.counts.shape[1]
    design = _design(np.arange(length), year_length, harmonics)
    history = past.observed.sum(axis=1)
    used = np.ones((len(history), design.shape[1]), dtype=np.bool_)
    used[:, 1] = history >= YEARS_FOR_A_TREND * year_length
    used[:, 2:] = (history >= YEARS_FOR_A_SEASON * year_length)[:, None]
    log_exposure = np.log(np.where(past.exposure > 0, past.exposure, 1.0))
    weights = past.observed.astype(np.float64)
    counts = np.where(past.observed, past.counts, 0.0)
    problem = Problem(design=design, counts=counts, weights=weights, log_exposure=log_exposure, used=used)
    first = poisson_regression.fit(problem, _level(problem), ROUGHLY)
    problem = _reweighted(problem, first, past.observed)
    second = poisson_regression.fit(problem, first.mean, ROUGHLY)
    problem = _reweighted(_reduced(problem, second), second, past.observed)
    return poisson_regression.fit(problem, second.mean), problem


def _design(time: IntArray, year_length: float, harmonics: int) -> FloatArray:
    """Give the columns level, trend (in decades of periods) and harmonics, as the last axis."""
    angle = 2 * np.pi * np.arange(1, harmonics + 1) * time[..., None] / year_length
    waves = np.stack([np.cos(angle), np.sin(angle)], axis=-1).reshape(*time.shape, 2 * harmonics)
    return np.concatenate([np.ones((*time.shape, 1)), time[..., None] / (10 * year_length), waves], axis=-1)


def _level(problem: Problem) -> FloatArray:
    """Give the mean rate of each series as a start, half an event where there was none."""
    events = np.maximum(np.sum(problem.weights * problem.counts, axis=1), 0.5)
    exposure = np.exp(problem.log_exposure)
    at_risk = np.maximum(np.sum(problem.weights * exposure, axis=1), 1e-12)
    level: FloatArray = (events / at_risk)[:, None] * exposure
    return level


def _spread(fitted: Fit, problem: Problem) -> FloatArray:
    return np.maximum(poisson_regression.dispersion(fitted, problem), 1.0)


def _reweighted(problem: Problem, fitted: Fit, observed: BoolArray) -> Problem:
    """Give the problem with weight (2.58 / score)^2 for what looks like an outbreak; weights sum to their number."""
    spread = _spread(fitted, problem)
    residual = poisson_regression.anscombe_residuals(fitted, problem.counts) / np.sqrt(spread)[:, None]
    series, place = np.nonzero(observed & (residual > MAY_BE_OUTBREAK))
    height = negative_binomial.score(problem.counts[series, place], fitted.mean[series, place], spread[series])
    weights = observed.astype(np.float64)
    weights[series, place] = (OUTBREAK_SCORE / np.maximum(height, OUTBREAK_SCORE)) ** 2
    weights *= (observed.sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-12))[:, None]
    return Problem(
        design=problem.design,
        counts=problem.counts,
        weights=weights,
        log_exposure=problem.log_exposure,
        used=problem.used,
    )


def _reduced(problem: Problem, fitted: Fit) -> Problem:
    """Give the problem without the terms that no Wald test keeps: harmonics from the highest, and the trend."""
    spread = _spread(fitted, problem)
    used = problem.used.copy()
    open_ = np.ones(len(used), dtype=np.bool_)
    for first in range(used.shape[1] - 2, 1, -2):
        pair = slice(first, first + 2)
        kept = used[:, first] & (_wald(fitted, pair, spread) > stats.chi2.isf(TERM_P, 2))
        open_ &= ~kept
        used[open_, pair] = False
    used[:, 1] &= _wald(fitted, slice(1, 2), spread) > stats.chi2.isf(TERM_P, 1)
    return Problem(
        design=problem.design,
        counts=problem.counts,
        weights=problem.weights,
        log_exposure=problem.log_exposure,
        used=used,
    )


def _wald(fitted: Fit, terms: slice, spread: FloatArray) -> FloatArray:
    size = terms.stop - terms.start
    block = fitted.covariance[:, terms, terms]
    absent = block[:, 0, 0] == 0
    block = np.where(absent[:, None, None], np.eye(size), block)
    value = fitted.coefficients[:, terms]
    solved = np.linalg.solve(block, value[:, :, None])[:, :, 0]
    return np.where(absent, 0.0, np.sum(value * solved, axis=1) / spread)


def _at(fitted: Fit, problem: Problem, period: IntArray, rows: FloatArray) -> Forecast:
    """Predict at the design ``rows`` (B, 2, p) of the period and the one before."""
    spread = _spread(fitted, problem)
    batch = np.arange(len(period))[:, None]
    offset = problem.log_exposure[batch, np.maximum(np.stack([period, period - 1], axis=1), 0)]
    linear = np.clip(np.einsum("bkp,bp->bk", rows, fitted.coefficients) + offset, -50.0, 50.0)
    mean = np.exp(linear)
    error = np.einsum("bkp,bpq,blq->bkl", rows, fitted.covariance, rows) * spread[:, None, None]
    own = np.stack([error[:, 0, 0], error[:, 1, 1]], axis=1)
    total = spread[:, None] + own * mean
    shared = error[:, 0, 1] * np.sqrt(mean[:, 0] * mean[:, 1] / (total[:, 0] * total[:, 1]))
    together = np.clip(shared + _echo(fitted, problem, spread), 0.0, 1.0)
    return Forecast(mean=mean, spread=total, together=together, converged=fitted.converged)


def _echo(fitted: Fit, problem: Problem, spread: FloatArray) -> FloatArray:
    """Give the correlation (B,) of neighbouring residuals, less its standard error: 0 unless it is plain."""
    deviation = (problem.counts - fitted.mean) / np.sqrt(fitted.mean * spread[:, None])
    residual = np.sqrt(problem.weights) * np.clip(deviation, -OUTBREAK_SCORE, OUTBREAK_SCORE)
    pairs = (problem.weights[:, 1:] > 0) & (problem.weights[:, :-1] > 0)
    number = np.maximum(pairs.sum(axis=1), 1)
    square = np.maximum(np.sum(residual**2, axis=1), 1e-12) / np.maximum(np.sum(problem.weights > 0, axis=1), 1)
    product = np.sum(residual[:, 1:] * residual[:, :-1] * pairs, axis=1) / number
    echo: FloatArray = np.maximum(product / square - ECHO_DOUBT / np.sqrt(number), 0.0)
    return echo
