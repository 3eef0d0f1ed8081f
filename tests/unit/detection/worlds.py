"""Worlds of series whose truth is known: constant means, a stated spread."""

import numpy as np

from include.postmarket.detection.futures import World
from include.postmarket.detection.ordinary import Ordinary
from include.postmarket.detection.shapes import FloatArray


def constant(means: FloatArray, past: int, ahead: int, dispersion: float = 1.0, exposure: float | None = None) -> World:
    """Give series (S,) that stand for themselves, with a mean each; the past was not observed."""
    series = len(means)
    learnt = Ordinary(
        mean=np.repeat(means[:, None], past + ahead, axis=1),
        dispersion=np.full(series, dispersion),
        exposure=None if exposure is None else np.full((series, past + ahead), exposure),
        reason=np.full(series, "", dtype="<U120"),
    )
    observed = np.zeros((series, past), dtype=np.bool_)
    return World(parts=learnt, members=np.eye(series, dtype=np.bool_), series=learnt, observed=observed)
