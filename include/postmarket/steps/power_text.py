"""What the power of a plan says in words: one sentence a series, one finding for everything a person has to act on."""

from collections.abc import Iterator

from include.postmarket.detection.futures import HIGHEST
from include.postmarket.model.power import IndicatorPower, PlanPower, Rise, RiskSight, Seen, SeriesPower

#: Share of periods in alarm from which a series counts as standing in alarm as things are.
STANDING = 0.5
#: How many times the assumed variance over mean counts may have before it is said.
SPREADS = 1.5


def figure(value: float | None) -> str:
    """Give a number of false alarms a year or a ratio in two digits."""
    if value is None:
        return "unknown"
    if value == 0:
        return "0"
    return f"{value:.2g}" if value < 10 else f"{value:,.0f}"


def fold(rise: Rise) -> str:
    """Give the smallest rise in words for a cell of a table."""
    if rise.seen is Seen.RISE and rise.ratio is not None:
        return f"{rise.ratio:.2f}-fold"
    if rise.seen is Seen.BEYOND:
        return f"none up to {HIGHEST:.0f}-fold"
    return "no rise needed" if rise.seen is Seen.WITHOUT_A_RISE else "not evaluated"


def sentence(found: SeriesPower) -> str:
    """Say in one sentence what a series sees and what it costs in false alarms."""
    if found.reason:
        return f"What it can see is not known: {found.reason}."
    if found.in_alarm is not None and found.in_alarm >= STANDING:
        return f"It stands in alarm {found.in_alarm:.0%} of the time as things are: a further rise would not show."
    alarms = f"It raises about {figure(found.false_alarms)} false alarms a year"
    seen = [f"a {rise.ratio:.2g}-fold rise {_within(rise.within)}" for rise in found.rises if rise.ratio is not None]
    if not seen:
        return f"{alarms} and sees no rise up to {HIGHEST:.0f}-fold within {found.rises[-1].within} periods."
    return f"{alarms} and sees {', '.join(seen)}, each with 80 % probability."


def findings(found: PlanPower) -> tuple[str, ...]:
    """Give what a person has to decide about: budgets that are exceeded, and what the plan cannot see."""
    return (*_budget(found), *(line for i in found.indicators for line in _of_indicator(i)), *_risks(found))


def sight(found: RiskSight) -> str:
    """Say in one sentence what an indicator sees of a risk."""
    if found.sees is None:
        return f"{found.risk_id}: not known, {found.reason}"
    return (
        f"{found.risk_id} {'is seen' if found.sees else 'is not seen'}: it becomes {found.becomes} at "
        f"{found.rate:.2g} per exposure, {found.of_assumed:.2g} times its P1; for the indicator a "
        f"{found.needed:.2f}-fold rise"
    )


def _within(periods: int) -> str:
    return "in one period" if periods == 1 else f"within {periods} periods"


def _budget(found: PlanPower) -> Iterator[str]:
    if found.over_budget:
        yield (
            f"the plan raises about {figure(found.false_alarms)} false alarms a year and accepts "
            f"{figure(found.budget)}; the command plan tune {found.plan_id} proposes thresholds that keep within it"
        )


def _of_indicator(found: IndicatorPower) -> Iterator[str]:
    if found.over_budget:
        yield (
            f"{found.indicator_id} raises about {figure(found.false_alarms)} false alarms a year and may have "
            f"{figure(found.budget)}"
        )
    standing = [s for s in found.series if s.in_alarm is not None and s.in_alarm >= STANDING]
    if standing:
        yield (
            f"{found.indicator_id}: {len(standing)} of {len(found.series)} series stand in alarm as things are, and a "
            "further rise of them would not show"
        )
    total = found.of("")
    spread = total.dispersion if total else None
    if found.assumes is not None and spread is not None and spread >= SPREADS * found.assumes:
        yield (
            f"{found.indicator_id}: its counts have {spread:.1f} times their mean as variance, the plan assumes "
            f"{found.assumes:g}: state it as dispersion, or choose a method that learns it (seasonal_excess), unless "
            "it is a past outbreak"
        )


def _risks(found: PlanPower) -> Iterator[str]:
    for risk in found.unseen_risks:
        blind = [(i, s) for i in found.indicators for s in i.sights if s.risk_id == risk and s.sees is False]
        indicator, missed = min(blind, key=lambda pair: _last(pair[0]))
        total = indicator.of("")
        seen = fold(total.rises[-1]) if total and total.rises else "nothing"
        yield (
            f"cannot see what the risk file assumes: {risk} becomes {missed.becomes} at {missed.rate:.2g} per "
            f"exposure, {missed.of_assumed:.2g} times its P1; that is a {missed.needed:.2f}-fold rise of "
            f"{indicator.indicator_id}, the best of its indicators, which sees {seen} within 13 periods with 80 %"
        )


def _last(found: IndicatorPower) -> float:
    total = found.of("")
    ratio = total.rises[-1].ratio if total and total.rises else None
    return ratio if ratio is not None else float("inf")
