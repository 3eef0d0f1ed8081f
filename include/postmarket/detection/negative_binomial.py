"""Counts with mean m and variance phi m (phi >= 1; Poisson at 1): tails, normal scores, and counts behind scores.

Size m/(phi - 1) and probability 1/phi, so that P(Y >= y) is an incomplete beta ratio. A normal score takes half of the
probability of the count itself (mid-p), so that scores of rare events are neither too high nor too low on average.
"""

import numpy as np
from scipy import special

from include.postmarket.detection.shapes import MOST_EVENTS, FloatArray

NEARLY_POISSON = 1 + 1e-6
LEAST, MOST = 1e-300, 1 - 2.0**-53  # of a probability, so that its score is finite
HIGHEST = -float(special.ndtri(LEAST))


def upper_tail(count: FloatArray, mean: FloatArray, spread: FloatArray) -> FloatArray:
    """Give P(Y >= count) for broadcastable arrays; 1 for a count of 0 or below."""
    y, m, phi = np.broadcast_arrays(count, mean, spread)
    tail = np.ones(y.shape)
    some = y > 0
    over = some & (phi > NEARLY_POISSON)
    tail[over] = special.betainc(y[over], m[over] / (phi[over] - 1), 1 - 1 / phi[over])
    rest = some & ~over
    tail[rest] = special.gammainc(y[rest], m[rest])
    return tail


def score(count: FloatArray, mean: FloatArray, spread: FloatArray) -> FloatArray:
    """Give the normal score of a count: the standard normal quantile whose upper tail is the mid-p of the count."""
    middle = 0.5 * (upper_tail(count, mean, spread) + upper_tail(count + 1, mean, spread))
    found: FloatArray = -special.ndtri(np.clip(middle, LEAST, MOST))
    return found


def highest_count(highest_score: FloatArray, mean: FloatArray, spread: FloatArray) -> FloatArray:
    """Give the highest count whose score is not above ``highest_score``; -1 where even no event has a higher one.

    Where no probability is small enough for a higher score, that is the most events that there can be.
    """
    unreachable = highest_score >= HIGHEST
    highest_score = np.minimum(highest_score, HIGHEST - 1)
    low = np.full(mean.shape, -1.0)
    deviation = np.sqrt(mean * spread)
    high = np.ceil(mean + np.maximum(highest_score, 1.0) * deviation + spread * highest_score**2) + 1
    high = np.minimum(high, MOST_EVENTS)  # no count is larger, and the tails of larger ones take for ever
    while np.any(below := (high < MOST_EVENTS) & (score(high, mean, spread) <= highest_score)):
        low, high = np.where(below, high, low), np.where(below, 2 * high, high)
    while np.any(apart := high - low > 1):
        middle = np.where(apart, np.floor((low + high) / 2), low)
        below = (middle < 0) | (score(np.maximum(middle, 0.0), mean, spread) <= highest_score)
        low, high = np.where(apart & below, middle, low), np.where(apart & ~below, middle, high)
    return np.where(unreachable, MOST_EVENTS, low)
