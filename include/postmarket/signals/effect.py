"""Did a fix work? (pure) The indicator after the fix came into the field, against the plan's criterion.

Counts: the events of the months after, over what was expected when the signal was opened, for the exposure after; with
exact bounds (Garwood 1936) of the count, the expectation taken as known. *Effective*: the ratio is within the plan's
criterion and no month alarmed. *Not effective*: a month alarmed, or even the lower bound is above the criterion.
Between the two the months do not decide yet: *could not be evaluated*, with that reason, until more months have come.
Where no ratio exists (measurements, pairs) the alarms alone decide. A month that was not evaluated is never taken for a
quiet one (G7).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from include.postmarket.detection.intervals import poisson_interval
from include.postmarket.model.batch import Source
from include.postmarket.model.effect import Effect, EffectResult
from include.postmarket.model.period import Period
from include.postmarket.model.plan import EffectCheck, Indicator
from include.postmarket.model.signal import Detection, Signal


def first_month(since: date) -> Period:
    """Give the first month that began on or after the day from which a fix is in the field."""
    month = Period.containing(since)
    return month if month.start == since else month.next()


def effect_of(signal: Signal, indicator: Indicator, after: Sequence[Detection], check: EffectCheck) -> EffectResult:
    """Give what the field says of a fix; ``after`` are the detections of whole months in a row since it was there.

    There is at least one. They are those of the series that the fix is to be seen in, by the signal's own method.
    """
    silent = [f"{d.period}: {d.reason or 'not evaluated'}" for d in after if not d.evaluated]
    if silent:
        return _result(Effect.NOT_EVALUATED, "; ".join(silent), after, _Numbers())
    numbers = _compare(signal.opened_by, indicator, after, check.confidence)
    alarms = [str(d.period) for d in after if d.alarm]
    if alarms:
        return _result(Effect.NOT_EFFECTIVE, f"alarm in {', '.join(alarms)}", after, numbers)
    if numbers.ratio is None or numbers.lower is None:
        return _result(Effect.EFFECTIVE, "no alarm", after, numbers)
    if numbers.ratio <= check.at_most:
        return _result(Effect.EFFECTIVE, f"ratio {numbers.ratio:.3g} is within {check.at_most:g}", after, numbers)
    if numbers.lower > check.at_most:
        why = f"ratio {numbers.ratio:.3g}, at least {numbers.lower:.3g}, is above {check.at_most:g}"
        return _result(Effect.NOT_EFFECTIVE, why, after, numbers)
    why = f"ratio {numbers.ratio:.3g} is above {check.at_most:g}, but {numbers.lower:.3g} cannot be ruled out"
    return _result(Effect.NOT_EVALUATED, why, after, numbers)


@dataclass(frozen=True, slots=True)
class _Numbers:
    observed: float | None = None
    expected: float | None = None
    ratio: float | None = None
    lower: float | None = None
    upper: float | None = None


def _compare(before: Detection, indicator: Indicator, after: Sequence[Detection], confidence: float) -> _Numbers:
    """Give events after over what was expected at opening, for the exposure after; nothing where events do not add."""
    expected = _expected(before, after)
    counts = [d.observed for d in after if d.observed is not None]
    counted = indicator.source is not Source.PERFORMANCE and indicator.product_by is None
    if not counted or expected is None or len(counts) < len(after):
        return _Numbers()
    observed = sum(counts)
    lower, upper = (float(bound) for bound in poisson_interval(observed, expected, confidence))
    return _Numbers(observed, expected, observed / expected, lower, upper)


def _expected(before: Detection, after: Sequence[Detection]) -> float | None:
    """Give what the months after would hold at the rate expected when the signal was opened."""
    if before.expected is None or before.expected <= 0:
        return None
    if before.exposure is None:
        return before.expected * len(after)
    exposures = [d.exposure for d in after if d.exposure is not None]
    if before.exposure <= 0 or len(exposures) < len(after) or not sum(exposures):
        return None
    return before.expected / before.exposure * sum(exposures)


def _result(effect: Effect, reason: str, after: Sequence[Detection], numbers: _Numbers) -> EffectResult:
    return EffectResult(
        effect=effect,
        reason=reason,
        since=after[0].period.start,
        months=len(after),
        observed=numbers.observed,
        expected=numbers.expected,
        ratio=numbers.ratio,
        lower=numbers.lower,
        upper=numbers.upper,
    )
