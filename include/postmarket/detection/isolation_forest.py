"""Isolation forest (Liu, Ting & Zhou 2008): devices that few random cuts set apart from the baseline look unlike it.

It sees unusual combinations without a model of the metrics; `anomaly_share` says when there are too many of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy.typing as npt
from sklearn.ensemble import IsolationForest

from include.postmarket.detection import anomaly_share
from include.postmarket.detection.anomaly_share import AnomalyShare, ShareRule
from include.postmarket.detection.shapes import FloatArray, MethodInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationForestParameters:
    """``tail``: share of baseline devices called anomalous; ``level``: false alarm rate; ``seed``: of the forests."""

    tail: float = 0.05
    level: float = 0.01
    trees: int = 200
    folds: int = 5
    minimum_current: int = 10
    seed: int = 0


def required_units(params: IsolationForestParameters) -> int:
    """Give the baseline devices needed: the tail must hold one of them and each fold be worth a forest."""
    return anomaly_share.required_units(_rule(params))


def detect(baseline: npt.ArrayLike, current: npt.ArrayLike, params: IsolationForestParameters) -> AnomalyShare:
    """Compare ``current`` (n1, k) with ``baseline`` (n0, k); rows are devices, columns metrics, nan is not measured.

    Raises MethodInputError as `anomaly_share.compare` does, and where there is not one tree.
    """
    if params.trees < 1:
        raise MethodInputError(f"trees {params.trees} must be 1 or more")

    def learn(devices: FloatArray, seed: int) -> Callable[[FloatArray], FloatArray]:
        forest = IsolationForest(n_estimators=params.trees, max_samples=min(256, len(devices)), random_state=seed)
        forest.fit(devices)
        return lambda rows: -forest.score_samples(rows)

    return anomaly_share.compare(baseline, current, _rule(params), learn)


def _rule(params: IsolationForestParameters) -> ShareRule:
    return ShareRule(
        tail=params.tail,
        level=params.level,
        folds=params.folds,
        minimum_current=params.minimum_current,
        seed=params.seed,
    )
