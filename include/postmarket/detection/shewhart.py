"""Shewhart charts of counts: c and u, Laney's u' for overdispersed counts, p for shares, and individuals.

Montgomery, Introduction to Statistical Quality Control; Laney, Quality Engineering 2002;14:531-537. The centre comes
from phase I, the limit lies ``width`` standard deviations above it: c, u   m + L sqrt(m) for m = rate x exposure (c is
u without exposure) u'     m + L s sqrt(m), s = mean moving range of the standardised counts of phase I / 1.128 p
m + L sqrt(m (1 - rate)), exposure being the number inspected individuals   centre + L r, r = mean moving range of the
counts of phase I / 1.128
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from include.postmarket.detection.evaluation import (
    BEYOND_MEASURE,
    check_counts,
    make_chart,
    reasons,
    refuse_exposure,
    require,
    usable,
)
from include.postmarket.detection.phase_one import check_phase_one, phase_one
from include.postmarket.detection.shapes import BoolArray, Chart, Counts, FloatArray, Reason

METHOD = "shewhart"
RANGE_TO_SIGMA = 1.128  # expected moving range of two normal values, in standard deviations (Montgomery, d2)


class ShewhartVariant(StrEnum):
    """Which chart."""

    U = "u"
    LANEY = "u-laney"
    P = "p"
    INDIVIDUALS = "individuals"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShewhartParams:
    """``baseline`` observed periods of phase I or a stated ``rate``, and the ``width`` in standard deviations."""

    variant: str = ShewhartVariant.U
    width: float = 3.0
    baseline: int = 30
    rate: float = 0.0

    def __post_init__(self) -> None:
        check_phase_one(self.baseline, self.rate, METHOD)
        ranges = self.variant in {ShewhartVariant.LANEY, ShewhartVariant.INDIVIDUALS}
        for holds, wrong, todo in (
            (self.variant in set(ShewhartVariant), f"variant {self.variant}", "give u, u-laney, p or individuals"),
            (0 < self.width < math.inf, f"width {self.width}", "give a positive width"),
            (not (ranges and self.rate > 0), f"rate {self.rate} with {self.variant}", "its spread needs a phase I"),
            (not ranges or self.baseline >= 2, f"baseline {self.baseline}", "a moving range needs 2 periods or more"),
            (self.variant != ShewhartVariant.P or self.rate < 1, f"rate {self.rate}", "a share is below 1"),
        ):
            require(holds, method=METHOD, wrong=wrong, todo=todo)


def required_history(params: ShewhartParams) -> int:
    """Give the observed periods needed before the first evaluated one."""
    return 0 if params.rate > 0 else params.baseline


def detect(data: Counts, params: ShewhartParams) -> Chart:
    """Evaluate every observed period with exposure after phase I.

    ``statistic`` is the distance from the centre in standard deviations; there is no p-value (the normal one of a
    small count would mislead). Raises `MethodInputError` for arrays that are not counts, for exposure on an
    individuals chart, and for more events than inspected on a p chart.
    """
    variant = ShewhartVariant(params.variant)
    if variant is ShewhartVariant.INDIVIDUALS:
        refuse_exposure(data, METHOD)
    counts, exposure = check_counts(data, METHOD)
    counted = usable(counts, exposure)
    require(
        variant is not ShewhartVariant.P or bool(np.all(counts[counted] <= exposure[counted])),
        method=METHOD,
        wrong="more events than inspected units",
        todo="give the units inspected as exposure, or use the u chart",
    )
    start = phase_one(counts, exposure, params.baseline, params.rate)
    reason = reasons(counts, exposure, [(~start.done, Reason.SHORT_HISTORY)])
    at_risk = np.where(counted, exposure, 1.0)
    events = np.where(counted, counts, 0.0)
    mean = start.rate * at_risk
    sigma = _sigma(variant, events, mean, start.rate, counted & ~start.done)
    statistic = np.where(events > mean, BEYOND_MEASURE, 0.0)
    np.divide(events - mean, sigma, out=statistic, where=sigma > 0)
    return make_chart(counts, reason, expected=mean, limit=mean + params.width * sigma, statistic=statistic)


def _sigma(
    variant: ShewhartVariant, events: FloatArray, mean: FloatArray, rate: FloatArray, inside: BoolArray
) -> FloatArray:
    """Give the standard deviation of each count under control."""
    if variant is ShewhartVariant.P:
        return np.sqrt(mean * np.maximum(1 - rate, 0.0))
    if variant is ShewhartVariant.INDIVIDUALS:
        return np.broadcast_to(_mean_range(events, inside) / RANGE_TO_SIGMA, events.shape).copy()
    poisson: FloatArray = np.sqrt(mean)
    if variant is ShewhartVariant.LANEY:
        return poisson * _mean_range((events - mean) / poisson, inside) / RANGE_TO_SIGMA
    return poisson


def _mean_range(values: FloatArray, inside: BoolArray) -> FloatArray:
    """Give the mean absolute difference (S, 1) of neighbouring observed values of phase I."""
    found = np.zeros((len(values), 1))
    for series in range(len(values)):
        kept = values[series, inside[series]]
        found[series] = np.abs(np.diff(kept)).mean() if kept.size > 1 else 0.0
    return found
