"""The maker's scales (ISO 14971:2019 clause 4.4): probability to level, level and severity to acceptability.

A band holds its lower bound and not its upper one. The top band has no upper limit: what is estimated is a rate per
exposure, and a rate may exceed 1. Whoever claims acceptability looks up the upper credible bound, never the mean.
"""

import math
from itertools import pairwise

from include.postmarket.model.errors import ConfigurationError, InputError
from include.postmarket.model.risk import Acceptability, Matrix


def check_matrix(matrix: Matrix) -> None:
    """Raise ConfigurationError, naming every fault, unless bands rise from 0 and there is one cell for each pair."""
    faults = []
    if not matrix.bands or matrix.bands[0] != 0 or any(low >= high for low, high in pairwise(matrix.bands)):
        faults.append(f"bands {matrix.bands} do not rise from 0")
    if len(matrix.cells) != len(matrix.bands):
        faults.append(f"{len(matrix.cells)} rows of cells for {len(matrix.bands)} probability levels")
    short = [level for level, row in enumerate(matrix.cells, start=1) if len(row) != len(matrix.severities)]
    if short:
        faults.append(f"rows of levels {short} do not have {len(matrix.severities)} cells")
    if faults:
        raise ConfigurationError(
            "; ".join(faults), where=f"risk matrix {matrix.id}", todo="mend the matrix in the risk file"
        )


def level_of(matrix: Matrix, probability: float) -> int:
    """Give the level, from 1, of the band that holds a probability or rate per exposure; lower bounds belong to a band.

    Raises InputError for a negative or non-finite probability.
    """
    if not math.isfinite(probability) or probability < 0:
        raise InputError(
            f"probability {probability} has no level",
            where=f"risk matrix {matrix.id}",
            todo="give a finite probability of 0 or more",
        )
    return sum(bound <= probability for bound in matrix.bands)


def band_limit(matrix: Matrix, level: int) -> float | None:
    """Give the probability at which a level ends (exclusive); None for the top level, which has no end."""
    _check_level(matrix, level)
    return matrix.bands[level] if level < len(matrix.bands) else None


def acceptability_of(matrix: Matrix, level: int, severity: int) -> Acceptability:
    """Give what the matrix says of a probability level and a severity, both from 1.

    Raises InputError when the matrix has no such level or severity.
    """
    _check_level(matrix, level)
    if not 1 <= severity <= len(matrix.severities):
        raise InputError(
            f"severity {severity} is not on the scale of {len(matrix.severities)}",
            where=f"risk matrix {matrix.id}",
            todo="give a severity of the maker's scale",
        )
    return matrix.cells[level - 1][severity - 1]


def _check_level(matrix: Matrix, level: int) -> None:
    if not 1 <= level <= len(matrix.bands):
        raise InputError(
            f"probability level {level} is not on the scale of {len(matrix.bands)}",
            where=f"risk matrix {matrix.id}",
            todo="give a level of the maker's scale",
        )
