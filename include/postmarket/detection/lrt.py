"""Likelihood ratio test of product-event pairs, with one error rate for the whole table.

Huang, Zalkikar & Tiwari 2011; pvLRT 0.5.1 `lrt_vanilla_poisson`: n ~ Poisson(lambda E), statistic of a pair n log(n /
E) - (n - E) where n > E and 0 elsewhere. The p-value of a pair is the share of tables drawn without any signal, Poisson
around E with E computed anew from their margins, whose largest statistic is at least as large: the chance of one false
alarm or more among all pairs is at most ``level``.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from include.postmarket.detection.contingency import has_no_comparison, reason_where
from include.postmarket.detection.shapes import (
    BoolArray,
    FloatArray,
    IntArray,
    MethodInputError,
    Pairs,
    Reason,
    ReasonArray,
)

MOST_CELLS_DRAWN = 1_000_000_000
_CELLS_AT_A_TIME = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LrtParameters:
    """``level``: family-wise error; ``draws`` of null tables; ``comparators``: codes of products not tested."""

    level: float = 0.05
    draws: int = 10_000
    seed: int = 0
    comparators: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelihoodRatios:
    """Log-likelihood ratio and p-value of each pair, shape (P,); an alarm is a statistic above ``critical_value``.

    The smallest p-value there can be is 1 / (draws + 1). Pairs of a comparator are not evaluated.
    """

    pairs: Pairs
    statistic: FloatArray
    p_value: FloatArray
    critical_value: float
    alarm: BoolArray
    evaluated: BoolArray
    reason: ReasonArray


def detect(pairs: Pairs, params: LrtParameters) -> LikelihoodRatios:
    """Test every pair of the products that are no comparators.

    Raises MethodInputError where ``level`` is not between 0 and 1, ``draws`` is below 1, or table times draws is beyond
    `MOST_CELLS_DRAWN`, and for stratified counts.
    """
    if not 0 < params.level < 1 or params.draws < 1:
        raise MethodInputError(f"level {params.level} must lie between 0 and 1 and draws {params.draws} be 1 or more")
    if pairs.strata > 1:
        raise MethodInputError("null tables are drawn from plain margins: count without strata for this test")
    statistic = log_likelihood_ratio(pairs.n, pairs.expected)
    alone, spared = has_no_comparison(pairs), np.isin(pairs.product, params.comparators)
    evaluated = ~alone & ~spared
    largest = _largest_by_chance(pairs, params) if evaluated.any() else np.zeros(params.draws)
    as_large = params.draws - np.searchsorted(largest, statistic, side="left")
    p_value = (1 + as_large) / (params.draws + 1)
    return LikelihoodRatios(
        pairs=pairs,
        statistic=statistic,
        p_value=np.where(evaluated, p_value, np.nan),
        critical_value=float(np.quantile(largest, 1 - params.level, method="higher")),
        alarm=evaluated & (p_value <= params.level),
        evaluated=evaluated,
        reason=reason_where((alone, Reason.ONE_CATEGORY), (spared, Reason.COMPARATOR)),
    )


def log_likelihood_ratio(n: FloatArray, expected: FloatArray) -> FloatArray:
    """Give n log(n / E) - (n - E) where n > E, 0 elsewhere; E = 0 goes with n = 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(n > expected, n / expected, 1.0)
    return np.where(n > expected, xlogy(n, ratio) - (n - expected), 0.0)


def _largest_by_chance(pairs: Pairs, params: LrtParameters) -> FloatArray:
    """Draw tables without a signal and give the largest statistic of each over the tested products, ascending."""
    products, events = _margins(pairs.product, pairs.product_total), _margins(pairs.event, pairs.event_total)
    tested = ~np.isin(np.unique(pairs.product), params.comparators)
    expected = np.outer(products, events) / pairs.total
    if expected.size * params.draws > MOST_CELLS_DRAWN:
        raise MethodInputError(
            f"{expected.size} cells times {params.draws} draws are too many: test fewer products, or use fewer draws"
        )
    generator = np.random.default_rng(params.seed)
    largest = np.empty(params.draws)
    at_a_time = max(1, _CELLS_AT_A_TIME // expected.size)
    for start in range(0, params.draws, at_a_time):
        drawn = min(at_a_time, params.draws - start)
        table = generator.poisson(expected, size=(drawn, *expected.shape)).astype(np.float64)
        # A table that came out empty has no statistic above 0; its total is held at 1 to divide by.
        total = np.maximum(table.sum(axis=(1, 2), keepdims=True), 1.0)
        again = table.sum(axis=2, keepdims=True) * table.sum(axis=1, keepdims=True) / total
        largest[start : start + drawn] = log_likelihood_ratio(table[:, tested], again[:, tested]).max(axis=(1, 2))
    return np.sort(largest)


def _margins(code: IntArray, total: FloatArray) -> FloatArray:
    """Give the margin of each code in use, in the order of the codes."""
    _, first = np.unique(code, return_index=True)
    return total[first]
