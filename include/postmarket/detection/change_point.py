"""When did the rate change: the most probable period, with an interval, once a signal says that it did.

One change of a Poisson rate (Raftery and Akman, Biometrika 1986;73:85-89) with the first period of the new rate
uniform over the series and Gamma(1/2, 0+) rates before and after, integrated out. Overdispersion flattens the
likelihood: its logarithm is divided by the dispersion around the best change, so that the interval does not pretend.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from include.postmarket.detection.evaluation import check_counts, require, usable
from include.postmarket.detection.shapes import BoolArray, Counts, FloatArray, IntArray

METHOD = "change_point"
JEFFREYS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePointParameters:
    """``level`` of the interval in which the change lies."""

    level: float = 0.95

    def __post_init__(self) -> None:
        require(0 < self.level < 1, method=METHOD, wrong=f"level {self.level}", todo="give a level between 0 and 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """Of S series: first period of the new rate (most probable, earliest, latest of the interval), rates per exposure.

    ``probability`` (S, T) is that of every period to be the first of the new rate; the first period never is.
    """

    period: IntArray
    earliest: IntArray
    latest: IntArray
    rate_before: FloatArray
    rate_after: FloatArray
    probability: FloatArray


def locate(data: Counts, params: ChangePointParameters) -> ChangePoint:
    """Locate one change in each series; periods not observed or without exposure add nothing.

    Raises `MethodInputError` for arrays that are not counts, or a series with fewer than two usable periods.
    """
    counts, exposure = check_counts(data, METHOD)
    counted = usable(counts, exposure)
    require(
        bool(np.all(counted.sum(axis=1) >= 2)),
        method=METHOD,
        wrong="a series has fewer than two observed periods",
        todo="ask for the change of longer series",
    )
    events, at_risk = np.where(counted, counts, 0.0), np.where(counted, exposure, 0.0)
    evidence, possible = _evidence(events, at_risk)
    best = np.argmax(np.where(possible, evidence, -np.inf), axis=1)
    before, after = _rates(events, at_risk, best)
    spread = _spread(events, at_risk, counted, np.where(np.arange(events.shape[1]) < best[:, None], before, after))
    tempered = np.where(possible, evidence / spread[:, None], -np.inf)
    probability = special.softmax(tempered, axis=1)
    total = np.cumsum(probability, axis=1)
    return ChangePoint(
        period=best,
        earliest=np.argmax(total >= (1 - params.level) / 2, axis=1),
        latest=np.argmax(total >= (1 + params.level) / 2 - 1e-12, axis=1),
        rate_before=before[:, 0],
        rate_after=after[:, 0],
        probability=probability,
    )


def _evidence(events: FloatArray, at_risk: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Give the log marginal likelihood (S, T) of a new rate from each period on, and where both sides have exposure."""
    x0 = np.cumsum(events, axis=1) - events
    t0 = np.cumsum(at_risk, axis=1) - at_risk
    x1, t1 = events.sum(axis=1, keepdims=True) - x0, at_risk.sum(axis=1, keepdims=True) - t0
    least = 1e-12 * at_risk.sum(axis=1, keepdims=True)
    possible = (t0 > least) & (t1 > least)
    log_evidence = sum(
        special.gammaln(x + JEFFREYS) - (x + JEFFREYS) * np.log(np.where(possible, t, 1.0))
        for x, t in ((x0, t0), (x1, t1))
    )
    return np.asarray(log_evidence), possible


def _rates(events: FloatArray, at_risk: FloatArray, best: IntArray) -> tuple[FloatArray, FloatArray]:
    """Give the rates (S, 1) before and from the change on."""
    early = np.arange(events.shape[1]) < best[:, None]
    before, after = (
        np.sum(events * side, axis=1, keepdims=True) / np.sum(at_risk * side, axis=1, keepdims=True)
        for side in (early, ~early)
    )
    return before, after


def _spread(events: FloatArray, at_risk: FloatArray, counted: BoolArray, rate: FloatArray) -> FloatArray:
    """Give Pearson's dispersion (S,) around the two rates, at least 1."""
    mean = np.where(rate * at_risk > 0, rate * at_risk, 1.0)
    squares: FloatArray = np.sum(np.where(counted & (rate > 0), (events - mean) ** 2 / mean, 0.0), axis=1)
    spread: FloatArray = np.maximum(squares / np.maximum(counted.sum(axis=1) - 3.0, 1.0), 1.0)
    return spread
