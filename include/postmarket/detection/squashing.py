"""Data squashing (DuMouchel & Pregibon 2001): pairs of equal n and nearly equal E share a row of the fit."""

from dataclasses import dataclass

import numpy as np

from include.postmarket.detection.shapes import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class SquashedPairs:
    """Rows of shape (R,): ``counts[place]`` reports each, mean ``expected``, ``weight`` pairs in the row."""

    counts: FloatArray
    place: IntArray
    expected: FloatArray
    weight: FloatArray


def squash(n: FloatArray, expected: FloatArray, width: float) -> SquashedPairs:
    """Put pairs of equal ``n`` whose log ``expected`` falls into the same band of ``width`` into one row."""
    band = np.floor(np.log(expected) / width)
    order = np.lexsort((band, n))
    n, band = n[order], band[order]
    starts = np.flatnonzero(np.concatenate([[True], (n[1:] != n[:-1]) | (band[1:] != band[:-1])]))
    weight = np.diff(starts, append=len(n)).astype(np.float64)
    counts, place = np.unique(n[starts], return_inverse=True)
    return SquashedPairs(counts, place, np.add.reduceat(expected[order], starts) / weight, weight)


def unsquashed(n: FloatArray, expected: FloatArray) -> SquashedPairs:
    """Give every pair its own row."""
    counts, place = np.unique(n, return_inverse=True)
    return SquashedPairs(counts, place, expected, np.ones(len(n)))
