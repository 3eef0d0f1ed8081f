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
    order, starts = row_starts(n, band(expected, width))
    weight = np.diff(starts, append=len(n)).astype(np.float64)
    counts, place = np.unique(n[order[starts]], return_inverse=True)
    return SquashedPairs(counts, place, np.add.reduceat(expected[order], starts) / weight, weight)


def band(values: FloatArray, width: float) -> FloatArray:
    """Give the number of the band of each value > 0; bands are ``width`` wide in the log."""
    return np.asarray(np.floor(np.log(values) / width))


def row_starts(*keys: FloatArray) -> tuple[IntArray, IntArray]:
    """Give an order in which rows that are equal in all keys are neighbours, and where in it each such run begins."""
    order = np.lexsort(keys[::-1])
    fresh = np.ones(len(order), dtype=np.bool_)
    fresh[1:] = np.logical_or.reduce([key[order][1:] != key[order][:-1] for key in keys])
    return order, np.flatnonzero(fresh)


def unsquashed(n: FloatArray, expected: FloatArray) -> SquashedPairs:
    """Give every pair its own row."""
    counts, place = np.unique(n, return_inverse=True)
    return SquashedPairs(counts, place, expected, np.ones(len(n)))
