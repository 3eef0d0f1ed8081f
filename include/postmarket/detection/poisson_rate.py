"""The count of a period against a stated rate, the one that the design, the label or the last report promised.

Exact upper Poisson tail P(X >= x | rate x exposure). Counts that spread more alarm too often; with their variance over
the mean stated as ``dispersion``, the tail is that of the negative binomial count of that mean and variance.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from include.postmarket.detection import negative_binomial
from include.postmarket.detection.evaluation import check_counts, make_chart, reasons, require
from include.postmarket.detection.shapes import Chart, Counts, FloatArray

METHOD = "poisson_rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class PoissonRateParams:
    """``rate`` is events per unit of exposure (per period without exposure); alarm if the tail is <= ``alpha``.

    ``dispersion`` is the variance of a count over its mean, 1 for Poisson.
    """

    rate: float
    alpha: float = 0.01
    dispersion: float = 1.0

    def __post_init__(self) -> None:
        require(
            np.isfinite(self.rate) and self.rate > 0,
            method=METHOD,
            wrong=f"rate {self.rate}",
            todo="state a positive rate in events per unit of exposure",
        )
        require(0 < self.alpha < 1, method=METHOD, wrong=f"alpha {self.alpha}", todo="give alpha between 0 and 1")
        require(
            1 <= self.dispersion < np.inf, method=METHOD, wrong=f"dispersion {self.dispersion}", todo="give 1 or more"
        )


def required_history(params: PoissonRateParams) -> int:  # noqa: ARG001 - every method answers the same question
    """Give the observed periods needed before the first evaluated one: none, the rate is stated."""
    return 0


def detect(data: Counts, params: PoissonRateParams) -> Chart:
    """Evaluate every observed period with exposure.

    ``limit`` is the (1 - alpha) quantile of the distribution: one less than the smallest alarming count.
    ``statistic`` is the ratio of observed to expected, ``p_value`` the exact upper tail.
    Raises `MethodInputError` for arrays that are not counts.
    """
    counts, exposure = check_counts(data, METHOD)
    reason = reasons(counts, exposure)
    known = reason == ""
    expected = np.where(known, params.rate * exposure, 1.0)
    events = np.where(known, counts, 0.0)
    return make_chart(
        counts,
        reason,
        expected=expected,
        limit=_quantile(1 - params.alpha, expected, params.dispersion),
        statistic=events / expected,
        p_value=negative_binomial.upper_tail(events, expected, np.array(params.dispersion)),
    )


def _quantile(level: float, expected: FloatArray, dispersion: float) -> FloatArray:
    if dispersion <= negative_binomial.NEARLY_POISSON:
        poisson: FloatArray = stats.poisson.ppf(level, expected)
        return poisson
    found: FloatArray = stats.nbinom.ppf(level, expected / (dispersion - 1), 1 / dispersion)
    return found


def upper_tail(events: FloatArray, expected: FloatArray) -> FloatArray:
    """Give P(X >= events) of a Poisson count with mean ``expected`` > 0: the incomplete gamma ratio, 1 for no event."""
    tail: FloatArray = np.where(events > 0, special.gammainc(np.maximum(events, 1.0), expected), 1.0)
    return tail
