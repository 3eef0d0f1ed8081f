"""Phase I of a control chart: the in-control rate of every series from its first observed periods, or as stated."""

from dataclasses import dataclass

import numpy as np

from include.postmarket.detection.evaluation import require, usable
from include.postmarket.detection.shapes import BoolArray, FloatArray

EVENTS_OF_AN_EMPTY_BASELINE = 0.5  # Jeffreys: no event seen is not a rate of zero, and a chart needs a positive one


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseOne:
    """``rate`` (S, 1) in events per exposure; ``done`` (S, T) says which periods come after phase I."""

    rate: FloatArray
    done: BoolArray


def phase_one(counts: FloatArray, exposure: FloatArray, baseline: int, rate: float) -> PhaseOne:
    """Give the in-control rate: ``rate`` if positive (then no phase I), else all events over all exposure of phase I.

    Phase I is the first ``baseline`` usable periods of each series. A baseline without events counts as half an event.
    """
    series, periods = counts.shape
    if rate > 0:
        return PhaseOne(rate=np.full((series, 1), rate), done=np.ones((series, periods), dtype=np.bool_))
    counted = usable(counts, exposure)
    inside = counted & (np.cumsum(counted, axis=1) <= baseline)
    events = np.where(inside, counts, 0.0).sum(axis=1, keepdims=True)
    at_risk = np.where(inside, exposure, 0.0).sum(axis=1, keepdims=True)
    full = inside.sum(axis=1, keepdims=True) == baseline
    found = np.where(events > 0, events, EVENTS_OF_AN_EMPTY_BASELINE) / np.where(at_risk > 0, at_risk, 1.0)
    return PhaseOne(rate=found, done=full & (np.cumsum(counted, axis=1) > baseline))


def check_phase_one(baseline: int, rate: float, method: str) -> None:
    """Raise `MethodInputError` unless there is a stated rate or a phase I of one period or more."""
    require(
        bool(np.isfinite(rate)) and rate >= 0, method=method, wrong=f"rate {rate}", todo="give a positive rate, or 0"
    )
    require(
        rate > 0 or baseline >= 1,
        method=method,
        wrong=f"baseline {baseline} without a stated rate",
        todo="give the periods of phase I, or the rate",
    )
