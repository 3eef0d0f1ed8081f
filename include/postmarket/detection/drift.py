"""Whether a metric is distributed otherwise than in the baseline, by subgroup: stability index and distance test.

The population stability index is sum (q - p) ln(q / p) over the deciles of the baseline (Siddiqi 2006: 0.1 a moderate,
0.25 a major change); half a device is added to each bin of both so that an empty one stays finite, and a value that
fills a tenth of the baseline is a bin of its own, so that a rise from it is seen. It says how much, the test says
whether chance can do it: an alarm needs both. Any change of shape counts, for better or worse.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import kolmogorov

from include.postmarket.detection.contingency import reason_where
from include.postmarket.detection.evaluation import require
from include.postmarket.detection.group_shift import Fleet, GroupShift, MetricShift, check_rule, compare
from include.postmarket.detection.multiplicity import benjamini_hochberg
from include.postmarket.detection.shapes import (
    BoolArray,
    FloatArray,
    IntArray,
    MethodInputError,
    Reason,
    ReasonArray,
)

_BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftParameters:
    """``false_share`` of false alarms among subgroups; ``minimum_index``: smallest of interest."""

    false_share: float = 0.05
    minimum_index: float = 0.1
    minimum_units: int = 20

    def __post_init__(self) -> None:
        check_rule(self.false_share, self.minimum_units, "drift")
        require(
            0 <= self.minimum_index < np.inf,
            method="drift",
            wrong=f"minimum_index {self.minimum_index}",
            todo="give the smallest stability index of interest, 0 or more",
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """One value of a metric per device, and the code of its subgroup, both of shape (n,)."""

    value: FloatArray
    group: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One row per subgroup of either sample, shape (G,): index, test, and the medians in the metric's unit.

    ``distance`` is the Kolmogorov-Smirnov statistic, ``adjusted_p_value`` that of Benjamini & Hochberg over the
    subgroups. Where not evaluated the numbers are nan and ``reason`` says why.
    """

    group: IntArray
    baseline_units: IntArray
    current_units: IntArray
    stability_index: FloatArray
    distance: FloatArray
    p_value: FloatArray
    adjusted_p_value: FloatArray
    median_before: FloatArray
    median_now: FloatArray
    alarm: BoolArray
    evaluated: BoolArray
    reason: ReasonArray

    @property
    def median_shift(self) -> FloatArray:
        """The shift of the median, in the metric's unit."""
        return self.median_now - self.median_before


def measured(value: npt.ArrayLike, group: npt.ArrayLike) -> Measured:
    """Take values and subgroup codes; devices with nan are left out.

    Raises MethodInputError on arrays that are not parallel, infinite values, or codes that are no whole numbers >= 0.
    """
    values, groups = np.asarray(value, dtype=np.float64), np.asarray(group)
    if values.ndim != 1 or values.shape != groups.shape:
        raise MethodInputError(f"value {values.shape} and group {groups.shape} must be one-dimensional and parallel")
    if np.isinf(values).any():
        raise MethodInputError("value holds infinite numbers: give nan for what was not measured")
    if len(groups) and (groups.dtype.kind not in "iu" or groups.min() < 0):
        raise MethodInputError("group must hold whole numbers >= 0: number the subgroups")
    there = ~np.isnan(values)
    return Measured(values[there], groups[there].astype(np.int64))


def detect(baseline: Measured, current: Measured, params: DriftParameters) -> Drift:
    """Compare each subgroup of ``current`` with the same subgroup of ``baseline``."""
    groups = np.union1d(baseline.group, current.group)
    before = [baseline.value[baseline.group == group] for group in groups]
    now = [current.value[current.group == group] for group in groups]
    units_before, units_now = np.array([len(v) for v in before], int), np.array([len(v) for v in now], int)
    evaluated = np.minimum(units_before, units_now) >= params.minimum_units
    index, distance, p_value, median_before, median_now = np.full((5, len(groups)), np.nan)
    for i in np.flatnonzero(evaluated):
        index[i] = stability_index(before[i], now[i])
        distance[i], p_value[i] = compare_distributions(before[i], now[i])
        median_before[i], median_now[i] = np.median(before[i]), np.median(now[i])
    rejected, adjusted = benjamini_hochberg(p_value, params.false_share)
    return Drift(
        group=groups.astype(np.int64),
        baseline_units=units_before,
        current_units=units_now,
        stability_index=index,
        distance=distance,
        p_value=p_value,
        adjusted_p_value=adjusted,
        median_before=median_before,
        median_now=median_now,
        alarm=rejected & (index >= params.minimum_index),
        evaluated=evaluated,
        reason=reason_where((~evaluated, Reason.TOO_FEW_UNITS)),
    )


def detect_fleet(baseline: Fleet, current: Fleet, params: DriftParameters) -> GroupShift:
    """Compare each group of ``current`` with the same group of ``baseline`` in every metric, see `group_shift`.

    Raises MethodInputError as `group_shift.compare` does.
    """

    def of_metric(m: int) -> MetricShift:
        found = detect(
            measured(baseline.values[:, m], baseline.group), measured(current.values[:, m], current.group), params
        )
        return MetricShift(
            group=found.group,
            reference_units=found.baseline_units,
            units=found.current_units,
            size=found.stability_index,
            large=np.nan_to_num(found.stability_index) >= params.minimum_index,
            distance=found.distance,
            p_value=found.p_value,
            median_before=found.median_before,
            median_now=found.median_now,
            reason=found.reason,
        )

    return compare(baseline, current, params.false_share, of_metric)


def stability_index(baseline: FloatArray, current: FloatArray) -> float:
    """Give the population stability index over the deciles of the baseline; ties make fewer bins."""
    edges, times = np.unique(np.quantile(baseline, np.linspace(0, 1, _BINS + 1)[1:-1]), return_counts=True)
    edges = np.union1d(edges, np.nextafter(edges[times > 1], np.inf))
    p = _smoothed_shares(np.searchsorted(edges, baseline, side="right"), len(edges) + 1)
    q = _smoothed_shares(np.searchsorted(edges, current, side="right"), len(edges) + 1)
    return float(((q - p) * np.log(q / p)).sum())


def compare_distributions(first: FloatArray, second: FloatArray) -> tuple[float, float]:
    """Give the Kolmogorov-Smirnov distance of two samples and its two-sided p-value.

    The p-value is asymptotic (Smirnov 1948): on small samples and with ties it is larger than the exact one, by half at
    20 units, and never smaller by more than 2 %.
    """
    first, second = np.sort(first), np.sort(second)
    values = np.concatenate([first, second])
    below_first = np.searchsorted(first, values, side="right") / len(first)
    below_second = np.searchsorted(second, values, side="right") / len(second)
    distance = float(np.abs(below_first - below_second).max())
    root = np.sqrt(len(first) * len(second) / (len(first) + len(second)))
    return distance, float(kolmogorov(root * distance))


def _smoothed_shares(bin_of: IntArray, bins: int) -> FloatArray:
    counts = np.bincount(bin_of, minlength=bins) + 0.5
    return np.asarray(counts / counts.sum())
