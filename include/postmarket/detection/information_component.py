"""Information component: log2 of observed over expected reports, shrunk towards 0, with exact credible bounds.

IC = log2((n + 1/2) / (E + 1/2)), bounds log2 of the quantiles of Gamma(n + 1/2, E + 1/2) (Norén, Hopstadius & Bate
2013, UMC). Two older forms are given to compare with published work: the maximum a posteriori IC of Norén et al. 2006
and the normal approximation of Gould 2003.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv, psi, zeta

from include.postmarket.detection.contingency import has_no_comparison, reason_where, two_by_two
from include.postmarket.detection.shapes import BoolArray, FloatArray, MethodInputError, Pairs, Reason, ReasonArray


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationComponentParameters:
    """``confidence`` of the two-sided bounds; a pair alarms where its lower bound is above ``minimum_lower``."""

    confidence: float = 0.95
    minimum_lower: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationComponent:
    """IC and its bounds in bits, shape (P,); ``alarm`` is False where ``evaluated`` is False, ``reason`` says why."""

    pairs: Pairs
    ic: FloatArray
    lower: FloatArray
    upper: FloatArray
    alarm: BoolArray
    evaluated: BoolArray
    reason: ReasonArray


@dataclass(frozen=True, slots=True)
class NormalComponent:
    """Mean and standard deviation of the IC in bits, shape (P,)."""

    mean: FloatArray
    deviation: FloatArray


def detect(pairs: Pairs, params: InformationComponentParameters) -> InformationComponent:
    """Give the IC of each pair with its credible bounds.

    Raises MethodInputError where the confidence is not between 0 and 1.
    """
    if not 0 < params.confidence < 1:
        raise MethodInputError(f"confidence is {params.confidence}: give a number between 0 and 1, such as 0.95")
    alone = has_no_comparison(pairs)
    shrunk_expected = pairs.expected + 0.5
    tail = (1 - params.confidence) / 2
    # The quantile depends on n alone and n repeats: one quantile per distinct count.
    counts, place = np.unique(pairs.n, return_inverse=True)
    lower = np.log2(gammaincinv(counts + 0.5, tail)[place] / shrunk_expected)
    upper = np.log2(gammaincinv(counts + 0.5, 1 - tail)[place] / shrunk_expected)
    return InformationComponent(
        pairs=pairs,
        ic=np.log2((pairs.n + 0.5) / shrunk_expected),
        lower=lower,
        upper=upper,
        alarm=~alone & (lower > params.minimum_lower),
        evaluated=~alone,
        reason=reason_where((alone, Reason.ONE_CATEGORY)),
    )


def map_2006(pairs: Pairs) -> FloatArray:
    """Give the maximum a posteriori IC in bits, shape (P,), under the Dirichlet prior of Norén et al. 2006."""
    total, cells = pairs.total, two_by_two(pairs)
    share_product = (pairs.product_total + 0.5) / (total + 1)
    share_event = (pairs.event_total + 0.5) / (total + 1)
    other_product = (total - pairs.product_total + 0.5) / (total + 1)
    other_event = (total - pairs.event_total + 0.5) / (total + 1)
    weight = 0.5 / (share_product * share_event)
    both = cells.a + share_product * share_event * weight
    product_only = cells.b + share_product * other_event * weight
    event_only = cells.c + other_product * share_event * weight
    neither = cells.d + other_product * other_event * weight
    everything = both + product_only + event_only + neither
    return np.log2(both * everything / ((both + product_only) * (both + event_only)))


def gould_2003(pairs: Pairs) -> NormalComponent:
    """Give mean and standard deviation of the IC of Gould 2003, the default of PhViD's BCPNN without Monte Carlo."""
    product_1, product_2 = 1 + pairs.product_total, 1 + pairs.total - pairs.product_total
    event_1, event_2 = 1 + pairs.event_total, 1 + pairs.total - pairs.event_total
    pair_1 = 1 + pairs.n
    pair_2 = pairs.total - pairs.n - 1 + (2 + pairs.total) ** 2 / (event_1 * product_1)
    mean = psi(pair_1) - psi(pair_1 + pair_2)
    mean -= psi(product_1) - psi(product_1 + product_2) + psi(event_1) - psi(event_1 + event_2)
    variance = _trigamma(pair_1) - _trigamma(pair_1 + pair_2)
    variance += _trigamma(product_1) - _trigamma(product_1 + product_2)
    variance += _trigamma(event_1) - _trigamma(event_1 + event_2)
    return NormalComponent(mean=mean / np.log(2), deviation=np.sqrt(variance) / np.log(2))


def _trigamma(x: FloatArray) -> FloatArray:
    return np.asarray(zeta(2, x))
