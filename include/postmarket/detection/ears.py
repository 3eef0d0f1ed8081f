"""EARS C1, C2 and C3: the newest period against mean and spread of the few before it, for a series with little history.

Hutwagner et al. (2003); names and formulas as in R surveillance::earsC. C1 looks at the periods just before, C2 leaves
the two newest out, C3 adds the excess of the two before the newest. They know neither trend, season nor exposure.

R's C3 (1.20.3) puts the observed count where its own manual and Fricker (2008) put the mean, so that its alarm hangs
on the two periods before and not on the newest. "C3" is what R computes; "C3-published" is the formula of the paper.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from include.postmarket.detection.evaluation import (
    BEYOND_MEASURE,
    check_counts,
    make_chart,
    reasons,
    refuse_exposure,
    require,
)
from include.postmarket.detection.shapes import BoolArray, Chart, Counts, FloatArray, Reason

METHOD = "ears"


class EarsVariant(StrEnum):
    """Which of the three."""

    C1 = "C1"
    C2 = "C2"
    C3 = "C3"
    C3_PUBLISHED = "C3-published"


LAG = {EarsVariant.C1: 0, EarsVariant.C2: 2, EarsVariant.C3: 2, EarsVariant.C3_PUBLISHED: 2}
SUMS_EXCESS = {EarsVariant.C3, EarsVariant.C3_PUBLISHED}
EXCESS_PERIODS = 2  # before the newest, of C3


@dataclass(frozen=True, slots=True, kw_only=True)
class EarsParams:
    """``baseline`` periods, one-sided ``alpha`` of the normal quantile, and the least spread ``min_sigma`` to believe.

    With ``min_sigma`` 0, as in R, one event after a baseline of equal counts alarms in C1 and C2.
    """

    variant: str = EarsVariant.C2
    baseline: int = 7
    alpha: float = 0.001
    min_sigma: float = 0.0

    def __post_init__(self) -> None:
        require(
            self.variant in set(EarsVariant), method=METHOD, wrong=f"variant {self.variant}", todo="give C1, C2 or C3"
        )
        require(self.baseline >= 3, method=METHOD, wrong=f"baseline {self.baseline}", todo="give 3 periods or more")
        require(0 < self.alpha < 1, method=METHOD, wrong=f"alpha {self.alpha}", todo="give alpha between 0 and 1")
        require(self.min_sigma >= 0, method=METHOD, wrong=f"min_sigma {self.min_sigma}", todo="give 0 or more")


def required_history(params: EarsParams) -> int:
    """Give the periods needed before the first evaluated one: baseline, lag, and for C3 two more of its excess."""
    variant = EarsVariant(params.variant)
    return params.baseline + LAG[variant] + (EXCESS_PERIODS if variant in SUMS_EXCESS else 0)


def detect(data: Counts, params: EarsParams) -> Chart:
    """Evaluate every period whose required history was observed.

    ``statistic`` is the standardised excess (C3: the sum of excesses that its limit is reduced by; a million after
    a baseline without spread), ``p_value`` its normal tail for C1 and C2; C3 has none. Raises `MethodInputError` for
    arrays that are not counts, and for exposure, which EARS cannot use.
    """
    refuse_exposure(data, METHOD)
    counts, exposure = check_counts(data, METHOD)
    needed, variant = required_history(params), EarsVariant(params.variant)
    filled = np.nan_to_num(counts)
    mean, sigma = _mean_and_sigma(filled, params.baseline, LAG[variant], params.min_sigma)
    z = np.where(filled > mean, BEYOND_MEASURE, 0.0)
    np.divide(filled - mean, sigma, out=z, where=sigma > 0)
    quantile = float(special.ndtri(1 - params.alpha))
    statistic, limit, p_value = z, mean + quantile * sigma, special.ndtr(-z)
    if variant in SUMS_EXCESS:
        statistic, p_value = _excess(z), None
        start = filled if variant is EarsVariant.C3 else mean
        limit = np.maximum(start + sigma * (quantile - statistic), 0.0)
    first = np.arange(counts.shape[1]) < needed
    gap: BoolArray = np.any(_trailing(np.isnan(counts), needed + 1, 0), axis=2)
    reason = reasons(counts, exposure, [(first, Reason.SHORT_HISTORY), (gap, Reason.GAP_IN_HISTORY)])
    return make_chart(counts, reason, expected=mean, limit=limit, statistic=statistic, p_value=p_value)


def _trailing(values: npt.NDArray[Any], length: int, lag: int) -> npt.NDArray[Any]:
    """Give a view (S, T, length) of the periods that end ``lag`` before each period, zeros before the start."""
    if values.shape[1] == 0:
        return np.zeros((*values.shape, length), dtype=values.dtype)
    padded = np.pad(values, ((0, 0), (length + lag - 1, 0)))[:, : values.shape[1] + length - 1]
    return np.lib.stride_tricks.sliding_window_view(padded, length, axis=1)


def _mean_and_sigma(counts: FloatArray, baseline: int, lag: int, min_sigma: float) -> tuple[FloatArray, FloatArray]:
    window = _trailing(counts, baseline, lag + 1)
    return window.mean(axis=2), np.maximum(window.std(axis=2, ddof=1), min_sigma)


def _excess(z: FloatArray) -> FloatArray:
    """Sum how far the two periods before each exceeded one standard deviation."""
    excess: FloatArray = np.sum(_trailing(np.maximum(z - 1, 0.0), EXCESS_PERIODS, 1), axis=2)
    return excess
