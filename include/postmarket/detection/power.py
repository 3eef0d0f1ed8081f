"""What a method would do to series like these: how often it alarms for nothing, and the smallest rise it sees.

Both by simulation, through the method itself and everything that stands between it and a signal: the least exposure
(the point is not evaluated), the least events (the alarm is held back) and the control of false discoveries over the
series of an indicator. A rise is one of the whole series from the first future period on; the rest of its family is
then as without a change.

An alarm counts once: in a period that alarms after one that does not. A series sees a rise within w periods where it
alarms in any of them.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from include.postmarket.detection.entries import OverTime
from include.postmarket.detection.evaluation import REASON_DTYPE
from include.postmarket.detection.futures import RATIOS, Futures
from include.postmarket.detection.multiplicity import holds_in_family
from include.postmarket.detection.shapes import BoolArray, Counts, FloatArray, IntArray, Reason, ReasonArray

WITHIN = (4, 8, 13)  # periods
SEEN = 0.8  # with which probability a rise is seen
#: Futures drawn for methods that compute a whole series at once, and for those that fit a model for every period.
REPLICATES = 400
REPLICATES_OF_MODELS = 100
_SEEN_SCORE = float(special.ndtri(SEEN))
_AT_ONCE = 200_000  # cells a method sees at once: its reasons are texts, and memory is what they cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """A method over time with its parameters, and what stands between it and an alarm.

    ``false_discovery_rate`` None is no control: the series are then no family.
    """

    method: OverTime
    params: Any
    minimum_events: int = 0
    minimum_exposure: float = 0.0
    false_discovery_rate: float | None = None

    @property
    def fits_models(self) -> bool:
        """Whether the method fits a model for every period it evaluates, and can be told to leave some out."""
        return hasattr(self.params, "last_periods")

    @property
    def replicates(self) -> int:
        """How many futures are drawn: fewer for a method that fits models."""
        return REPLICATES_OF_MODELS if self.fits_models else REPLICATES


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """What the method says of R futures without a change; ``alarm`` starts one period before them, (R, S, F + 1).

    ``p_value`` is (R, S, F), nan where there is none. ``evaluated`` (S, F) says which future periods are evaluated in
    every replicate, ``reason`` (S,) why a series never is.
    """

    alarm: BoolArray
    p_value: FloatArray
    evaluated: BoolArray
    reason: ReasonArray


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarms:
    """False alarms of each series, ``rate`` (S,), and of all ``together``, each with its Monte Carlo standard error.

    Per year. A period with an alarm of any series after one without counts once in ``together``. ``share`` (S,) is the
    share of periods in alarm: near 1 where a series stands in alarm as things are. A series that was not evaluated has
    nan.
    """

    rate: FloatArray
    error: FloatArray
    share: FloatArray
    together: float
    together_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallestRises:
    """The smallest rise (S, 3) that each series sees within 4, 8 and 13 periods with 80 % probability.

    1 says that it alarms so often without any rise, infinity that even ``RATIOS[-1]`` is not seen, nan that nothing is
    evaluated in these periods. ``error`` (S, 3) is the Monte Carlo standard error, nan where there is none.
    """

    ratio: FloatArray
    error: FloatArray


def unchanged(detector: Detector, futures: Futures) -> Unchanged:
    """Run the method over all futures as they are. Raises `MethodInputError` where it cannot be run on such series."""
    world = futures.world
    said = _said(detector, futures.counts, world.series.exposure, world.past - 1)
    reason = world.series.reason.copy()
    learnt = np.asarray(reason == Reason.NONE.value)
    evaluated: BoolArray = np.logical_and.reduce(said.evaluated[:, :, 1:], axis=0) & learnt[:, None]
    never = learnt & ~evaluated.any(axis=1)
    reason[never] = said.reason[never]
    p_value = said.p_value
    alarm = said.alarm & learnt[:, None]
    if detector.false_discovery_rate is not None:
        alarm = _kept(alarm, p_value, p_value, (np.arange(alarm.shape[1]), detector.false_discovery_rate))
    return Unchanged(alarm=alarm, p_value=p_value[:, :, 1:], evaluated=evaluated, reason=reason)


def false_alarms(found: Unchanged, year_length: int) -> FalseAlarms:
    """Count the alarms that begin in the first ``year_length`` future periods."""
    alarm = found.alarm[:, :, : year_length + 1]
    known = np.asarray(found.reason == Reason.NONE.value)
    number = (alarm[:, :, 1:] & ~alarm[:, :, :-1]).sum(axis=2)
    any_alarm: BoolArray = np.logical_or.reduce(alarm, axis=1)
    together = (any_alarm[:, 1:] & ~any_alarm[:, :-1]).sum(axis=1)
    root = np.sqrt(len(alarm))
    return FalseAlarms(
        rate=np.where(known, number.mean(axis=0), np.nan),
        error=np.where(known, number.std(axis=0) / root, np.nan),
        share=np.where(known, alarm[:, :, 1:].mean(axis=(0, 2)), np.nan),
        together=float(together.mean()) if known.any() else float("nan"),
        together_error=float(together.std() / root) if known.any() else float("nan"),
    )


def smallest_rises(detector: Detector, futures: Futures, found: Unchanged) -> SmallestRises:
    """Find the smallest rises by bisection over ``RATIOS``.

    Between two of them, the normal quantile of the probability is taken as a straight line in log ratio.
    """
    chance = _Chances(detector, futures, found)
    ratio, error = (np.full((len(found.reason), len(WITHIN)), np.nan) for _ in range(2))
    for column, within in reversed(list(enumerate(WITHIN))):
        able = np.any(found.evaluated[:, :within], axis=1)
        above = chance.first_seen(column, able)
        ratio[able & (above == 0), column] = 1.0
        ratio[able & (above == len(RATIOS)), column] = np.inf
        between = np.flatnonzero(able & (above > 0) & (above < len(RATIOS)))
        at = above[between]
        low, high = (_score(chance.table[between, step, column], len(found.alarm)) for step in (at - 1, at))
        slope = (high - low) / np.log(RATIOS[at] / RATIOS[at - 1])
        ratio[between, column] = RATIOS[at - 1] * np.exp((_SEEN_SCORE - low) / slope)
        error[between, column] = ratio[between, column] * _score_error(len(found.alarm)) / slope
    return SmallestRises(ratio=ratio, error=error)


def chance_seen(detector: Detector, futures: Futures, found: Unchanged, step: int) -> FloatArray:
    """Give the probability (S, 3) that each series sees a rise by ``RATIOS[step]`` within 4, 8 and 13 periods."""
    series = np.arange(len(found.reason))
    return _Chances(detector, futures, found).at(np.full(len(series), step), series)


class _Chances:
    """The probability of seeing each rise, computed where it is asked for: ``table`` (S, rises, 3), nan elsewhere."""

    def __init__(self, detector: Detector, futures: Futures, found: Unchanged) -> None:
        self._detector, self._futures, self._found = detector, futures, found
        self.table = np.full((len(found.reason), len(RATIOS), len(WITHIN)), np.nan)
        self.table[:, 0] = _within(found.alarm[:, :, 1:])

    def at(self, step: IntArray, chosen: IntArray) -> FloatArray:
        """Give the chances (len(chosen), 3) of ``chosen`` series at one rise each."""
        world, found = self._futures.world, self._found
        exposure = None if world.series.exposure is None else world.series.exposure[chosen]
        said = _said(self._detector, self._futures.risen(step, chosen), exposure, world.past)
        alarm = said.alarm
        if self._detector.false_discovery_rate is not None:
            others = found.p_value[:, :, : alarm.shape[2]]
            alarm = _kept(alarm, said.p_value, others, (chosen, self._detector.false_discovery_rate))
        return _within(alarm)

    def first_seen(self, column: int, able: BoolArray) -> IntArray:
        """Give the first rise (S,) that is seen with probability `SEEN`, ``len(RATIOS)`` where none is."""
        low, high = np.full(len(able), -1), np.full(len(able), len(RATIOS))
        while True:
            known = self.table[:, :, column] >= SEEN
            missed = self.table[:, :, column] < SEEN  # nan, not computed, is neither
            high = np.where(known.any(axis=1), np.argmax(known, axis=1), high)
            steps = np.arange(len(RATIOS))
            low = np.max(np.where(missed & (steps < high[:, None]), steps, -1), axis=1)
            open_ = np.flatnonzero(able & (high - low > 1))
            if not open_.size:
                return high
            middle = np.where(high == len(RATIOS), len(RATIOS) - 1, (low + high) // 2)[open_]
            self.table[open_, middle] = self.at(middle, open_)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What a method says of counts (R, K, N) from one period on; ``reason`` (K,) is that of the last period."""

    alarm: BoolArray
    p_value: FloatArray
    evaluated: BoolArray
    reason: ReasonArray


def _said(detector: Detector, counts: FloatArray, exposure: FloatArray | None, first: int) -> _Said:
    """Run the method, and hold back what a plan's minima hold back."""
    replicates, series, periods = counts.shape
    asked = periods - first
    params = dataclasses.replace(detector.params, last_periods=asked) if detector.fits_models else detector.params
    shape = (replicates, series, asked)
    alarm, evaluated = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    p_value = np.full(shape, np.nan)
    reason: ReasonArray = np.full(series, Reason.NONE.value, dtype=REASON_DTYPE)
    enough = np.ones((series, asked), dtype=np.bool_)
    if exposure is not None:
        exposure = exposure[:, :periods]
        enough = np.nan_to_num(exposure[:, first:]) >= detector.minimum_exposure
    some = max(1, _AT_ONCE // (series * periods))
    for at in range(0, replicates, some):
        part = counts[at : at + some]
        exposed = None if exposure is None else np.broadcast_to(exposure, part.shape).reshape(-1, periods)
        chart = detector.method.detect(Counts(counts=part.reshape(-1, periods), exposure=exposed), params)
        answer = (len(part), series, periods)
        newest = part[:, :, first:]
        evaluated[at : at + some] = chart.evaluated.reshape(answer)[:, :, first:] & enough
        alarm[at : at + some] = (
            chart.alarm.reshape(answer)[:, :, first:] & enough & (newest >= max(detector.minimum_events, 1))
        )
        p_value[at : at + some] = chart.p_value.reshape(answer)[:, :, first:]
        reason = chart.reason.reshape(answer)[0, :, -1]
    reason = np.where(enough[:, -1], reason, Reason.LOW_EXPOSURE.value).astype(REASON_DTYPE)
    return _Said(alarm=alarm, p_value=np.where(evaluated, p_value, np.nan), evaluated=evaluated, reason=reason)


def _kept(alarm: BoolArray, own: FloatArray, family: FloatArray, control: tuple[IntArray, float]) -> BoolArray:
    """Give the alarms (R, K, F) that survive the control of false discoveries.

    ``own`` (R, K, F) are their p-values, ``family`` (R, S, F) those of the whole family, in which the alarms' series
    have the numbers ``control[0]``; ``control[1]`` is the rate. A method without p-value has no control.
    """
    numbers, rate = control
    replicate, series, period = np.nonzero(alarm & ~np.isnan(own))
    others = family[replicate, :, period]
    others[np.arange(len(replicate)), numbers[series]] = np.nan
    kept = alarm.copy()
    kept[replicate, series, period] = holds_in_family(own[replicate, series, period], others, rate)
    return kept


def _score(chance: FloatArray, replicates: int) -> FloatArray:
    """Give the normal quantile of a share of replicates, finite where that is 0 or 1."""
    found: FloatArray = special.ndtri(np.clip(chance, 0.5 / replicates, 1 - 0.5 / replicates))
    return found


def _score_error(replicates: int) -> float:
    """Give the standard error of that quantile where the probability is `SEEN`."""
    density = np.exp(-0.5 * _SEEN_SCORE**2) / np.sqrt(2 * np.pi)
    return float(np.sqrt(SEEN * (1 - SEEN) / replicates) / density)


def _within(alarm: BoolArray) -> FloatArray:
    """Give the share (K, 3) of replicates with an alarm within 4, 8 and 13 periods."""
    return np.stack([alarm[:, :, :within].any(axis=2).mean(axis=0) for within in WITHIN], axis=1)
