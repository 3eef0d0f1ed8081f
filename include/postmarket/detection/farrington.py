"""Farrington's detection of outbreaks in weekly counts: the original of 1996 and the flexible one of Noufaily (2013).

Farrington et al., J R Stat Soc A 1996;159:547-563; Noufaily et al., Stat Med 2013;32:1206-1222; computed as R
surveillance 1.20.3 does, farrington() and farringtonFlexible(). `farrington_model` holds the regression; this module
the thresholds.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import special, stats

from include.postmarket.detection.evaluation import check_counts, make_chart, reasons, require, usable
from include.postmarket.detection.farrington_model import (
    ErrorSpread,
    History,
    ModelRules,
    Prediction,
    Reference,
    predict,
    reference_periods,
)
from include.postmarket.detection.shapes import BoolArray, Chart, Counts, FloatArray, IntArray, Reason

METHOD = "farrington"
BATCH = 256  # regressions at once: enough for the matrix products, small enough for the cache
RECENT_PERIODS = 4  # of the rule "fewer than five reports in four weeks"
HOPELESS = 1e9  # an upper mean that is no prediction any more
POWER = 2 / 3  # transformation to symmetry


class Threshold(StrEnum):
    """How a limit is drawn from the prediction."""

    DELTA_1996 = "delta-1996"  # normal on the 2/3-power scale, with the error of the mean; two-sided, alpha/2 above
    DELTA = "delta"  # the same, one-sided, with the errors of R's flexible code
    NB_PLUGIN = "nbPlugin"  # negative binomial at the expected count
    MUAN = "muan"  # negative binomial at the upper quantile of the expected count


@dataclass(frozen=True, slots=True, kw_only=True)
class FarringtonParams:
    """The flexible algorithm by default; `ORIGINAL` is the one of 1996.

    ``years`` of history with ``half_window`` weeks around each, ``levels`` of the season factor, the newest ``skip`` +
    1 periods left out of the history, weights for residuals ``reweight_above``, a trend with p below ``trend_p``.
    ``few``: not evaluated with fewer events in four periods. ``last_periods``: evaluate only those (0: all).
    """

    years: int = 5
    half_window: int = 3
    year_length: int = 52
    levels: int = 10
    skip: int = 26
    reweight_above: float = 2.58
    trend_p: float = 1.0
    threshold: str = Threshold.NB_PLUGIN
    alpha: float = 0.01
    few: int = 5
    last_periods: int = 0

    def __post_init__(self) -> None:
        gap = self.year_length - 2 * self.half_window - 1
        for holds, wrong, todo in (
            (self.years >= 1, f"years {self.years}", "give 1 or more"),
            (self.half_window >= 0, f"half_window {self.half_window}", "give 0 or more"),
            (1 <= self.levels <= gap + 1, f"levels {self.levels}", "give a block of a period or more to each level"),
            (self.skip >= self.half_window, f"skip {self.skip}", "give half_window or more"),
            (self.skip < self.year_length, f"skip {self.skip}", "give less than a year"),
            (self.reweight_above >= 1, f"reweight_above {self.reweight_above}", "give 1 or more"),
            (0 <= self.trend_p <= 1, f"trend_p {self.trend_p}", "give 0 to 1"),
            (
                self.threshold in set(Threshold),
                f"threshold {self.threshold}",
                "give delta-1996, delta, nbPlugin or muan",
            ),
            (0 < self.alpha < 0.5, f"alpha {self.alpha}", "give alpha between 0 and 0.5"),
            (self.few >= 0, f"few {self.few}", "give 0 or more events"),
            (self.last_periods >= 0, f"last_periods {self.last_periods}", "give 0 or more"),
        ):
            require(holds, method=METHOD, wrong=wrong, todo=todo)


ORIGINAL = FarringtonParams(
    levels=1, skip=3, reweight_above=1.0, trend_p=0.05, threshold=Threshold.DELTA_1996, alpha=0.005
)


def required_history(params: FarringtonParams) -> int:
    """Give the periods needed before the first evaluated one: the years and a half window."""
    return params.years * params.year_length + params.half_window


def detect(data: Counts, params: FarringtonParams) -> Chart:
    """Evaluate every period with enough history, events and exposure; exposure enters as an offset.

    ``expected`` is the fitted count, ``limit`` the upper bound, ``statistic`` the exceedance score (count - expected)
    over (limit - expected), above 1 in alarm; 0 where the bound leaves no room. ``p_value`` is the tail of the
    threshold's distribution. Raises `MethodInputError` for arrays that are not counts.
    """
    counts, exposure = check_counts(data, METHOD)
    reference = reference_periods(
        years=params.years,
        half_window=params.half_window,
        year_length=params.year_length,
        levels=params.levels,
        skip=params.skip,
    )
    reason = reasons(counts, exposure, _obstacles(counts, exposure, reference, params))
    series, period = np.nonzero(reason == Reason.NONE.value)
    expected, limit, score, p_value = (np.full(counts.shape, np.nan) for _ in range(4))
    for start in range(0, len(series), BATCH):
        s, t = series[start : start + BATCH], period[start : start + BATCH]
        prediction = _predict(counts, exposure, (s, t), reference, params)
        mean = np.exp(prediction.log_mean) * exposure[s, t]
        expected[s, t] = mean
        limit[s, t], p_value[s, t] = _bound(counts[s, t], mean, prediction, params)
        room = limit[s, t] - mean
        score[s, t] = np.where(room > 0, (counts[s, t] - mean) / np.where(room > 0, room, 1.0), 0.0)
        lost = ~prediction.converged | ~np.isfinite(limit[s, t])
        reason[s[lost], t[lost]] = Reason.NO_CONVERGENCE.value
    return make_chart(counts, reason, expected=expected, limit=limit, statistic=score, p_value=p_value)


def _obstacles(
    counts: FloatArray, exposure: FloatArray, reference: Reference, params: FarringtonParams
) -> list[tuple[BoolArray, Reason]]:
    periods = counts.shape[1]
    period = np.arange(periods)
    counted = usable(counts, exposure)
    gap = np.zeros(counts.shape, dtype=np.bool_)
    for level in np.unique(reference.level):
        ago = reference.ago[reference.level == level]
        seen = sum((_shifted(counted, int(lag)) for lag in ago), np.zeros(counts.shape))
        gap |= 2 * seen < len(ago)
    recent = sum((_shifted(np.nan_to_num(counts), lag) for lag in range(RECENT_PERIODS)), np.zeros(counts.shape))
    asked = period >= periods - params.last_periods if params.last_periods else np.ones(periods, dtype=np.bool_)
    return [
        (~asked, Reason.OUT_OF_RANGE),
        (period < required_history(params), Reason.SHORT_HISTORY),
        (gap, Reason.GAP_IN_HISTORY),
        (recent < params.few, Reason.LOW_COUNT),
    ]


def _shifted(values: FloatArray | BoolArray, lag: int) -> FloatArray:
    """Give at each period the value ``lag`` periods before, 0 before the start."""
    moved = np.zeros(values.shape)
    moved[:, lag:] = values[:, : max(values.shape[1] - lag, 0)]
    return moved


def _predict(
    counts: FloatArray,
    exposure: FloatArray,
    points: tuple[IntArray, IntArray],
    reference: Reference,
    params: FarringtonParams,
) -> Prediction:
    series, period = points
    where = (series[:, None], period[:, None] - reference.ago)
    observed = usable(counts[where], exposure[where])
    history = History(
        counts=np.where(observed, counts[where], 0.0),
        log_exposure=np.log(np.where(observed, exposure[where], 1.0)),
        observed=observed,
    )
    plain = params.threshold == Threshold.DELTA_1996
    rules = ModelRules(
        reweight_above=params.reweight_above,
        trend_p=params.trend_p,
        years=params.years,
        errors=ErrorSpread.PEARSON if plain else ErrorSpread.FLEXIBLE,
    )
    return predict(history, reference, rules)


def _bound(
    count: FloatArray, mean: FloatArray, prediction: Prediction, params: FarringtonParams
) -> tuple[FloatArray, FloatArray]:
    """Give the upper bound and the p-value of each count."""
    quantile = float(special.ndtri(1 - params.alpha))
    if params.threshold in {Threshold.DELTA, Threshold.DELTA_1996}:
        if params.threshold == Threshold.DELTA_1996:
            quantile = float(special.ndtri(1 - params.alpha / 2))
        error = np.sqrt(4 / 9 * np.cbrt(mean) * (prediction.spread + prediction.error**2 * mean))
        centre = mean**POWER
        return (centre + quantile * error) ** (1 / POWER), special.ndtr((centre - count**POWER) / error)
    if params.threshold == Threshold.MUAN:
        mean = mean * np.exp(np.minimum(quantile * prediction.error, 50.0))
    over = prediction.spread > 1
    size = mean / np.where(over, prediction.spread - 1, 1.0)
    chance = 1 / np.where(over, prediction.spread, 2.0)
    upper = 1 - params.alpha
    bound = np.where(over, stats.nbinom.ppf(upper, size, chance), stats.poisson.ppf(upper, mean))
    tail = np.where(over, stats.nbinom.sf(count - 1, size, chance), stats.poisson.sf(count - 1, mean))
    return np.where(mean < HOPELESS, bound, np.nan), tail
