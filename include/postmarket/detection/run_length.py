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
FEW_STATES = 64  # of the chain, to begin with
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
    return float(_run_lengths((mean, spread), lattice, math.floor(h * lattice.up + 1e-9) + 1)[-1])


@lru_cache(maxsize=8192)
def _limit(mean: float, reference: float, run_length: float, spread: float) -> float:
    lattice, states = Lattice.of(reference), FEW_STATES
    while (lengths := _run_lengths((mean, spread), lattice, states))[-1] < run_length:
        states *= 2
    last = int(np.argmax(lengths >= run_length))
    return (last + 0.5) / lattice.up  # half a step above the lattice, so that the rounding of k decides nothing


def _run_lengths(count: tuple[float, float], lattice: Lattice, states: int) -> FloatArray:
    """Give the mean run length of every limit from 0 to ``states`` - 1 steps; a count has mean and spread.

    It is the first entry of (I - Q)^-1 1 over the states that do not alarm. The matrix of a lower limit is a leading
    block of that of a higher one, so one elimination gives them all; I - Q is an M-matrix and needs no pivots. It is
    written out in numpy because LAPACK starts threads for matrices of this size, which cost more than they give.
    """
    left = np.eye(states) - _transitions(count, lattice, states)
    right, row, lengths = np.ones(states), np.zeros(states), np.full(states, ENDLESS)
    row[0] = 1.0
    length = 0.0
    for state in range(states):
        pivot = left[state, state]
        first = row[state] / pivot if pivot > 1 / ENDLESS else math.inf
        length += first * right[state]
        if not 0 < length < ENDLESS:
            break
        lengths[state] = length
        after = slice(state + 1, states)
        row[after] -= first * left[state, after]
        factor = left[after, state] / pivot
        right[after] -= factor * right[state]
        left[after, after] -= factor[:, None] * left[state, after]
    return lengths


def _transitions(count: tuple[float, float], lattice: Lattice, states: int) -> FloatArray:
    """Give the probabilities of going from one state (steps) to another, without those that alarm."""
    state = np.arange(states)
    events = np.arange((states - 1 + lattice.down) // lattice.up + 1)
    chance = _chances(events, *count)
    target = np.maximum(state[:, None] + events * lattice.up - lattice.down, 0)
    inside = target < states
    found = np.zeros((states, states))
    np.add.at(found, (np.nonzero(inside)[0], target[inside]), np.broadcast_to(chance, target.shape)[inside])
    return found


def _chances(events: IntArray, mean: float, spread: float) -> FloatArray:
    """Give the probabilities of the counts, Poisson or negative binomial with size mean/(spread - 1)."""
    log_chance = special.xlogy(events, mean) - mean - special.gammaln(events + 1)
    if spread > 1:
        size = mean / (spread - 1)
        ways = special.gammaln(events + size) - special.gammaln(size) - special.gammaln(events + 1)
        log_chance = ways - size * math.log(spread) + special.xlogy(events, (spread - 1) / spread)
    chance: FloatArray = np.exp(np.maximum(log_chance, LEAST_LOG))
    return chance
