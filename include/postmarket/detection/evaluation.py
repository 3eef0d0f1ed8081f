"""How every method over time checks what it is given and says what it found: one rule for all, so that charts compare.

The rule: ``limit`` is the count of the period above which the method alarms, given everything before that period.
Hence ``alarm == evaluated & (counts > limit)`` for every method; a negative limit says that what came before alarms
already.
"""

from collections.abc import Sequence

import numpy as np

from include.postmarket.detection.shapes import (
    MOST_EVENTS,
    MOST_EXPOSURE,
    BoolArray,
    Chart,
    Counts,
    FloatArray,
    MethodInputError,
    Reason,
    ReasonArray,
)

WIDEST = 1e9  # how many times the least exposure of a series the largest may be
BEYOND_MEASURE = 1e6  # a statistic in standard deviations where the history has none: finite, so that it can be stored
REASON_DTYPE = f"<U{max(len(reason) for reason in Reason)}"


def require(condition: bool, *, method: str, wrong: str, todo: str) -> None:
    """Raise `MethodInputError` unless the condition holds; the message says which method, what is wrong, what to do."""
    if not condition:
        raise MethodInputError(f"{wrong} [{method}] -> {todo}")


def check_counts(data: Counts, method: str) -> tuple[FloatArray, FloatArray]:
    """Give counts and exposure, both (S, T); without exposure every period counts as one unit of it.

    Raises `MethodInputError` for another shape than (S, T), an infinite, negative or huge number, or a broken count.
    """
    counts = np.asarray(data.counts, dtype=np.float64)
    require(counts.ndim == 2, method=method, wrong=f"counts have shape {counts.shape}", todo="give series x periods")
    seen = counts[~np.isnan(counts)]
    require(
        bool(np.all(np.isfinite(seen)) and np.all(seen >= 0) and np.all(seen == np.floor(seen))),
        method=method,
        wrong="counts hold a negative, infinite or broken number",
        todo="give whole numbers of events, nan for a period that was not observed",
    )
    require(
        bool(np.all(seen <= MOST_EVENTS)),
        method=method,
        wrong=f"counts hold more than {MOST_EVENTS:,.0f} events in one period",
        todo="give the number of events, not an amount of something",
    )
    if data.exposure is None:
        return counts, np.ones_like(counts)
    exposure = np.asarray(data.exposure, dtype=np.float64)
    require(
        exposure.shape == counts.shape,
        method=method,
        wrong=f"exposure has shape {exposure.shape}, counts have {counts.shape}",
        todo="give one exposure for every count",
    )
    known = exposure[~np.isnan(exposure)]
    require(
        bool(np.all(np.isfinite(known)) and np.all(known >= 0)),
        method=method,
        wrong="exposure holds a negative or infinite number",
        todo="give exposure in its unit, 0 or nan where there is none",
    )
    _refuse_span(exposure, method)
    return counts, exposure


def _refuse_span(exposure: FloatArray, method: str) -> None:
    """Raise `MethodInputError` for exposure so large, small or uneven that rates of it do not stay finite."""
    at_risk = np.nan_to_num(exposure) > 0
    highest = np.where(at_risk, exposure, 0.0).max(axis=1, initial=0.0)
    lowest = np.where(at_risk, exposure, np.inf).min(axis=1, initial=np.inf)
    require(
        bool(np.all((highest <= MOST_EXPOSURE) & (lowest >= 1 / MOST_EXPOSURE) & (highest <= WIDEST * lowest))),
        method=method,
        wrong=f"exposure lies beyond {1 / MOST_EXPOSURE:g} to {MOST_EXPOSURE:g}, or {WIDEST:,.0f} times apart",
        todo="give all exposure of a series in one unit, and in another one if it is that large or small",
    )


def refuse_exposure(data: Counts, method: str) -> None:
    """Raise `MethodInputError` if exposure is given to a method that cannot use it: it must not be ignored silently."""
    require(
        data.exposure is None,
        method=method,
        wrong="exposure is given, but the method watches counts alone",
        todo="choose seasonal_excess, rate_change, cusum or farrington, or drop the denominator",
    )


def usable(counts: FloatArray, exposure: FloatArray) -> BoolArray:
    """Say which periods can be counted: observed, and with exposure."""
    return ~np.isnan(counts) & (np.nan_to_num(exposure) > 0)


def reasons(counts: FloatArray, exposure: FloatArray, more: Sequence[tuple[BoolArray, Reason]] = ()) -> ReasonArray:
    """Give for every period the first reason that keeps it from being evaluated, or the empty reason."""
    found: ReasonArray = np.full(counts.shape, Reason.NONE.value, dtype=REASON_DTYPE)
    cases = [(np.isnan(counts), Reason.NOT_OBSERVED), (~(np.nan_to_num(exposure) > 0), Reason.NO_EXPOSURE), *more]
    for holds, reason in reversed(cases):
        found[np.broadcast_to(holds, counts.shape)] = reason.value
    return found


def below(bound: FloatArray) -> FloatArray:
    """Give the limit of a method that alarms at its bound and not only above: the next number below."""
    limit: FloatArray = np.nextafter(bound, -np.inf)
    return limit


def make_chart(
    counts: FloatArray,
    reason: ReasonArray,
    *,
    expected: FloatArray,
    limit: FloatArray,
    statistic: FloatArray,
    p_value: FloatArray | None = None,
) -> Chart:
    """Put a chart together: nan wherever a point was not evaluated, alarm by the one rule of this module."""
    evaluated: BoolArray = reason == Reason.NONE.value

    def shown(values: FloatArray) -> FloatArray:
        return np.where(evaluated, values, np.nan)

    return Chart(
        expected=shown(expected),
        limit=shown(limit),
        statistic=shown(statistic),
        p_value=np.full(counts.shape, np.nan) if p_value is None else shown(p_value),
        alarm=evaluated & (np.nan_to_num(counts) > np.nan_to_num(limit, nan=np.inf, posinf=np.inf, neginf=-np.inf)),
        evaluated=evaluated,
        reason=reason,
    )
