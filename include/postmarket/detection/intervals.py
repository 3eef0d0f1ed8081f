"""Exact intervals and bounds of a rate (events per exposure) and of a proportion, for risk estimation and reports.

Formulas: Garwood (1936) for the Poisson mean, Clopper and Pearson (1934) for the binomial proportion; the conjugate
Gamma-Poisson posterior for a rate with a design-time prediction as prior. All functions broadcast over arrays.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from include.postmarket.detection.evaluation import require
from include.postmarket.detection.shapes import FloatArray

Numbers = npt.ArrayLike


def poisson_interval(events: Numbers, exposure: Numbers, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Give the exact two-sided interval of the rate: chi2(a/2; 2x)/2T and chi2(1-a/2; 2x+2)/2T, from 0 at x = 0.

    Raises `MethodInputError` for negative events, exposure that is not positive, or a level outside (0, 1).
    """
    x, t = _checked_rate(events, exposure, level)
    tail = (1 - level) / 2
    return _gamma_lower(x, tail) / t, special.gammainccinv(x + 1, tail) / t


def poisson_upper_bound(events: Numbers, exposure: Numbers, level: float = 0.95) -> FloatArray:
    """Give the exact one-sided upper bound of the rate, per unit of exposure."""
    x, t = _checked_rate(events, exposure, level)
    bound: FloatArray = special.gammainccinv(x + 1, 1 - level) / t
    return bound


def zero_event_upper_bound(exposure: Numbers, level: float = 0.95) -> FloatArray:
    """Give the one-sided upper bound of a rate of which no event was seen: -ln(1 - level)/T (2.9957/T at 95 %)."""
    _, t = _checked_rate(0.0, exposure, level)
    bound: FloatArray = -math.log1p(-level) / t
    return bound


def binomial_interval(events: Numbers, trials: Numbers, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Give the exact two-sided interval of the proportion (Clopper-Pearson), 0 and 1 at its ends.

    Raises `MethodInputError` for negative events, more events than trials, no trial, or a level outside (0, 1).
    """
    x, n = _checked_proportion(events, trials, level)
    tail = (1 - level) / 2
    return _beta_lower(x, n, tail), _beta_upper(x, n, tail)


def binomial_upper_bound(events: Numbers, trials: Numbers, level: float = 0.95) -> FloatArray:
    """Give the exact one-sided upper bound of the proportion."""
    x, n = _checked_proportion(events, trials, level)
    return _beta_upper(x, n, 1 - level)


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePrior:
    """A predicted rate as Gamma(events, exposure): ``events / exposure`` is the rate, ``exposure`` what it is worth."""

    events: float
    exposure: float

    def __post_init__(self) -> None:
        require(
            math.isfinite(self.events) and self.events > 0 and math.isfinite(self.exposure) and self.exposure >= 0,
            method="rate prior",
            wrong=f"prior of {self.events} events in {self.exposure} exposure",
            todo="give positive events and an exposure of 0 or more",
        )

    def capped(self, most: float) -> "RatePrior":
        """Give the same rate worth at most ``most`` exposure: a strong prediction must not hide the field."""
        require(most > 0, method="rate prior", wrong=f"cap of {most} exposure", todo="give a positive cap")
        if self.exposure <= most:
            return self
        return RatePrior(events=self.events * most / self.exposure, exposure=most)


JEFFREYS = RatePrior(events=0.5, exposure=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePosterior:
    """Gamma(``events``, ``exposure``) belief about a rate after the field was heard."""

    events: FloatArray
    exposure: FloatArray

    @property
    def mean(self) -> FloatArray:
        """Give the posterior mean rate, per unit of exposure."""
        return self.events / self.exposure

    def upper_bound(self, level: float = 0.95) -> FloatArray:
        """Give the one-sided credible upper bound of the rate."""
        _check_level(level)
        bound: FloatArray = special.gammainccinv(self.events, 1 - level) / self.exposure
        return bound

    def probability_above(self, rate: Numbers) -> FloatArray:
        """Give the probability that the true rate is above ``rate``."""
        beyond: FloatArray = special.gammaincc(self.events, np.asarray(rate, dtype=np.float64) * self.exposure)
        return beyond


def rate_posterior(events: Numbers, exposure: Numbers, prior: RatePrior = JEFFREYS) -> RatePosterior:
    """Give Gamma(a0 + x, b0 + T), the posterior of the rate; cap the prior before (`RatePrior.capped`)."""
    x, t = _checked_rate(events, exposure, level=0.5)
    return RatePosterior(events=x + prior.events, exposure=t + prior.exposure)


def _gamma_lower(x: FloatArray, tail: float) -> FloatArray:
    bound: FloatArray = np.where(x > 0, special.gammaincinv(np.maximum(x, 1.0), tail), 0.0)
    return bound


def _beta_lower(x: FloatArray, n: FloatArray, tail: float) -> FloatArray:
    inner = special.betaincinv(np.maximum(x, 1.0), n - np.minimum(x, n) + 1, tail)
    bound: FloatArray = np.where(x > 0, inner, 0.0)
    return bound


def _beta_upper(x: FloatArray, n: FloatArray, tail: float) -> FloatArray:
    inner = special.betainccinv(x + 1, np.maximum(n - x, 1.0), tail)
    bound: FloatArray = np.where(x < n, inner, 1.0)
    return bound


def _check_level(level: float) -> None:
    require(0 < level < 1, method="interval", wrong=f"level {level}", todo="give a level between 0 and 1")


def _checked_rate(events: Numbers, exposure: Numbers, level: float) -> tuple[FloatArray, FloatArray]:
    _check_level(level)
    x, t = np.asarray(events, dtype=np.float64), np.asarray(exposure, dtype=np.float64)
    require(bool(np.all(np.isfinite(x) & (x >= 0))), method="interval", wrong="events", todo="give 0 or more events")
    require(bool(np.all(np.isfinite(t) & (t > 0))), method="interval", wrong="exposure", todo="give positive exposure")
    return x, t


def _checked_proportion(events: Numbers, trials: Numbers, level: float) -> tuple[FloatArray, FloatArray]:
    x, n = _checked_rate(events, trials, level)
    require(bool(np.all(x <= n)), method="interval", wrong="more events than trials", todo="count trials, not reports")
    return x, n
