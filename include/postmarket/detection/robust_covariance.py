"""Robust Mahalanobis distance of devices from the baseline (minimum covariance determinant, Rousseeuw 1999).

Better than `isolation_forest` where the metrics go together and a device breaks the relation while each of its values
is ordinary; it assumes one cloud of devices, roughly elliptical. `anomaly_share` says when there are too many of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.covariance import MinCovDet

from include.postmarket.detection import anomaly_share
from include.postmarket.detection.anomaly_share import AnomalyShare, ShareRule
from include.postmarket.detection.shapes import FloatArray, MethodInputError

_CORE = 0.75  # share of the devices whose scatter defines the cloud


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustCovarianceParameters:
    """``tail``: share of baseline devices called anomalous; ``level``: false alarm rate; ``seed``: of the subsets."""

    tail: float = 0.05
    level: float = 0.01
    folds: int = 5
    minimum_current: int = 10
    seed: int = 0


def required_units(params: RobustCovarianceParameters) -> int:
    """Give the baseline devices needed: the tail must hold one of them and each fold be worth a fit."""
    return anomaly_share.required_units(_rule(params))


def detect(baseline: npt.ArrayLike, current: npt.ArrayLike, params: RobustCovarianceParameters) -> AnomalyShare:
    """Compare ``current`` (n1, k) with ``baseline`` (n0, k); rows are devices, columns metrics, nan is not measured.

    Raises MethodInputError as `anomaly_share.compare` does, and where a metric is a linear function of the others or
    has one value in three quarters of the devices.
    """

    def learn(devices: FloatArray, seed: int) -> Callable[[FloatArray], FloatArray]:
        varying = devices.min(axis=0) < devices.max(axis=0)
        if not varying.any():
            return lambda rows: np.zeros(len(rows))
        centre, scale = np.median(devices[:, varying], axis=0), devices[:, varying].std(axis=0)
        standard = (devices[:, varying] - centre) / scale
        common = np.quantile(standard, (0.125, 0.875), axis=0)
        if (common[0] == common[1]).any():
            raise MethodInputError("a metric has one value in most devices, so no distance: leave it out")
        if np.linalg.matrix_rank(standard, tol=1e-8 * np.sqrt(standard.size)) < standard.shape[1]:
            raise MethodInputError("a metric is a linear function of the others: leave one of them out")
        cloud = MinCovDet(random_state=seed, support_fraction=_CORE).fit(standard)
        return lambda rows: np.asarray(cloud.mahalanobis((rows[:, varying] - centre) / scale))

    return anomaly_share.compare(baseline, current, _rule(params), learn)


def _rule(params: RobustCovarianceParameters) -> ShareRule:
    return ShareRule(
        tail=params.tail,
        level=params.level,
        folds=params.folds,
        minimum_current=params.minimum_current,
        seed=params.seed,
    )
