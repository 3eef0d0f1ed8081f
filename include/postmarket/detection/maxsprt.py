"""Maximised sequential probability ratio test: looks at every new period without wearing out its level.

Kulldorff et al., Sequential Analysis 2011;30:58-78. Cumulative events c against cumulative expectation m under the
stated rate: LLR = c ln(c/m) - (c - m) where c > m. It alarms when c >= ``least_events`` and LLR reaches the critical
value that a whole surveillance up to ``horizon`` expected events reaches with probability alpha. Critical values are
exact for continuous looks (for periods they err to the safe side); checked against R Sequential.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import optimize, special

from include.postmarket.detection.evaluation import check_counts, make_chart, reasons, require, usable
from include.postmarket.detection.shapes import Chart, Counts, FloatArray, Reason

METHOD = "maxsprt"


@dataclass(frozen=True, slots=True, kw_only=True)
class MaxSprtParams:
    """``rate`` per unit of exposure under the null; ``horizon`` the expected events at which surveillance ends."""

    rate: float
    horizon: float
    alpha: float = 0.05
    least_events: int = 4

    def __post_init__(self) -> None:
        for holds, wrong, todo in (
            (0 < self.rate < math.inf, f"rate {self.rate}", "state a positive rate in events per unit of exposure"),
            (0 < self.horizon <= 1000, f"horizon {self.horizon}", "give the expected events of the plan, up to 1000"),
            (0 < self.alpha < 0.5, f"alpha {self.alpha}", "give alpha between 0 and 0.5"),
            (self.least_events >= 1, f"least_events {self.least_events}", "give 1 or more"),
        ):
            require(holds, method=METHOD, wrong=wrong, todo=todo)
        critical_value(self.horizon, self.alpha, self.least_events)


def required_history(params: MaxSprtParams) -> int:  # noqa: ARG001 - every method answers the same question
    """Give the observed periods needed before the first evaluated one: none, the rate is stated."""
    return 0


def detect(data: Counts, params: MaxSprtParams) -> Chart:
    """Evaluate every observed period with exposure until the horizon is passed; the sums start with the series.

    ``expected`` and ``limit`` are for the period, given the sums before it; ``statistic`` is the LLR. There is no
    p-value. Raises `MethodInputError` for arrays that are not counts.
    """
    counts, exposure = check_counts(data, METHOD)
    counted = usable(counts, exposure)
    mean = np.where(counted, params.rate * np.where(counted, exposure, 0.0), 0.0)
    events = np.where(counted, counts, 0.0)
    total, due = np.cumsum(events, axis=1), np.cumsum(mean, axis=1)
    reason = reasons(counts, exposure, [(due > params.horizon, Reason.PAST_HORIZON)])
    value = critical_value(params.horizon, params.alpha, params.least_events)
    due = np.where(due > 0, due, 1.0)
    needed = np.maximum(_events_for(value, due), params.least_events)
    limit = needed - 1 - (total - events)
    return make_chart(counts, reason, expected=mean, limit=limit, statistic=llr(total, due))


def llr(events: FloatArray, expected: FloatArray) -> FloatArray:
    """Give the log likelihood ratio of ``events`` against ``expected`` > 0, 0 where there are no more than expected."""
    ratio: FloatArray = special.xlogy(events, np.where(events > 0, events, 1.0) / expected) - (events - expected)
    found: FloatArray = np.where(events > expected, ratio, 0.0)
    return found


@lru_cache(maxsize=256)
def critical_value(horizon: float, alpha: float, least_events: int = 1) -> float:
    """Give the LLR that surveillance up to ``horizon`` expected events reaches under the null with probability alpha.

    Raises `MethodInputError` if even ``least_events`` alone are rarer than alpha: no such value exists.
    """
    require(
        float(special.gammainc(least_events, horizon)) > alpha,
        method=METHOD,
        wrong=f"{least_events} events in {horizon} expected are rarer than alpha {alpha}",
        todo="give a longer horizon, a higher alpha or fewer least_events",
    )
    return float(optimize.brentq(lambda v: chance_of_signal(v, horizon, least_events) - alpha, 1e-9, 60.0, xtol=1e-10))


def chance_of_signal(value: float, horizon: float, least_events: int) -> float:
    """Give the level of a critical value: the chance that the LLR ever reaches it under the null.

    Carries the distribution of the Poisson count through the times up to which each number of events would signal.
    """
    state = np.array([1.0])
    now = 0.0
    events = least_events
    while True:
        until = min(_latest_time(events, value), horizon)
        grown = np.arange(events)
        step = until - now
        arrivals = np.exp(special.xlogy(grown, step) - step - special.gammaln(grown + 1))
        state = np.convolve(state, arrivals)[:events]
        if until >= horizon:
            return 1.0 - float(state.sum())
        now, events = until, events + 1


@lru_cache(maxsize=65536)
def _latest_time(events: int, value: float) -> float:
    """Give the expectation m below ``events`` at which the LLR of ``events`` is ``value``: m = -c W(-exp(-1 - v/c))."""
    return float(-events * np.real(special.lambertw(-math.exp(-1 - value / events))))


def _events_for(value: float, expected: FloatArray) -> FloatArray:
    """Give the fewest events whose LLR reaches ``value``."""
    low = np.floor(expected)
    high: FloatArray = np.ceil(expected + 2 * value + 2 * np.sqrt(value * expected) + 2)
    while np.any(apart := high - low > 1):
        middle = np.floor((low + high) / 2)
        reached = llr(middle, expected) >= value
        high, low = np.where(apart & reached, middle, high), np.where(apart & ~reached, middle, low)
    return high


def binomial_llr(events: FloatArray, trials: FloatArray, chance: float) -> FloatArray:
    """Give the log likelihood ratio of ``events`` of ``trials`` > 0 against the null ``chance``, 0 if not above it."""
    rest = trials - events
    share = events / trials
    ratio: FloatArray = special.xlogy(events, np.where(share > 0, share, 1.0) / chance) + special.xlogy(
        rest, np.where(share < 1, 1 - share, 1.0) / (1 - chance)
    )
    found: FloatArray = np.where(share > chance, ratio, 0.0)
    return found


@lru_cache(maxsize=256)
def binomial_critical_value(trials: int, controls: float, alpha: float, least_events: int = 1) -> float:
    """Give the LLR that matched events have to exceed: the least attainable one with a level of at most alpha.

    Each of up to ``trials`` events falls on the exposed with chance 1/(1 + ``controls``); the test is made after every
    one. Raises `MethodInputError` where nothing is rare enough.
    """
    chance = 1 / (1 + controls)
    n, c = np.meshgrid(np.arange(1, trials + 1.0), np.arange(least_events, trials + 1.0), indexing="ij")
    values = binomial_llr(np.minimum(c, n), n, chance)[(c <= n) & (c > chance * n)]
    attainable = np.unique(np.append(np.round(values, 12), 0.0))
    low, high = -1, len(attainable) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if _chance_of_binomial_signal(float(attainable[middle]), trials, chance, least_events) <= alpha:
            high = middle
        else:
            low = middle
    require(
        high < len(attainable) - 1,
        method=METHOD,
        wrong=f"nothing is rarer than alpha {alpha} in {trials} events",
        todo="give more events or a higher alpha",
    )
    return float(attainable[high])


def _chance_of_binomial_signal(value: float, trials: int, chance: float, least_events: int) -> float:
    """Give the chance that the LLR ever exceeds ``value`` under the null."""
    state = np.array([1.0])
    for n in range(1, trials + 1):
        state = np.append(state, 0.0) * (1 - chance) + np.append(0.0, state) * chance
        events = np.arange(n + 1.0)
        signals = (events >= least_events) & (binomial_llr(events, np.array(float(n)), chance) > value + 1e-10)
        state[signals] = 0.0
    return 1.0 - float(state.sum())
