"""Whether more devices than chance allows look unlike the baseline, for any score of how unlike a device is.

The baseline is scored by cross-fitting, each fold by a scorer that has not seen it, and the current devices are dealt
to the same scorers, so that without a shift the scores of both are exchangeable. The limit is the m-th smallest of the
n0 baseline scores; the number of n1 current devices beyond it is then beta-binomial(n1, n0 + 1 - m, m) (Wilks 1941;
conformal p-values, Bates et al. 2023). It is the binomial test with the uncertainty of the estimated quantile in it:
with the plain binomial a small baseline raises about twice as many false alarms as the level says.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt
from scipy.stats import betabinom

from include.postmarket.detection.shapes import FloatArray, IntArray, MethodInputError, Reason

_MAD_TO_SIGMA = 1.482602218505602  # 1 / qnorm(3/4)
_MEAN_DEVIATION_TO_SIGMA = 1.2533141373155001  # sqrt(pi / 2): for metrics of which more than half are equal

#: Learns from a matrix (devices, metrics) and a seed, and gives the function that scores rows: higher is more unlike.
Scorer = Callable[[FloatArray, int], Callable[[FloatArray], FloatArray]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRule:
    """``tail``: share of the baseline called anomalous; ``level``: false alarm rate; ``seed``: of folds and scorers."""

    tail: float
    level: float
    folds: int
    minimum_current: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyShare:
    """Whether the share of anomalous current devices is above what the baseline predicts.

    ``share``, ``expected`` and ``limit`` are shares of the measured current devices; an alarm is a share at or above
    ``limit``, which is above 1 where no share could alarm. ``score`` has shape (n1,), nan for devices not fully
    measured; ``anomalous`` holds row numbers of ``current``, most anomalous first; ``deviation`` (n1, k) is the robust
    z of each metric, and ``driver`` the column with the largest, one per row of ``anomalous``. Where ``evaluated`` is
    False the numbers are nan, nothing is anomalous and ``reason`` says why.
    """

    share: float
    expected: float
    limit: float
    p_value: float
    alarm: bool
    evaluated: bool
    reason: Reason
    score: FloatArray
    anomalous: IntArray
    driver: IntArray
    deviation: FloatArray
    measured_baseline: int
    measured_current: int


def required_units(rule: ShareRule) -> int:
    """Give the baseline devices needed: the tail must hold one of them and each fold be worth a scorer."""
    return max(ceil(1 / rule.tail), 10 * rule.folds)


def compare(baseline: npt.ArrayLike, current: npt.ArrayLike, rule: ShareRule, scorer: Scorer) -> AnomalyShare:
    """Compare ``current`` (n1, k) with ``baseline`` (n0, k); rows are devices, columns metrics, nan is not measured.

    Rows with a nan are set aside and counted. The order of rows does not matter. Raises MethodInputError on matrices
    that do not fit together, hold infinite values or have no column, and on a rule out of range.
    """
    _check_rule(rule)
    before, now = _matrix("baseline", baseline), _matrix("current", current)
    if before.shape[1] != now.shape[1]:
        raise MethodInputError(f"baseline has {before.shape[1]} metrics, current {now.shape[1]}: give the same columns")
    rows_before, rows_now = _measured_rows(before), _measured_rows(now)
    if len(rows_before) < required_units(rule) or len(rows_now) < rule.minimum_current:
        return _not_evaluated(now, len(rows_before), len(rows_now))
    score_before, score_now = _cross_fitted_scores(before[rows_before], now[rows_now], rule, scorer)
    n0, n1 = len(score_before), len(score_now)
    rank = min(ceil((n0 + 1) * (1 - rule.tail)), n0)
    beyond = score_now > np.sort(score_before)[rank - 1]
    mass = betabinom(n1, n0 + 1 - rank, rank).pmf(np.arange(n1 + 1))
    tail_probability = np.minimum(np.cumsum(mass[::-1])[::-1], 1.0)  # summed from the far end: scipy's sf rounds to 0
    count = int(np.count_nonzero(beyond))
    score = np.full(len(now), np.nan)
    score[rows_now] = score_now
    deviation = robust_deviation(before[rows_before], now)
    anomalous = rows_now[beyond]
    anomalous = anomalous[np.lexsort((anomalous, -score[anomalous]))]
    return AnomalyShare(
        share=count / n1,
        expected=(n0 + 1 - rank) / (n0 + 1),
        limit=int(np.count_nonzero(tail_probability > rule.level)) / n1,
        p_value=float(tail_probability[count]),
        alarm=bool(tail_probability[count] <= rule.level),
        evaluated=True,
        reason=Reason.NONE,
        score=score,
        anomalous=anomalous,
        driver=np.argmax(np.abs(deviation[anomalous]), axis=1),
        deviation=deviation,
        measured_baseline=n0,
        measured_current=n1,
    )


def robust_deviation(baseline: FloatArray, current: FloatArray) -> FloatArray:
    """Give (value - baseline median) / robust standard deviation of each current value, shape of ``current``.

    The scale is the MAD, or the mean deviation where more than half of the baseline is equal; of a constant metric
    every other value is infinitely far away.
    """
    centre = np.median(baseline, axis=0)
    distance = np.abs(baseline - centre)
    mad = np.median(distance, axis=0) * _MAD_TO_SIGMA
    scale = np.where(mad > 0, mad, distance.mean(axis=0) * _MEAN_DEVIATION_TO_SIGMA)
    difference = current - centre
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(difference == 0, 0.0, difference / scale)


def _cross_fitted_scores(
    before: FloatArray, now: FloatArray, rule: ShareRule, scorer: Scorer
) -> tuple[FloatArray, FloatArray]:
    """Score both sets by scorers that have not seen the device, dealt in order of value so that row order is free."""
    generator = np.random.default_rng(rule.seed)
    fold_before = _deal(before, rule.folds, generator)
    fold_now = _deal(now, rule.folds, generator)
    score_before, score_now = np.empty(len(before)), np.empty(len(now))
    canonical = np.lexsort(before.T)
    for fold in range(rule.folds):
        score_rows = scorer(before[canonical[fold_before[canonical] != fold]], int(generator.integers(2**31)))
        for matrix, folds, score in ((before, fold_before, score_before), (now, fold_now, score_now)):
            if (folds == fold).any():
                score[folds == fold] = score_rows(matrix[folds == fold])
    # A scorer learns nothing of a metric that is constant in the baseline, and would miss its first change.
    constant = before.min(axis=0) == before.max(axis=0)
    score_now[(now[:, constant] != before[0, constant]).any(axis=1)] = np.inf
    return score_before, score_now


def _deal(matrix: FloatArray, folds: int, generator: np.random.Generator) -> IntArray:
    fold = np.empty(len(matrix), dtype=np.int64)
    fold[np.lexsort(matrix.T)] = generator.permutation(len(matrix)) % folds
    return fold


def _measured_rows(matrix: FloatArray) -> IntArray:
    return np.flatnonzero(~np.isnan(matrix).any(axis=1))


def _matrix(name: str, values: npt.ArrayLike) -> FloatArray:
    matrix = np.asarray(values, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[1] == 0:
        raise MethodInputError(f"{name} must be devices by metrics, at least one metric, got shape {matrix.shape}")
    if np.isinf(matrix).any():
        raise MethodInputError(f"{name} holds infinite values: give nan for what was not measured")
    return matrix


def _check_rule(rule: ShareRule) -> None:
    if not 0 < rule.tail < 1 or not 0 < rule.level < 1:
        raise MethodInputError(f"tail {rule.tail} and level {rule.level} must lie between 0 and 1")
    if rule.folds < 2:
        raise MethodInputError(f"folds {rule.folds} must be 2 or more")


def _not_evaluated(now: FloatArray, measured_baseline: int, measured_current: int) -> AnomalyShare:
    return AnomalyShare(
        share=float("nan"),
        expected=float("nan"),
        limit=float("nan"),
        p_value=float("nan"),
        alarm=False,
        evaluated=False,
        reason=Reason.TOO_FEW_UNITS,
        score=np.full(len(now), np.nan),
        anomalous=np.empty(0, dtype=np.int64),
        driver=np.empty(0, dtype=np.int64),
        deviation=np.full(now.shape, np.nan),
        measured_baseline=measured_baseline,
        measured_current=measured_current,
    )
