"""The plans page: what the latest run of each plan said of every series."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from include.postmarket.model.batch import Label
from include.postmarket.model.canonical import digest
from include.postmarket.model.plan import Indicator, Plan
from include.postmarket.model.power import IndicatorPower, PlanPower
from include.postmarket.model.signal import Detection
from include.postmarket.pages.reading import Reading
from include.postmarket.records.detection_log import Run
from include.postmarket.steps.power_text import findings


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesResult:
    """What was said of one series, and the signal that stands for it, if any."""

    detection: Detection
    signal_id: str

    @property
    def verdict(self) -> str:
        """Quiet, alarm or not evaluated: the three answers there are (G7)."""
        if not self.detection.evaluated:
            return "not evaluated"
        return "alarm" if self.detection.alarm else "quiet"

    @property
    def note(self) -> str:
        """Why a series was not evaluated, or why its alarm was held back."""
        return self.detection.reason or self.detection.details.get("held_back", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorResult:
    """The series of one indicator, none where the run has no point of it; and what it can see, None if unknown."""

    indicator: Indicator
    power: IndicatorPower | None
    labels: tuple[Label, ...]
    series: tuple[SeriesResult, ...]

    def count(self, verdict: str) -> int:
        """Give how many series have a verdict."""
        return sum(s.verdict == verdict for s in self.series)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanResult:
    """The latest run of a plan, None before the first; ``power`` is what the plan can see, None while unknown."""

    plan: Plan
    run: Run | None
    power: PlanPower | None
    indicators: tuple[IndicatorResult, ...]

    @property
    def alarms(self) -> int:
        """How many series raised an alarm."""
        return sum(i.count("alarm") for i in self.indicators)

    @property
    def quiet(self) -> int:
        """How many series were evaluated without alarm."""
        return sum(i.count("quiet") for i in self.indicators)

    @property
    def not_evaluated(self) -> int:
        """How many series could not be evaluated; an indicator without any point in a run counts as one."""
        return sum(i.count("not evaluated") or int(not i.series) for i in self.indicators) if self.run else 0

    @property
    def findings(self) -> tuple[str, ...]:
        """What a person has to decide about: budgets that are exceeded, and what the plan cannot see."""
        return findings(self.power) if self.power else ()

    @property
    def power_is_old(self) -> bool:
        """Whether what the plan can see was computed for another version of it."""
        return self.power is not None and self.power.stamp.plan_digest != digest(self.plan)

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels of all data the run used, the least trusted first."""
        return tuple(dict.fromkeys(label for i in self.indicators for label in i.labels))


def plan_results(reading: Reading) -> tuple[PlanResult, ...]:
    """Give the latest result of every plan of this site."""
    return tuple(_latest_result(reading, dossier.plan) for dossier in reading.house.dossiers.values())


def _latest_result(reading: Reading, plan: Plan) -> PlanResult:
    """Give the last recorded run of the newest period of a plan: a back-test of an old period does not hide it."""
    log = reading.house.detections
    runs = log.runs(plan.id)
    power = reading.power(plan.id)
    run = max(enumerate(runs), key=lambda known: (known[1].period, known[0]))[1] if runs else None
    said = log.detections(run.stamp.run_id) if run else ()
    return PlanResult(plan=plan, run=run, power=power, indicators=tuple(_indicators(reading, plan, said, run)))


def _indicators(reading: Reading, plan: Plan, said: Sequence[Detection], run: Run | None) -> Iterable[IndicatorResult]:
    power = reading.power(plan.id)
    signals = {kept.signal.fingerprint: signal_id for signal_id, kept in reading.signals.items()}
    for indicator in plan.indicators:
        own = [
            SeriesResult(detection=d, signal_id=signals.get(d.fingerprint, ""))
            for d in said
            if d.indicator_id == indicator.id
        ]
        order = {"alarm": 0, "not evaluated": 1, "quiet": 2}
        yield IndicatorResult(
            indicator=indicator,
            power=power.of(indicator.id) if power else None,
            labels=reading.labels(run.stamp.snapshot, indicator) if run else (),
            series=tuple(sorted(own, key=lambda s: (order[s.verdict], s.detection.subgroup))),
        )
