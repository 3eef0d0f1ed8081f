"""What a plan can see: false alarms a year of each indicator, and the smallest rise that it sees in time."""

from dataclasses import dataclass
from enum import StrEnum

from include.postmarket.model.period import Period
from include.postmarket.model.stamp import Stamp


class Seen(StrEnum):
    """What is said of a rise within some periods."""

    RISE = "rise"
    WITHOUT_A_RISE = "alarms so often without any rise"
    BEYOND = "not even the highest rise looked at"
    NOT_EVALUATED = "nothing is evaluated in these periods"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """The smallest rise, as a ratio of rates, that is seen ``within`` so many periods with 80 % probability.

    ``ratio`` and its Monte Carlo standard error are None unless ``seen`` is `Seen.RISE`; an exact ratio has no error.
    """

    within: int
    seen: Seen
    ratio: float | None = None
    error: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPower:
    """Of one series; ``reason`` says why it has none, and everything else is then None or empty.

    ``expected`` is what one period brings without a change (events, reports of a window, or a share of devices),
    ``dispersion`` the variance of its counts over their mean, ``false_alarms`` are those that begin in a year, with
    their Monte Carlo standard error, and ``in_alarm`` is the share of periods that stand in alarm as things are.
    """

    subgroup: str
    reason: str = ""
    expected: float | None = None
    exposure: float | None = None
    dispersion: float | None = None
    false_alarms: float | None = None
    error: float | None = None
    in_alarm: float | None = None
    rises: tuple[Rise, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskSight:
    """Whether an indicator sees what the risk file assumes of one risk; ``sees`` is None, with a reason, if unknown.

    At ``rate`` events per exposure the matrix says ``becomes`` of the risk; that is ``of_assumed`` times its P1. For
    the indicator it is a rise by ``needed``.
    """

    risk_id: str
    sees: bool | None
    reason: str = ""
    becomes: str = ""
    rate: float | None = None
    of_assumed: float | None = None
    needed: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorPower:
    """Of one indicator: ``false_alarms`` of all its series together, None with a ``reason`` where nobody can say.

    ``assumes`` is the variance of a count over its mean that the method assumes, None where it learns it or needs none.
    """

    indicator_id: str
    method: str
    unit: str
    assumes: float | None
    budget: float | None
    false_alarms: float | None
    error: float | None
    reason: str
    series: tuple[SeriesPower, ...]
    sights: tuple[RiskSight, ...]

    @property
    def over_budget(self) -> bool:
        """Whether more false alarms are to be expected than the plan accepts of this indicator."""
        return self.budget is not None and self.false_alarms is not None and self.false_alarms > self.budget

    def of(self, subgroup: str) -> SeriesPower | None:
        """Give the power of one series, None where it was not looked at."""
        return next((s for s in self.series if s.subgroup == subgroup), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPower:
    """Of one version of a plan, learnt from the data as of the end of ``period``; ``budget`` is that of the plan."""

    plan_id: str
    period: Period
    stamp: Stamp
    budget: float | None
    indicators: tuple[IndicatorPower, ...]

    @property
    def false_alarms(self) -> float:
        """False alarms a year of all indicators that can be told."""
        return sum(i.false_alarms for i in self.indicators if i.false_alarms is not None)

    @property
    def over_budget(self) -> bool:
        """Whether the plan as a whole exceeds its budget."""
        return self.budget is not None and self.false_alarms > self.budget

    @property
    def unseen_risks(self) -> tuple[str, ...]:
        """Risks of which some indicator can tell that it does not see what is assumed, and none that it does."""
        sights = [sight for indicator in self.indicators for sight in indicator.sights]
        seen = {s.risk_id for s in sights if s.sees}
        return tuple(sorted({s.risk_id for s in sights if s.sees is False} - seen))

    def of(self, indicator_id: str) -> IndicatorPower | None:
        """Give the power of one indicator, None where there is none of that id."""
        return next((i for i in self.indicators if i.indicator_id == indicator_id), None)
