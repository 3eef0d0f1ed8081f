"""Did the fix work? The months after it, against what was expected when the signal was opened."""

from dataclasses import replace
from datetime import date

import pytest
from scipy.stats import chi2

from include.postmarket.model.effect import Effect, EffectResult
from include.postmarket.model.period import Period
from include.postmarket.model.plan import EffectCheck
from include.postmarket.model.signal import Detection
from include.postmarket.signals.effect import effect_of, first_month
from tests.unit.backlog.worlds import PLAN, detection, signal

#: 4.08 expected on 123,456 device-days when the signal was opened: the same exposure after gives the same expectation.
BEFORE = signal().opened_by


def month(number: int, observed: float | None, **changes: object) -> Detection:
    """Give the detection of a month of 2026 with so many complaints and no alarm."""
    values = {"period": Period(date(2026, number, 1)), "observed": observed, "alarm": False, **changes}
    return detection(**values)


def said(*after: Detection, at_most: float = 1.0) -> EffectResult:
    """Give the answer of these months."""
    return effect_of(signal(), PLAN.indicators[0], after, EffectCheck(months=3, at_most=at_most))


@pytest.mark.parametrize(("day", "first"), [(1, 7), (2, 8), (31, 8)])
def test_only_whole_months_count(day: int, first: int) -> None:
    """A fix that comes within a month is tested from the next one on."""
    assert Period(date(2026, first, 1)) == first_month(date(2026, 7, day))


def test_a_number_that_came_down_is_effective() -> None:
    """Three months with 10 complaints where 12.24 were expected: ratio 0.817, with the exact bounds of 10."""
    found = said(month(7, 3), month(8, 3), month(9, 4))

    assert (found.effect, found.months, found.since) == (Effect.EFFECTIVE, 3, date(2026, 7, 1))
    assert found.observed == 10
    assert found.expected == pytest.approx(12.24)
    assert found.ratio == pytest.approx(10 / 12.24)
    assert found.lower == pytest.approx(chi2.ppf(0.025, 20) / 2 / 12.24)
    assert found.upper == pytest.approx(chi2.ppf(0.975, 22) / 2 / 12.24)


def test_the_exposure_after_counts() -> None:
    """Twice the units in use may have twice the complaints."""
    found = said(*(month(n, 8, exposure=2 * 123456.0) for n in (7, 8, 9)))

    assert found.expected == pytest.approx(24.48)
    assert found.effect is Effect.EFFECTIVE


def test_an_alarm_after_the_fix_is_not_effective() -> None:
    """One alarm is enough, whatever the sum says, and it is named."""
    found = said(month(7, 1), month(8, 5, alarm=True), month(9, 0))

    assert (found.effect, found.reason) == (Effect.NOT_EFFECTIVE, "alarm in 2026-08")


def test_a_number_that_stayed_up_is_not_effective() -> None:
    """Even the lower bound is above the criterion."""
    found = said(month(7, 12), month(8, 12), month(9, 12))

    assert found.effect is Effect.NOT_EFFECTIVE
    assert found.lower is not None
    assert found.lower > 1


def test_between_the_two_the_months_do_not_decide() -> None:
    """14 where 12.24 were expected is above, but chance is not ruled out: not evaluated, and not called effective."""
    found = said(month(7, 5), month(8, 5), month(9, 4))

    assert found.effect is Effect.NOT_EVALUATED
    assert "cannot be ruled out" in found.reason
    assert said(month(7, 5), month(8, 5), month(9, 4), at_most=1.2).effect is Effect.EFFECTIVE


def test_a_month_that_was_not_evaluated_is_no_quiet_month() -> None:
    """Its reason is the answer (G7)."""
    found = said(month(7, 0), month(8, None, evaluated=False, reason="too little exposure"))

    assert (found.effect, found.reason) == (Effect.NOT_EVALUATED, "2026-08: too little exposure")


def test_without_a_ratio_the_alarms_decide() -> None:
    """Pairs and measurements have no expectation that could be added up over months."""
    pairs = replace(PLAN.indicators[0], product_by="manufacturer", event_by="event_type")
    found = effect_of(signal(), pairs, [month(7, 99)], EffectCheck())

    assert (found.effect, found.reason, found.ratio) == (Effect.EFFECTIVE, "no alarm", None)


def test_nothing_seen_is_effective_with_a_bound() -> None:
    """No complaint in three months: ratio 0, and the upper bound says how sure that is."""
    found = said(month(7, 0), month(8, 0), month(9, 0))

    assert (found.effect, found.ratio, found.lower) == (Effect.EFFECTIVE, 0.0, 0.0)
    assert found.upper == pytest.approx(chi2.ppf(0.975, 2) / 2 / 12.24)
