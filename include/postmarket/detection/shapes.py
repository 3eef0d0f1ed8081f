"""The shapes every method shares: what goes in and what comes out, so that any chart can show any method.

Symbols: S series (indicator x subgroup), T periods, P product-event pairs. All arrays are numpy, row-major; a period
that was
never observed (nothing was pulled for it) is ``nan`` in ``counts``: it is not a zero.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
#: Texts of `Reason`. Pairs are many, so theirs share one string each: eight bytes a pair, not four a letter.
ReasonArray = npt.NDArray[np.str_] | npt.NDArray[np.object_]


#: Events in one period, and reports of one pair: with more, tails of distributions neither end nor stay finite.
MOST_EVENTS = 1e12
#: Exposure of a period, and one over it: beyond, rates do not stay finite.
MOST_EXPOSURE = 1e12


class Reason(StrEnum):
    """Why a point could not be evaluated (G7); the value is what an operator reads."""

    NONE = ""
    NOT_OBSERVED = "period not observed: no accepted batch covers it"
    SHORT_HISTORY = "history too short"
    GAP_IN_HISTORY = "history has periods that were not observed"
    NO_EXPOSURE = "exposure is zero or missing"
    LOW_EXPOSURE = "exposure below the minimum"
    LOW_COUNT = "too few events"
    ZERO_BASELINE = "baseline holds no event"
    ONE_CATEGORY = "only one category: nothing to compare with"
    CROSSED_REPORTS = "reports name the product and the event but not together: the two-by-two table does not add up"
    ZERO_CELL = "a cell of the two-by-two table is zero: the ratio is infinite and has no interval"
    TOO_FEW_UNITS = "too few units measured"
    SHORT_TEXT = "text too short to compare"
    UNKNOWN_WORDS = "no word of the text occurs in the texts learnt from"
    COMPARATOR = "product serves as comparator and is not tested"
    TOO_FEW_CATEGORIES = "too few products or events: their totals cannot tell which of their pairs stands out"
    TOO_FEW_PAIRS = "too few product-event pairs to fit their distribution"
    NO_CONVERGENCE = "model did not converge"
    PAST_HORIZON = "past the planned end of the sequential test"
    OUT_OF_RANGE = "not asked for: before the first period to evaluate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Counts over time. ``counts`` and ``exposure`` have shape (S, T); ``exposure`` is None for a reporting count."""

    counts: FloatArray
    exposure: FloatArray | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What a method over time says of each point; every array has shape (S, T).

    ``expected`` and ``limit`` are on the scale of the counts, ``statistic`` on the method's own, ``p_value`` is nan
    where the method has
    none. ``alarm`` is False wherever ``evaluated`` is False, and ``reason`` is then a value of `Reason`. Where
    ``evaluated`` is True no
    array that the method defines holds nan.
    """

    expected: FloatArray
    limit: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    alarm: BoolArray
    evaluated: BoolArray
    reason: ReasonArray


class Counting(StrEnum):
    """What one unit of a pair table is: it changes N, every expected count and every score, so each result names it."""

    REPORTS = "distinct reports"
    PAIR_TABLE = "margins of the pair table"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Product-event pairs with n >= 1, ordered by product and event, as parallel arrays of length P.

    ``product`` and ``event`` are codes 0..; ``n`` the reports of the pair; ``product_total`` and ``event_total`` its
    margins and ``total`` the number N they are margins of, all counted by the rule ``counting``. ``expected`` is what
    independence of product and event predicts for ``n``: margins multiplied over N, or the sum of that over ``strata``
    where the counts were stratified.
    """

    product: IntArray
    event: IntArray
    n: FloatArray
    product_total: FloatArray
    event_total: FloatArray
    expected: FloatArray
    total: float
    counting: Counting
    strata: int = 1


class MethodInputError(ValueError):
    """The arrays or parameters given to a method are not usable; says which, what is wrong and what to do."""
