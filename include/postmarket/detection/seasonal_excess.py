"""The method to begin with for counts over time: a period, alone or with the one before, exceeds what was due.

`seasonal_model` says what was due. The count of the period and that of the one before become normal scores z0 and z1
of their negative binomial distributions. Two statistics are watched: both together, (z0 + 0.85 z1) / norm, because a
cluster of events is reported over two periods (0.50 and 0.42 of Noufaily's outbreaks), and the period alone, z0 less
0.6, for the sudden ones. The p-value is that of the larger of the two, exact for normal scores; the error of the
forecast and the correlation of neighbouring residuals are part of both. See docs/methods-noufaily.md for what it finds
and misses.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import optimize, special

from include.postmarket.detection import negative_binomial
from include.postmarket.detection.evaluation import check_counts, make_chart, reasons, require, usable
from include.postmarket.detection.seasonal_model import Forecast, Past, forecast, newest_left_out
from include.postmarket.detection.shapes import BoolArray, Chart, Counts, FloatArray, IntArray, Reason

METHOD = "seasonal_excess"
BEFORE = 0.85  # weight of the score of the period before
ALONE = 0.6  # how much higher the score of the period alone must be
NORM = math.hypot(1, BEFORE)
BATCH = 256  # forecasts at once: enough for the matrix products, small enough for the cache
SPAN = 26  # periods at once: a design that is a little longer than each needs


@dataclass(frozen=True, slots=True, kw_only=True)
class SeasonalExcessParams:
    """``alpha`` is the nominal weekly rate of false alarms, ``year_length`` the periods of a year (12 for months).

    ``min_history`` observed periods of history are needed, besides the newest ones left out (0: a year of them; with
    less, a season looks like an outbreak). A season joins after two years, a trend after three. ``last_periods``:
    evaluate only those (0: all).
    """

    alpha: float = 0.01
    year_length: float = 52.0
    harmonics: int = 2
    min_history: int = 0
    last_periods: int = 0

    def __post_init__(self) -> None:
        for holds, wrong, todo in (
            (0 < self.alpha < 0.5, f"alpha {self.alpha}", "give alpha between 0 and 0.5"),
            (self.year_length >= 4, f"year_length {self.year_length}", "give the periods of a year, 4 or more"),
            (
                0 <= self.harmonics < self.year_length / 2,
                f"harmonics {self.harmonics}",
                "give 0 or more, fewer than half the periods of a year",
            ),
            (
                self.min_history == 0 or self.min_history >= 6,
                f"min_history {self.min_history}",
                "give 6 periods or more, or 0 for a year",
            ),
            (self.last_periods >= 0, f"last_periods {self.last_periods}", "give 0 or more"),
        ):
            require(holds, method=METHOD, wrong=wrong, todo=todo)


def required_history(params: SeasonalExcessParams) -> int:
    """Give the observed periods needed before the first evaluated one, with those left out."""
    least = _least_history(params)
    periods = least
    while periods - newest_left_out(periods, params.year_length) < least:
        periods += 1
    return periods


def detect(data: Counts, params: SeasonalExcessParams) -> Chart:
    """Evaluate every observed period with exposure and enough history; exposure enters as an offset.

    ``expected`` is the forecast, ``limit`` the highest count that does not alarm after the period before,
    ``statistic`` the larger of the two scores (alarm above the one that alpha asks), ``p_value`` its tail. Raises
    `MethodInputError` for arrays that are not counts.
    """
    counts, exposure = check_counts(data, METHOD)
    reason = reasons(counts, exposure, _obstacles(counts, exposure, params))
    expected, limit, statistic, p_value = (np.full(counts.shape, np.nan) for _ in range(4))
    for series, period in _batches(reason == Reason.NONE.value):
        found = _forecast(counts, exposure, (series, period), params)
        before = _score_before(counts, exposure, (series, period), found)
        asked = _asked(before, found, params.alpha)
        here = (series, period)
        mean, spread = found.mean[:, 0], found.spread[:, 0]
        expected[here] = mean
        limit[here] = negative_binomial.highest_count(asked, mean, spread)
        statistic[here] = _larger(negative_binomial.score(counts[here], mean, spread), before, found)
        p_value[here] = tail(statistic[here])
        reason[series[~found.converged], period[~found.converged]] = Reason.NO_CONVERGENCE.value
    return make_chart(counts, reason, expected=expected, limit=limit, statistic=statistic, p_value=p_value)


def tail(larger: FloatArray) -> FloatArray:
    """Give P(max(Z2, Z1 - 0.6) >= larger) for the normal score Z1 of a period and Z2 of it with the one before."""
    node, weight = np.polynomial.legendre.leggauss(48)
    top = np.clip(larger, -30.0, 30.0) + ALONE
    x = top[..., None] - 12 * (1 - node)  # from 24 standard deviations below up to the limit of the period alone
    density = np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
    both = special.ndtr(-(np.clip(larger, -30.0, 30.0)[..., None] * NORM - x) / BEFORE)
    found: FloatArray = special.ndtr(-top) + 12 * np.sum(weight * density * both, axis=-1)
    return found


@lru_cache(maxsize=64)
def threshold(alpha: float) -> float:
    """Give the score whose `tail` is ``alpha``."""
    return float(optimize.brentq(lambda score: float(tail(np.array(score))) - alpha, -10.0, 10.0, xtol=1e-12))


def _least_history(params: SeasonalExcessParams) -> int:
    return params.min_history or math.ceil(params.year_length)


def _larger(now: FloatArray, before: FloatArray, found: Forecast) -> FloatArray:
    return np.maximum(now - ALONE, (now + BEFORE * before) / _norm(found))


def _asked(before: FloatArray, found: Forecast, alpha: float) -> FloatArray:
    """Give the score of the period above which it alarms, after that of the period before."""
    return np.minimum(threshold(alpha) + ALONE, threshold(alpha) * _norm(found) - BEFORE * before)


def _norm(found: Forecast) -> FloatArray:
    """Give the standard deviation of z0 + z1, more than `NORM` by the error that both forecasts share."""
    return np.sqrt(NORM**2 + 2 * BEFORE * found.together)


def _score_before(
    counts: FloatArray, exposure: FloatArray, points: tuple[IntArray, IntArray], found: Forecast
) -> FloatArray:
    """Give the score of the period before; 0, its mean, where that was not observed."""
    series, period = points
    count, at_risk = counts[series, period - 1], exposure[series, period - 1]
    known = usable(count, at_risk)
    return np.where(
        known, negative_binomial.score(np.where(known, count, 0.0), found.mean[:, 1], found.spread[:, 1]), 0.0
    )


def _forecast(
    counts: FloatArray, exposure: FloatArray, points: tuple[IntArray, IntArray], params: SeasonalExcessParams
) -> Forecast:
    series, period = points
    length = int(period.max()) + 1
    end = np.array([t - newest_left_out(int(t), params.year_length) for t in period])
    observed = usable(counts[series, :length], exposure[series, :length])
    observed &= np.arange(length) < end[:, None]
    past = Past(counts=counts[series, :length], exposure=np.nan_to_num(exposure[series, :length]), observed=observed)
    return forecast(past, period, params.year_length, params.harmonics)


def _obstacles(
    counts: FloatArray, exposure: FloatArray, params: SeasonalExcessParams
) -> list[tuple[BoolArray, Reason]]:
    periods = counts.shape[1]
    known = np.concatenate([np.zeros((len(counts), 1)), np.cumsum(usable(counts, exposure), axis=1)], axis=1)
    end = np.array([t - newest_left_out(t, params.year_length) for t in range(periods)], dtype=np.int64)
    asked = np.arange(periods) >= (periods - params.last_periods if params.last_periods else 0)
    return [(~asked, Reason.OUT_OF_RANGE), (known[:, end] < _least_history(params), Reason.SHORT_HISTORY)]


def _batches(evaluated: BoolArray) -> list[tuple[IntArray, IntArray]]:
    """Split the points to evaluate into batches of neighbouring periods, all series together where they are many."""
    found = []
    for start in range(0, evaluated.shape[1], SPAN):
        period, series = np.nonzero(evaluated[:, start : start + SPAN].T)
        found += [(series[at : at + BATCH], period[at : at + BATCH] + start) for at in range(0, len(series), BATCH)]
    return found
