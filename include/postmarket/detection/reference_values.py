"""Reference values of the RKI and Bayes systems: the weeks just before, and those around the same week of past years.

System 1: the 6 periods before. 2: those and 13 around the same period a year ago. 3: 9 around it in each of two years.
(Riebler 2004, as in R surveillance.)
"""

from dataclasses import dataclass

import numpy as np

from include.postmarket.detection.evaluation import require
from include.postmarket.detection.shapes import BoolArray, FloatArray

SYSTEMS = {1: (6, 0, 6), 2: (6, 1, 6), 3: (0, 2, 4)}  # periods before, years, half window around the period in them


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceValues:
    """Sum, sum of squares and ``number`` of the values of each period (S, T); ``complete`` where all were seen."""

    total: FloatArray
    squares: FloatArray
    number: int
    complete: BoolArray


def check_system(system: int, year_length: int, method: str) -> None:
    """Raise `MethodInputError` for an unknown system or a year too short for its windows."""
    require(system in SYSTEMS, method=method, wrong=f"system {system}", todo="give 1, 2 or 3")
    require(year_length >= 14, method=method, wrong=f"year_length {year_length}", todo="give 14 periods or more")


def reference_history(system: int, year_length: int) -> int:
    """Give the periods needed before the first one with all its reference values."""
    return max(_lags(system, year_length))


def reference_values(counts: FloatArray, system: int, year_length: int) -> ReferenceValues:
    """Give the reference values of every period; before the required history they are incomplete."""
    lags = _lags(system, year_length)
    observed = ~np.isnan(counts)
    filled = np.where(observed, counts, 0.0)
    total, squares, seen = np.zeros(counts.shape), np.zeros(counts.shape), np.zeros(counts.shape)
    for lag in lags:
        for sums, values in ((total, filled), (squares, filled**2), (seen, observed)):
            sums[:, lag:] += values[:, : max(counts.shape[1] - lag, 0)]
    return ReferenceValues(total=total, squares=squares, number=len(lags), complete=seen == len(lags))


def _lags(system: int, year_length: int) -> list[int]:
    before, years, half_window = SYSTEMS[system]
    around = [year * year_length + lag for year in range(1, years + 1) for lag in range(-half_window, half_window + 1)]
    return [*range(1, before + 1), *around]
