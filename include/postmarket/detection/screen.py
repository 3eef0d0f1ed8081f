"""The recommended rule for pairs without exposure: which stand out, at a stated share of false signals.

The local false discovery rate of a pair is its probability of being background (`empirical_null`); pairs are taken from
the lowest up, as long as the mean over those taken stays within ``false_share`` (Efron 2007; Müller 2004). The sum over
those taken is the number of false signals to expect, which a team can set against what it can look at.
"""

from dataclasses import dataclass

import numpy as np

from include.postmarket.detection.contingency import has_no_comparison, reason_where
from include.postmarket.detection.empirical_null import fit_rates
from include.postmarket.detection.rate_mixture import RateModel
from include.postmarket.detection.shapes import BoolArray, FloatArray, MethodInputError, Pairs, Reason, ReasonArray

MINIMUM_PAIRS = 100  # seven parameters are fitted
# Products and events: in a total of few pairs a raised one weighs so much that the others look low, or the reverse.
MINIMUM_CATEGORIES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenParameters:
    """``false_share``: expected share of false signals among all; pairs below ``minimum_reports`` are not evaluated.

    How well the share is kept, and what is found at it, is measured by `python -m benchmarks.planted`.
    """

    false_share: float = 0.09
    minimum_reports: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What the screen says of each pair, shape (P,).

    ``expected`` is what the pair would have as background, judged by all other pairs (corrected for masking),
    ``relative_rate`` the posterior mean of the rate relative to that,
    ``false_probability`` the local false discovery rate by which to rank. ``expected_false_signals`` is the sum of it
    over the alarms, ``cut`` the local false discovery rate up to which pairs are taken (-1: none), ``variance`` that of
    the error of ``expected``. ``model`` is None and all numbers are nan where there are too few pairs to fit it.
    """

    pairs: Pairs
    expected: FloatArray
    variance: FloatArray
    relative_rate: FloatArray
    false_probability: FloatArray
    alarm: BoolArray
    evaluated: BoolArray
    reason: ReasonArray
    expected_false_signals: float
    cut: float
    model: RateModel | None


def detect(pairs: Pairs, params: ScreenParameters) -> Screen:
    """Screen all pairs together.

    Raises MethodInputError where ``false_share`` is not between 0 and 1.
    """
    if not 0 < params.false_share < 1:
        raise MethodInputError(f"false_share is {params.false_share}: give a share between 0 and 1, such as 0.09")
    if len(pairs.n) < MINIMUM_PAIRS:
        return _not_fitted(pairs, Reason.TOO_FEW_PAIRS)
    if min(len(np.unique(pairs.product)), len(np.unique(pairs.event))) < MINIMUM_CATEGORIES:
        return _not_fitted(pairs, Reason.TOO_FEW_CATEGORIES)
    fitted = fit_rates(pairs)
    failed = np.full(len(pairs.n), not fitted.model.converged)
    alone, few = has_no_comparison(pairs), pairs.n < params.minimum_reports
    evaluated = ~failed & ~alone & ~few
    cut = _cut(fitted.background_probability[evaluated], params)
    alarm = evaluated & (fitted.background_probability <= cut)
    return Screen(
        pairs=pairs,
        expected=fitted.expected,
        variance=fitted.variance,
        relative_rate=fitted.relative_rate,
        false_probability=fitted.background_probability,
        alarm=alarm,
        evaluated=evaluated,
        reason=reason_where((failed, Reason.NO_CONVERGENCE), (alone, Reason.ONE_CATEGORY), (few, Reason.LOW_COUNT)),
        expected_false_signals=float(fitted.background_probability[alarm].sum()),
        cut=cut,
        model=fitted.model,
    )


def _cut(false_probability: FloatArray, params: ScreenParameters) -> float:
    """Give the largest local false discovery rate up to which the mean stays within the share, -1 where none does."""
    ordered = np.sort(false_probability)
    running_mean = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    within = np.flatnonzero(running_mean <= params.false_share)
    return float(ordered[within[-1]]) if len(within) else -1.0


def _not_fitted(pairs: Pairs, why: Reason) -> Screen:
    unknown, nothing = np.full(len(pairs.n), np.nan), np.zeros(len(pairs.n), dtype=np.bool_)
    return Screen(
        pairs=pairs,
        expected=unknown,
        variance=unknown,
        relative_rate=unknown,
        false_probability=unknown,
        alarm=nothing,
        evaluated=nothing,
        reason=reason_where((~nothing, why)),
        expected_false_signals=float("nan"),
        cut=-1.0,
        model=None,
    )
