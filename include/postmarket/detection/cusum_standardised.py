"""CUSUM of standardised counts as in R surveillance::cusum (Rossi et al. 1999), for comparison with other systems.

C_t = max(0, C_{t-1} + z_t - k), alarm when C_t >= h, with z = (x - m)/sqrt(m) or Rossi's (x - 3m + 2 sqrt(x m))/(2
sqrt(m)), m the mean of phase I. It is never reset. `cusum` is the one to use: its h follows from the false alarms one
can bear.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from include.postmarket.detection.cusum import accumulate
from include.postmarket.detection.evaluation import (
    below,
    check_counts,
    make_chart,
    reasons,
    refuse_exposure,
    require,
    usable,
)
from include.postmarket.detection.phase_one import check_phase_one, phase_one
from include.postmarket.detection.shapes import Chart, Counts, FloatArray, Reason

METHOD = "cusum_standardised"


class Transformation(StrEnum):
    """How counts become about normal."""

    STANDARD = "standard"
    ROSSI = "rossi"


@dataclass(frozen=True, slots=True, kw_only=True)
class CusumStandardisedParams:
    """Reference value ``k`` and decision limit ``h`` in standard deviations; phase I or a stated mean ``rate``."""

    k: float = 1.04
    h: float = 2.26
    transformation: str = Transformation.STANDARD
    baseline: int = 52
    rate: float = 0.0

    def __post_init__(self) -> None:
        check_phase_one(self.baseline, self.rate, METHOD)
        known = self.transformation in set(Transformation)
        require(known, method=METHOD, wrong=f"transformation {self.transformation}", todo="give standard or rossi")
        for name, value in (("k", self.k), ("h", self.h)):
            require(0 < value < math.inf, method=METHOD, wrong=f"{name} {value}", todo="give a positive number")


def required_history(params: CusumStandardisedParams) -> int:
    """Give the observed periods needed before the first evaluated one."""
    return 0 if params.rate > 0 else params.baseline


def detect(data: Counts, params: CusumStandardisedParams) -> Chart:
    """Evaluate every observed period after phase I; a period that was not observed leaves C as it was.

    ``statistic`` is C, ``limit`` lies just below the count that lifts C to h. There is no p-value.
    Raises `MethodInputError` for arrays that are not counts, and for exposure, which the method cannot use.
    """
    refuse_exposure(data, METHOD)
    counts, exposure = check_counts(data, METHOD)
    start = phase_one(counts, exposure, params.baseline, params.rate)
    reason = reasons(counts, exposure, [(~start.done, Reason.SHORT_HISTORY)])
    charted = usable(counts, exposure) & start.done
    mean = np.broadcast_to(start.rate, counts.shape)
    events = np.where(charted, counts, 0.0)
    score = (events - mean) / np.sqrt(mean)
    if params.transformation == Transformation.ROSSI:
        score = (events - 3 * mean + 2 * np.sqrt(events * mean)) / (2 * np.sqrt(mean))
    before, after = accumulate(np.where(charted, score - params.k, 0.0))
    bound = _bound(mean, params.h + params.k - before, Transformation(params.transformation))
    return make_chart(counts, reason, expected=mean, limit=below(bound), statistic=after)


def _bound(mean: FloatArray, needed: FloatArray, transformation: Transformation) -> FloatArray:
    """Give the least count whose score is ``needed``, 0 where every count has a higher one."""
    if transformation is Transformation.STANDARD:
        return np.maximum(np.ceil(mean + np.sqrt(mean) * needed), 0.0)
    inside = np.maximum(4 * mean + 2 * np.sqrt(mean) * needed, 0.0)
    root: FloatArray = np.maximum(np.sqrt(inside) - np.sqrt(mean), 0.0)
    return root**2
