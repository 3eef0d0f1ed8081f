"""Proportional reporting ratio, reporting odds ratio and chi-square of product-event pairs, with the Evans rule.

Sources: Evans, Waller & Davis 2001 (PRR, chi-square, n); van Puijenbroek 2002 (ROR); EMA/849944/2016 (intervals). A
zero cell gives the infinite ratio that the formula gives, without an interval; no 0.5 is added silently.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from include.postmarket.detection.contingency import TwoByTwo, has_no_comparison, reason_where, two_by_two
from include.postmarket.detection.shapes import BoolArray, FloatArray, MethodInputError, Pairs, Reason, ReasonArray

Cases = tuple[tuple[BoolArray, Reason], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioParameters:
    """``confidence`` of the two-sided interval; ``minimum_*`` are the thresholds of the Evans rule."""

    confidence: float = 0.95
    minimum_ratio: float = 2.0
    minimum_chi_square: float = 4.0
    minimum_reports: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioEstimate:
    """A ratio and its log-normal confidence limits, shape (P,).

    Not evaluated: the estimate is infinite or undefined, its limits have no meaning and ``reason`` says why. Infinite
    estimates stay inf.
    """

    estimate: FloatArray
    lower: FloatArray
    upper: FloatArray
    evaluated: BoolArray
    reason: ReasonArray


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioMeasures:
    """Frequentist measures of each pair, shape (P,); ``alarm`` is the Evans rule, False where not evaluated.

    ``evaluated`` says whether the rule could be applied: an infinite PRR can be, a missing comparison cannot.
    """

    pairs: Pairs
    prr: RatioEstimate
    ror: RatioEstimate
    chi_square: FloatArray
    chi_square_yates: FloatArray
    alarm: BoolArray
    evaluated: BoolArray
    reason: ReasonArray


def detect(pairs: Pairs, params: RatioParameters) -> RatioMeasures:
    """Give PRR, ROR, chi-square and the Evans rule of each pair.

    Raises MethodInputError where the confidence is not between 0 and 1.
    """
    if not 0 < params.confidence < 1:
        raise MethodInputError(f"confidence is {params.confidence}: give a number between 0 and 1, such as 0.95")
    z = float(ndtri(0.5 + params.confidence / 2))
    cells, alone = two_by_two(pairs), has_no_comparison(pairs)
    unusable = ((alone, Reason.ONE_CATEGORY), (cells.d < 0, Reason.CROSSED_REPORTS))
    with np.errstate(divide="ignore", invalid="ignore"):
        prr = _prr(cells, z, unusable)
        ror = _ror(cells, z, unusable)
        chi_square, chi_square_yates = _chi_squares(cells, pairs.total)
    evaluated = ~np.isnan(prr.estimate)
    alarm = (
        evaluated
        & (prr.estimate >= params.minimum_ratio)
        & (chi_square_yates >= params.minimum_chi_square)
        & (pairs.n >= params.minimum_reports)
    )
    return RatioMeasures(
        pairs=pairs,
        prr=prr,
        ror=ror,
        chi_square=chi_square,
        chi_square_yates=chi_square_yates,
        alarm=alarm,
        evaluated=evaluated,
        reason=reason_where(*unusable, (~evaluated, Reason.ZERO_CELL)),
    )


def _prr(cells: TwoByTwo, z: float, unusable: Cases) -> RatioEstimate:
    a, b, c, d = cells.a, cells.b, cells.c, cells.d
    variance = 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)
    return _estimate((a / (a + b)) / (c / (c + d)), variance, z, unusable)


def _ror(cells: TwoByTwo, z: float, unusable: Cases) -> RatioEstimate:
    a, b, c, d = cells.a, cells.b, cells.c, cells.d
    return _estimate((a / b) / (c / d), 1 / a + 1 / b + 1 / c + 1 / d, z, unusable)


def _estimate(ratio: FloatArray, variance: FloatArray, z: float, unusable: Cases) -> RatioEstimate:
    barred = np.logical_or.reduce([mask for mask, _ in unusable])
    ratio = np.where(barred, np.nan, ratio)
    half_width = z * np.sqrt(variance)
    log_ratio = np.log(ratio)
    evaluated = np.isfinite(log_ratio) & np.isfinite(half_width)
    return RatioEstimate(
        estimate=ratio,
        lower=np.exp(log_ratio - half_width),
        upper=np.exp(log_ratio + half_width),
        evaluated=evaluated,
        reason=reason_where(*unusable, (~evaluated, Reason.ZERO_CELL)),
    )


def _chi_squares(cells: TwoByTwo, total: float) -> tuple[FloatArray, FloatArray]:
    """Pearson's chi-square without and with Yates' correction, which never turns a difference round (max with 0)."""
    a, b, c, d = cells.a, cells.b, cells.c, cells.d
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    difference = np.abs(a * d - b * c)
    corrected = np.maximum(difference - total / 2, 0.0)
    return total * difference**2 / margins, total * corrected**2 / margins
