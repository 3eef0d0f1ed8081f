"""Whether a cohort (a software version, a site, a lot) measures otherwise than all the others at the same time.

Each cohort is compared with the devices outside it by the Kolmogorov-Smirnov test, all cohorts together by Benjamini &
Hochberg. The size of the shift is the probability that a device of the cohort measures higher than one outside
(Mann & Whitney; 0.5 is none): an alarm needs both a test and a shift of interest.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from include.postmarket.detection.contingency import reason_where
from include.postmarket.detection.drift import Measured, compare_distributions, measured
from include.postmarket.detection.evaluation import require
from include.postmarket.detection.group_shift import (
    Fleet,
    GroupShift,
    MetricShift,
    all_groups,
    check_rule,
    compare,
    some_groups,
)
from include.postmarket.detection.multiplicity import benjamini_hochberg
from include.postmarket.detection.shapes import BoolArray, FloatArray, IntArray, Reason, ReasonArray


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortShiftParameters:
    """``false_share``: of false alarms among cohorts; ``minimum_shift``: smallest distance of ``higher`` from 0.5."""

    false_share: float = 0.05
    minimum_shift: float = 0.06
    minimum_units: int = 20

    def __post_init__(self) -> None:
        check_rule(self.false_share, self.minimum_units, "cohort_shift")
        require(
            0 <= self.minimum_shift < 0.5,
            method="cohort_shift",
            wrong=f"minimum_shift {self.minimum_shift}",
            todo="give a distance from 0.5: 0 or more and below 0.5",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortShift:
    """One row per cohort, shape (C,): ``higher`` is P(a device of the cohort measures higher than one outside).

    Medians are in the metric's unit. Where not evaluated the numbers are nan.
    """

    cohort: IntArray
    units: IntArray
    others: IntArray
    higher: FloatArray
    median_others: FloatArray
    median: FloatArray
    distance: FloatArray
    p_value: FloatArray
    adjusted_p_value: FloatArray
    alarm: BoolArray
    evaluated: BoolArray
    reason: ReasonArray

    @property
    def median_shift(self) -> FloatArray:
        """The median of the cohort minus that of the others, in the metric's unit."""
        return self.median - self.median_others


def detect(data: Measured, params: CohortShiftParameters) -> CohortShift:
    """Compare every cohort (``data.group``) with all other devices of the same data."""
    cohorts, units = np.unique(data.group, return_counts=True)
    alone = np.full(len(cohorts), len(cohorts) == 1)
    few = np.minimum(units, len(data.value) - units) < params.minimum_units
    evaluated = ~alone & ~few
    higher, median_others, median, distance, p_value = np.full((5, len(cohorts)), np.nan)
    for i in np.flatnonzero(evaluated):
        inside, outside = data.value[data.group == cohorts[i]], data.value[data.group != cohorts[i]]
        higher[i] = probability_higher(inside, outside)
        median_others[i], median[i] = np.median(outside), np.median(inside)
        distance[i], p_value[i] = compare_distributions(inside, outside)
    rejected, adjusted = benjamini_hochberg(p_value, params.false_share)
    return CohortShift(
        cohort=cohorts.astype(np.int64),
        units=units.astype(np.int64),
        others=(len(data.value) - units).astype(np.int64),
        higher=higher,
        median_others=median_others,
        median=median,
        distance=distance,
        p_value=p_value,
        adjusted_p_value=adjusted,
        alarm=rejected & (np.abs(higher - 0.5) >= params.minimum_shift),
        evaluated=evaluated,
        reason=reason_where((alone, Reason.ONE_CATEGORY), (few, Reason.TOO_FEW_UNITS)),
    )


def detect_fleet(_baseline: Fleet, current: Fleet, params: CohortShiftParameters) -> GroupShift:
    """Compare every group of ``current`` with all its other devices in every metric, see `group_shift`.

    A group that has shifted sets the others apart from the rest it is part of. So the one farthest off is set aside and
    the remaining are compared again among themselves, as long as one alarms; of the last two nobody knows which it is.
    No history is needed: the baseline is not looked at. Raises MethodInputError as `group_shift.compare` does.
    """
    aside: list[GroupShift] = []
    said = _compare_groups(current, params)
    while said.alarm.any() and np.count_nonzero(said.evaluated) > 2:
        excess = np.where(said.alarm, said.observed / said.limit, -1.0)
        farthest = said.group == said.group[np.argmax(excess)]
        aside.append(some_groups(said, farthest))
        kept = current.group != said.group[farthest][0]
        current = Fleet(current.values[kept], current.group[kept])
        said = _compare_groups(current, params)
    return all_groups([*aside, said])


def _compare_groups(current: Fleet, params: CohortShiftParameters) -> GroupShift:
    def of_metric(m: int) -> MetricShift:
        found = detect(measured(current.values[:, m], current.group), params)
        size = np.abs(found.higher - 0.5)
        return MetricShift(
            group=found.cohort,
            reference_units=found.others,
            units=found.units,
            size=found.higher,
            large=np.nan_to_num(size) >= params.minimum_shift,
            distance=found.distance,
            p_value=found.p_value,
            median_before=found.median_others,
            median_now=found.median,
            reason=found.reason,
        )

    return compare(current, current, params.false_share, of_metric)


def probability_higher(first: FloatArray, second: FloatArray) -> float:
    """Give P(a value of ``first`` is above one of ``second``), ties counting half: Mann-Whitney's U per pair."""
    ranks = rankdata(np.concatenate([first, second]))[: len(first)]
    return float((ranks.sum() - len(first) * (len(first) + 1) / 2) / (len(first) * len(second)))
