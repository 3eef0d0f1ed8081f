"""Many metrics of many groups at once: in each group the metric that shifted most, with one p-value for the group.

A metric counts only where its shift is of the size asked for; else its p-value is taken as 1, which keeps the test
valid (it can only get larger). The p-value of a group is the smallest of its metrics times their number (Bonferroni):
valid however the metrics go together, and with a few metrics hardly weaker than finer rules. Over the groups stands
Benjamini & Hochberg. ``limit`` is the distance above which the worst metric alone makes the group's p-value small.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import kolmogi

from include.postmarket.detection.evaluation import REASON_DTYPE, require
from include.postmarket.detection.multiplicity import benjamini_hochberg
from include.postmarket.detection.shapes import (
    BoolArray,
    FloatArray,
    IntArray,
    MethodInputError,
    Reason,
    ReasonArray,
)

_MEAN_DISTANCE = 0.8687311606361592  # sqrt(pi / 2) ln 2: mean of Kolmogorov's distribution


@dataclass(frozen=True, slots=True)
class Fleet:
    """One row a device: ``values`` (n, M) of the metrics, nan where not measured, and the code of its group (n,)."""

    values: FloatArray
    group: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricShift:
    """What a method says of one metric, shape (g,) for the groups it knows; put together, shape (G, M).

    ``size`` is the shift on the method's scale, ``large`` whether it is of interest; ``reference_units`` are the
    devices compared with. Where ``reason`` is not empty the numbers are nan.
    """

    group: IntArray
    reference_units: IntArray
    units: IntArray
    size: FloatArray
    large: BoolArray
    distance: FloatArray
    p_value: FloatArray
    median_before: FloatArray
    median_now: FloatArray
    reason: ReasonArray


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupShift:
    """What all metrics come to in each of G groups, arrays of shape (G,); ``metrics`` has each of them, shape (G, M).

    ``worst`` is the column of the metric that the rest speaks of: ``observed`` is its Kolmogorov-Smirnov distance, the
    least share of devices that measure otherwise, ``expected`` the mean of it by chance. Where ``evaluated`` is False
    the numbers are nan, ``worst`` is 0 and ``reason`` says why.
    """

    group: IntArray
    metrics: MetricShift
    worst: IntArray
    observed: FloatArray
    expected: FloatArray
    limit: FloatArray
    large: BoolArray
    p_value: FloatArray
    adjusted_p_value: FloatArray
    alarm: BoolArray
    evaluated: BoolArray
    reason: ReasonArray


def fleet(values: npt.ArrayLike, group: npt.ArrayLike) -> Fleet:
    """Take devices by metrics and a group code per device.

    Raises MethodInputError on arrays that do not fit, no metric, infinite values, or codes that are no whole numbers
    >= 0.
    """
    matrix, groups = np.asarray(values, dtype=np.float64), np.asarray(group)
    if matrix.ndim != 2 or matrix.shape[1] == 0 or groups.shape != matrix.shape[:1]:
        raise MethodInputError(f"values {matrix.shape} must be devices by metrics, with one group each: {groups.shape}")
    if np.isinf(matrix).any():
        raise MethodInputError("values hold infinite numbers: give nan for what was not measured")
    if len(groups) and (groups.dtype.kind not in "iu" or groups.min() < 0):
        raise MethodInputError("group must hold whole numbers >= 0: number the groups")
    return Fleet(matrix, groups.astype(np.int64))


def check_rule(false_share: float, minimum_units: int, method: str) -> None:
    """Raise MethodInputError for a share outside (0, 1), or fewer than two devices to compare."""
    require(0 < false_share < 1, method=method, wrong=f"false_share {false_share}", todo="give a share between 0 and 1")
    require(minimum_units >= 2, method=method, wrong=f"minimum_units {minimum_units}", todo="give 2 devices or more")


def compare(baseline: Fleet, current: Fleet, false_share: float, of_metric: Callable[[int], MetricShift]) -> GroupShift:
    """Put together what ``of_metric`` says of each metric; groups are those of either fleet, in order of their codes.

    Raises MethodInputError where the two have other metrics.
    """
    if baseline.values.shape[1] != current.values.shape[1]:
        raise MethodInputError("baseline and current have other metrics: give the same columns")
    group = np.union1d(baseline.group, current.group).astype(np.int64)
    metrics = _side_by_side(group, [of_metric(m) for m in range(current.values.shape[1])])
    made = metrics.reason == Reason.NONE.value
    evaluated, tests, row = made.any(axis=1), np.maximum(made.sum(axis=1), 1), np.arange(len(group))
    # Kolmogorov's p falls with root times distance, which tells metrics apart even where p has underflowed to 0.
    root = np.sqrt(
        metrics.units * metrics.reference_units / np.maximum(metrics.units + metrics.reference_units, 1), dtype=float
    )
    rank = np.where(made, root * np.nan_to_num(metrics.distance), -1.0)
    worst = np.lexsort((rank, metrics.large), axis=1)[:, -1]
    large, scale = metrics.large[row, worst], np.where(evaluated, np.maximum(root[row, worst], 1e-300), np.nan)
    p_value = np.where(large, np.minimum(metrics.p_value[row, worst] * tests, 1.0), np.where(evaluated, 1.0, np.nan))
    rejected, adjusted = benjamini_hochberg(p_value, false_share)
    return GroupShift(
        group=group,
        metrics=metrics,
        worst=np.where(evaluated, worst, 0),
        observed=np.where(evaluated, metrics.distance[row, worst], np.nan),
        expected=np.minimum(_MEAN_DISTANCE / scale, 1.0),
        limit=np.minimum(kolmogi(false_share / tests) / scale, 1.0),
        large=large,
        p_value=p_value,
        adjusted_p_value=adjusted,
        alarm=rejected,
        evaluated=evaluated,
        reason=np.where(evaluated, Reason.NONE.value, metrics.reason[:, 0]),
    )


def some_groups(said: GroupShift, which: BoolArray) -> GroupShift:
    """Give the answer for the groups marked in ``which``, shape (G,)."""
    metrics = MetricShift(**{field.name: getattr(said.metrics, field.name)[which] for field in fields(MetricShift)})
    rest = {field.name: getattr(said, field.name)[which] for field in fields(GroupShift) if field.name != "metrics"}
    return GroupShift(metrics=metrics, **rest)


def all_groups(parts: list[GroupShift]) -> GroupShift:
    """Give answers on different groups as one, in order of the codes."""
    order = np.argsort(np.concatenate([part.group for part in parts]), kind="stable")

    def joined(of: list[Any], name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in of])[order]

    metrics = [part.metrics for part in parts]
    rest = {field.name: joined(parts, field.name) for field in fields(GroupShift) if field.name != "metrics"}
    return GroupShift(
        metrics=MetricShift(**{field.name: joined(metrics, field.name) for field in fields(MetricShift)}), **rest
    )


def _side_by_side(group: IntArray, said: list[MetricShift]) -> MetricShift:
    """Give the metrics as columns over all groups; a group in which nobody measured one has too few units."""

    def matrix(name: str, missing: Any) -> Any:
        found = np.full((len(group), len(said)), missing)
        for m, of in enumerate(said):
            found[np.searchsorted(group, of.group), m] = getattr(of, name)
        return found

    return MetricShift(
        group=group,
        reference_units=matrix("reference_units", 0),
        units=matrix("units", 0),
        size=matrix("size", np.nan),
        large=matrix("large", missing=False),
        distance=matrix("distance", np.nan),
        p_value=matrix("p_value", np.nan),
        median_before=matrix("median_before", np.nan),
        median_now=matrix("median_now", np.nan),
        reason=matrix("reason", np.array(Reason.TOO_FEW_UNITS.value, dtype=REASON_DTYPE)),
    )
