"""Mean run lengths of charts of standardised values: what a width or a decision limit costs in false alarms.

The integral equations of the run length, solved on Gauss-Legendre nodes (Crowder, Technometrics 1987;29:401-407 for
the EWMA; Page 1954 for the CUSUM), for independent normal values with mean ``shift`` and variance 1. Checked against R
spc.
"""

import math

import numpy as np
from scipy import optimize, special

from include.postmarket.detection.evaluation import require
from include.postmarket.detection.shapes import FloatArray

METHOD = "run length"
NODES = 80


def ewma_run_length(weight: float, width: float, shift: float = 0.0) -> float:
    """Give the mean number of values until |z| leaves ``width`` asymptotic standard deviations, from z = 0.

    The chart of `ewma` has narrower limits in its first periods and alarms on one side only; in control it runs longer
    than this by about a factor of two, less a little for the start.
    Raises `MethodInputError` for a weight outside (0, 1] or a width that is not positive.
    """
    require(0 < weight <= 1, method=METHOD, wrong=f"weight {weight}", todo="give a weight in (0, 1]")
    require(0 < width < math.inf, method=METHOD, wrong=f"width {width}", todo="give a positive width")
    limit = width * math.sqrt(weight / (2 - weight))
    node, share = _nodes(-limit, limit)
    kernel = share * _density((node - (1 - weight) * node[:, None]) / weight - shift) / weight
    lengths = np.linalg.solve(np.eye(NODES) - kernel, np.ones(NODES))
    return float(1 + np.sum(share * _density(node / weight - shift) / weight * lengths))


def cusum_run_length(reference: float, h: float, shift: float = 0.0) -> float:
    """Give the mean number of values until the one-sided CUSUM with reference value k exceeds ``h``, from 0.

    Raises `MethodInputError` for a negative reference or a decision limit that is not positive.
    """
    require(reference >= 0, method=METHOD, wrong=f"reference {reference}", todo="give 0 or more")
    require(0 < h < math.inf, method=METHOD, wrong=f"h {h}", todo="give a positive limit")
    node, share = _nodes(0.0, h)
    start = np.append(0.0, node)
    to_zero = special.ndtr(reference - start - shift)
    kernel = share * _density(node + reference - start[:, None] - shift)
    matrix = np.eye(NODES + 1) - np.hstack([to_zero[:, None], kernel])
    return float(np.linalg.solve(matrix, np.ones(NODES + 1))[0])


def normal_cusum_limit(reference: float, run_length: float) -> float:
    """Give the h at which the CUSUM in control runs ``run_length`` values; 0 where a value above k is rarer."""
    if special.ndtr(-reference) <= 1 / run_length:
        return 0.0
    high = 1.0
    while cusum_run_length(reference, high) < run_length:
        high *= 2
    return float(optimize.brentq(lambda h: cusum_run_length(reference, h) - run_length, 1e-6, high, xtol=1e-9))


def _nodes(low: float, high: float) -> tuple[FloatArray, FloatArray]:
    node, share = np.polynomial.legendre.leggauss(NODES)
    return low + (high - low) * (node + 1) / 2, share * (high - low) / 2


def _density(x: FloatArray) -> FloatArray:
    density: FloatArray = np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
    return density
