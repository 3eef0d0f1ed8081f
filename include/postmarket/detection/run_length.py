"""Mean run lengths of the CUSUM of counts by Markov chain (Brook and Evans 1972), and the limit for a wanted one.

The chain lives on a lattice: an event is ``up`` steps up, a period ``down`` steps down, so that with a reference value
k that fits the lattice it is exact, not an approximation by intervals; any other k is rounded to the lattice.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from include.postmarket.detection.normal_run_length import normal_cusum_limit
from include.postmarket.detection.shapes import FloatArray, IntArray

RARE = 0.01  # below this mean, periods are joined: between rare events a longer period changes nothing
MANY = 2000.0  # above this mean, counts are normal enough and the lattice would be large
ENDLESS = 1e15  # a chain that practically never ends makes its equations singular
LEAST_LOG = -700.0  # of a probability, so that it does not underflow


@dataclass(frozen=True, slots=True)
class Lattice:
    """Steps ``up`` for an event and ``down`` for a period."""

    up: int
    down: int

    @classmethod
    def of(cls, reference: float) -> "Lattice":
        """Choose the lattice of the reference value k > 0 (events per period): ``down / up`` comes very near to k."""
        coarsest = max(math.ceil(4 / reference), math.ceil(20 / math.sqrt(reference)), 2)
        candidates = np.arange(coarsest, coarsest + 21)
        error = np.abs(candidates * reference - np.round(candidates * reference)) / candidates
        up = int(candidates[np.argmin(np.round(error, 12))])
        return cls(up=up, down=round(reference * up))


def cusum_limit(mean: float, reference: float, run_length: float, spread: float = 1.0) -> float:
    """Give the least h (events) at which a chart in control runs ``run_length`` periods on average.

    ``mean`` > 0 and ``spread`` (variance over mean, 1 for Poisson) are those of a count in control, ``reference`` is
    k; mean and k are taken to four digits.
    """
    if mean < RARE:
        joined = math.ceil(RARE / mean)
        return cusum_limit(mean * joined, reference * joined, max(run_length / joined, 1.0), spread)
    if mean > MANY:
        deviation = math.sqrt(mean * spread)
        return deviation * normal_cusum_limit((reference - mean) / deviation, run_length)
    return _limit(float(f"{mean:.4g}"), float(f"{reference:.4g}"), run_length, spread)


def cusum_run_length(mean: float, reference: float, h: float, spread: float = 1.0) -> float:
    """Give the mean number of periods until C > h from C = 0, with k the reference value."""
    lattice = Lattice.of(reference)
    return _run_length((mean, spread), lattice, math.floor(h * lattice.up + 1e-9))


@lru_cache(maxsize=8192)
def _limit(mean: float, reference: float, run_length: float, spread: float) -> float:
    lattice = Lattice.of(reference)
    low, high = -1, 0
    while _run_length((mean, spread), lattice, high) < run_length:
        low, high = high, 2 * high + lattice.up
    while high - low > 1:
        middle = (low + high) // 2
        if _run_length((mean, spread), lattice, middle) < run_length:
            low = middle
        else:
            high = middle
    return (high + 0.5) / lattice.up  # half a step above the lattice, so that the rounding of k decides nothing


def _run_length(count: tuple[float, float], lattice: Lattice, last: int) -> float:
    """Solve (I - Q) L = 1 over the states 0 .. last (steps) that do not alarm; a count has mean and spread."""
    state = np.arange(last + 1)
    events = np.arange((last + lattice.down) // lattice.up + 1)
    chance = _chances(events, *count)
    target = np.maximum(state[:, None] + events * lattice.up - lattice.down, 0)
    inside = target <= last
    transitions = np.zeros((last + 1, last + 1))
    np.add.at(transitions, (np.nonzero(inside)[0], target[inside]), np.broadcast_to(chance, target.shape)[inside])
    leaving = np.eye(last + 1) - transitions
    if float(leaving.sum()) < 1 / ENDLESS:
        return ENDLESS
    length = float(np.linalg.solve(leaving, np.ones(last + 1))[0])
    return length if 0 < length < ENDLESS else ENDLESS


def _chances(events: IntArray, mean: float, spread: float) -> FloatArray:
    """Give the probabilities of the counts, Poisson or negative binomial with size mean/(spread - 1)."""
    log_chance = special.xlogy(events, mean) - mean - special.gammaln(events + 1)
    if spread > 1:
        size = mean / (spread - 1)
        ways = special.gammaln(events + size) - special.gammaln(size) - special.gammaln(events + 1)
        log_chance = ways - size * math.log(spread) + special.xlogy(events, (spread - 1) / spread)
    chance: FloatArray = np.exp(np.maximum(log_chance, LEAST_LOG))
    return chance
