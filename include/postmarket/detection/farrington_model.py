"""What Farrington (1996) and Noufaily (2013) share: reference periods, the reweighted fit, its prediction.

As in R surveillance::farringtonFlexible: the weeks around the same week of past years, with a factor of the season
between them where there are several levels; a quasi-Poisson regression, once reweighted by Anscombe residuals; a trend
that is dropped unless the years suffice, it is significant, and it predicts no more than was ever seen.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import special

from include.postmarket.detection import poisson_regression
from include.postmarket.detection.poisson_regression import Fit, Problem
from include.postmarket.detection.shapes import BoolArray, FloatArray, IntArray

YEARS_FOR_A_TREND = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What a period is compared with: how many periods ``ago`` (n,), and the ``level`` of the season (n,)."""

    ago: IntArray
    level: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The reference counts of B periods, each (B, n); ``observed`` says which of them exist."""

    counts: FloatArray
    log_exposure: FloatArray
    observed: BoolArray


class ErrorSpread(StrEnum):
    """Which dispersion the standard errors carry."""

    PEARSON = "Pearson's, at least 1 for the prediction"
    FLEXIBLE = "of working residuals with the prior weights, as R's flexible code has it"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRules:
    """Above which residual an outbreak loses weight, the p-value a trend needs, years of history, and the errors."""

    reweight_above: float
    trend_p: float
    years: int
    errors: ErrorSpread


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Of B periods: log of the expected count per exposure, its standard error, dispersion >= 1, and convergence."""

    log_mean: FloatArray
    error: FloatArray
    spread: FloatArray
    converged: BoolArray


def reference_periods(*, years: int, half_window: int, year_length: int, levels: int, skip: int) -> Reference:
    """Give the reference periods: those more than ``skip`` ago, back to ``years`` years and a half window."""
    level_ago: dict[int, int] = {}
    gap = year_length - 2 * half_window - 1
    for year in range(1, years + 1):
        centre = year * year_length
        level_ago.update({centre + lag: levels for lag in range(-half_window, half_window + 1)})
        ago = centre - half_window - 1
        for block in range(levels - 1):
            share = gap // (levels - 1) + (block < gap % (levels - 1))
            level_ago.update(dict.fromkeys(range(ago, ago - share, -1), block + 1))
            ago -= share
    kept = sorted((ago for ago in level_ago if ago > skip), reverse=True)
    return Reference(ago=np.array(kept), level=np.array([level_ago[ago] for ago in kept]))


def predict(history: History, reference: Reference, rules: ModelRules) -> Prediction:
    """Fit the reference counts and predict the period itself, with the trend where it may stay."""
    present = np.unique(reference.level)
    season = (reference.level[:, None] == present).astype(np.float64)
    trend = -reference.ago[:, None] / float(reference.ago[0])
    design = np.hstack([season, trend])
    here = np.append((present == reference.level.max()).astype(np.float64), 0.0)
    batch = len(history.counts)
    used = np.ones((batch, design.shape[1]), dtype=np.bool_)
    with_trend, trend_p = _fit_twice((design, here), history, used, rules)
    seen = np.where(history.observed, history.counts, 0.0).max(axis=1)
    stays = with_trend.converged & (trend_p < rules.trend_p) & (np.exp(with_trend.log_mean) <= seen)
    stays &= rules.years >= YEARS_FOR_A_TREND
    if stays.all():
        return with_trend
    used[:, -1] = False
    flat, _ = _fit_twice((design, here), history, used, rules)
    return Prediction(
        log_mean=np.where(stays, with_trend.log_mean, flat.log_mean),
        error=np.where(stays, with_trend.error, flat.error),
        spread=np.where(stays, with_trend.spread, flat.spread),
        converged=np.where(stays, with_trend.converged, flat.converged),
    )


def _fit_twice(
    rows: tuple[FloatArray, FloatArray], history: History, used: BoolArray, rules: ModelRules
) -> tuple[Prediction, FloatArray]:
    """Fit the design, reweight, fit again and predict at the row ``here``; give also the p-value of its last column."""
    design, here = rows
    weights = history.observed.astype(np.float64)
    problem = Problem(
        design=design, counts=history.counts, weights=weights, log_exposure=history.log_exposure, used=used
    )
    first = poisson_regression.fit(problem)
    weights = _weights(first, problem, rules.reweight_above)
    problem = Problem(
        design=design, counts=history.counts, weights=weights, log_exposure=history.log_exposure, used=used
    )
    last = poisson_regression.fit(problem)
    pearson = poisson_regression.dispersion(last, problem)
    of_slope, of_prediction = pearson, np.maximum(pearson, 1.0)
    if rules.errors is ErrorSpread.FLEXIBLE:
        # R overwrites the working weights by the prior ones before it asks for standard errors
        squares = np.sum(weights * ((history.counts - last.mean) / last.mean) ** 2, axis=1)
        of_slope = of_prediction = squares / last.freedom
    variance = np.einsum("bij,i,j->b", last.covariance, here, here) * of_prediction
    slope_error = np.sqrt(np.maximum(last.covariance[:, -1, -1] * of_slope, 1e-300))
    prediction = Prediction(
        log_mean=np.clip(last.coefficients @ here, -poisson_regression.WIDEST, poisson_regression.WIDEST),
        error=np.sqrt(np.maximum(variance, 0.0)),
        spread=np.maximum(pearson, 1.0),
        converged=first.converged,
    )
    return prediction, 2 * special.stdtr(last.freedom, -np.abs(last.coefficients[:, -1]) / slope_error)


def _weights(first: Fit, problem: Problem, above: float) -> FloatArray:
    """Give weights (B, n) that sum to the number of counts: s^-2 where the residual s is above ``above``, else 1."""
    spread = np.maximum(poisson_regression.dispersion(first, problem), 1.0)
    left = np.maximum(1 - poisson_regression.leverage(first, problem), 1e-12)
    residual = poisson_regression.anscombe_residuals(first, problem.counts) / np.sqrt(spread[:, None] * left)
    weight: FloatArray = problem.weights * np.where(residual > above, 1 / np.maximum(residual, above) ** 2, 1.0)
    scale: FloatArray = np.sum(problem.weights, axis=1) / np.sum(weight, axis=1)
    return weight * scale[:, None]
