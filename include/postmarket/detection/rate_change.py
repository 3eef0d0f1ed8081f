"""The current window against the periods before it, to see whether the rate of a series has gone up.

Exact conditional test of two Poisson rates (Przyborowski and Wilenski 1940): given the sum of both windows,
x1 ~ Bin(x0 + x1, T1/(T0 + T1)). Both windows slide along the series. Without exposure all periods count alike: an alarm
then speaks of reporting, not of a rate.

The tail of the test is that of a negative binomial count with mean (x0 + 1) T1/T0 and variance 1 + T1/T0 times as
large. For counts whose variance is phi times the mean it is that of (x0 + phi) T1/T0 and phi (1 + T1/T0): the same test
on x/phi effective events (Rao and Scott 1992, Biometrics 48:577), with whole events kept.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from include.postmarket.detection.evaluation import check_counts, make_chart, reasons, require, usable
from include.postmarket.detection.shapes import Chart, Counts, FloatArray, Reason

METHOD = "rate_change"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChangeParams:
    """Periods in the current ``window``, in the ``baseline`` before it (at most) and the least observed ones in it.

    ``dispersion`` is the variance of a count over its mean, 1 for Poisson.
    """

    window: int = 1
    baseline: int = 12
    min_history: int = 6
    alpha: float = 0.01
    dispersion: float = 1.0

    def __post_init__(self) -> None:
        require(self.window >= 1, method=METHOD, wrong=f"window {self.window}", todo="give 1 period or more")
        require(
            1 <= self.min_history <= self.baseline,
            method=METHOD,
            wrong=f"min_history {self.min_history} with baseline {self.baseline}",
            todo="give a min_history from 1 to baseline",
        )
        require(0 < self.alpha < 1, method=METHOD, wrong=f"alpha {self.alpha}", todo="give alpha between 0 and 1")
        require(
            1 <= self.dispersion < np.inf, method=METHOD, wrong=f"dispersion {self.dispersion}", todo="give 1 or more"
        )


def required_history(params: RateChangeParams) -> int:
    """Give the observed periods needed before the first evaluated one."""
    return params.min_history + params.window - 1


def detect(data: Counts, params: RateChangeParams) -> Chart:
    """Evaluate every observed period with exposure and ``min_history`` usable baseline periods.

    A period of window or baseline that was not observed or has no exposure drops out of both sums. ``expected`` is what
    is left for the period had the window run at the baseline's rate, ``limit`` the count of the period above which the
    window alarms given its earlier periods; both may be negative. ``statistic`` is the rate ratio with half an event
    added to both windows.
    Raises `MethodInputError` for arrays that are not counts.
    """
    counts, exposure = check_counts(data, METHOD)
    counted = usable(counts, exposure)
    events, at_risk = np.where(counted, counts, 0.0), np.where(counted, exposure, 0.0)
    x1, t1 = (_trailing_sum(part, 0, params.window) for part in (events, at_risk))
    x0, t0, periods = (
        _trailing_sum(part, params.window, params.baseline) for part in (events, at_risk, counted.astype(np.float64))
    )
    reason = reasons(counts, exposure, [(periods < params.min_history, Reason.SHORT_HISTORY)])
    known = reason == ""
    t0, t1 = np.where(known, t0, 1.0), np.where(known, t1, 1.0)
    share = t1 / (t0 + t1)
    earlier = x1 - events
    return make_chart(
        counts,
        reason,
        expected=x0 * t1 / t0 - earlier,
        limit=stats.nbinom.ppf(1 - params.alpha, *_size_and_chance(x0, share, params.dispersion)) - earlier,
        statistic=(x1 + 0.5) / t1 / ((x0 + 0.5) / t0),
        p_value=increase_tail(x1, x0, share, params.dispersion),
    )


def increase_tail(current: FloatArray, baseline: FloatArray, share: FloatArray, dispersion: float = 1.0) -> FloatArray:
    """Give P(X1 >= current | current + baseline events) when the current window holds ``share`` of all exposure.

    The binomial tail is the incomplete beta ratio I_share(x1, x0 + 1), which is also a negative binomial tail in x1:
    that gives the limit, and the tail of counts that spread more than Poisson.
    """
    size, _ = _size_and_chance(baseline, share, dispersion)
    above = (dispersion - 1 + share) / dispersion
    tail: FloatArray = np.where(current > 0, special.betainc(np.maximum(current, 1.0), size, above), 1.0)
    return tail


def _size_and_chance(baseline: FloatArray, share: FloatArray, dispersion: float) -> tuple[FloatArray, FloatArray]:
    """Give size and success probability of the negative binomial count; the size is x0 + 1 at dispersion 1."""
    return (baseline + dispersion) * (share / (dispersion - 1 + share)), (1 - share) / dispersion


def _trailing_sum(values: FloatArray, lag: int, length: int) -> FloatArray:
    """Sum ``values`` over the ``length`` periods that end ``lag`` periods before each period, fewer at the start."""
    periods = values.shape[1]
    total = np.concatenate([np.zeros((values.shape[0], 1)), np.cumsum(values, axis=1)], axis=1)
    end = np.clip(np.arange(periods) + 1 - lag, 0, periods)
    start = np.clip(end - length, 0, periods)
    summed: FloatArray = total[:, end] - total[:, start]
    return summed
