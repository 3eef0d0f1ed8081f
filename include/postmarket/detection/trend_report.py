"""The test behind a trend report (MDR Article 88): incidents not reported singly have become more, or worse.

Article 88(1) asks for any statistically significant increase in frequency or severity against what the technical
documentation foresees, in a period that the PMS plan sets beforehand. Frequency: exact Poisson tail of the events of
the observation period against the foreseeable rate times exposure. Severity: exact binomial tail of the severe events
among all of them against the foreseeable share. The two are tested at half of alpha each, so that alpha holds for the
pair.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from include.postmarket.detection.evaluation import check_counts, make_chart, reasons, require, usable
from include.postmarket.detection.poisson_rate import upper_tail
from include.postmarket.detection.shapes import BoolArray, Chart, Counts, FloatArray, Reason

METHOD = "trend_report"
SEVERITY = "severity_trend"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendReportParams:
    """What the plan fixed: foreseeable ``rate`` per exposure, ``window`` periods of observation."""

    rate: float
    window: int = 12
    alpha: float = 0.05

    def __post_init__(self) -> None:
        possible = bool(np.isfinite(self.rate)) and self.rate > 0
        require(possible, method=METHOD, wrong=f"rate {self.rate}", todo="state the foreseeable rate")
        _check_test(self.window, self.alpha, METHOD)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityTrendParams:
    """What the plan fixed: foreseeable ``severe_share`` of all events, ``window`` periods of observation."""

    severe_share: float
    window: int = 12
    alpha: float = 0.05

    def __post_init__(self) -> None:
        share = self.severe_share
        require(
            0 < share < 1, method=SEVERITY, wrong=f"severe_share {share}", todo="state the foreseeable share, 0 to 1"
        )
        _check_test(self.window, self.alpha, SEVERITY)


def _check_test(window: int, alpha: float, method: str) -> None:
    require(window >= 1, method=method, wrong=f"window {window}", todo="give 1 period or more")
    require(0 < alpha < 1, method=method, wrong=f"alpha {alpha}", todo="give alpha between 0 and 1")


def required_history(params: TrendReportParams | SeverityTrendParams) -> int:
    """Give the periods needed before the first evaluated one: a whole observation period ends with it."""
    return params.window - 1


def detect(data: Counts, params: TrendReportParams) -> Chart:
    """Test the frequency over the observation period that ends with each period, at half of alpha.

    Periods not observed or without exposure drop out of the sums. ``expected`` and ``limit`` are for the newest period
    given the earlier ones, ``statistic`` is observed over expected events of the whole observation period. Raises
    `MethodInputError` for arrays that are not counts.
    """
    counts, exposure = check_counts(data, METHOD)
    counted = usable(counts, exposure)
    events = trailing_sum(np.where(counted, counts, 0.0), params.window)
    due = np.maximum(trailing_sum(np.where(counted, exposure, 0.0), params.window) * params.rate, 1e-300)
    earlier = events - np.where(counted, counts, 0.0)
    reason = reasons(counts, exposure, [(_first(counts, params), Reason.SHORT_HISTORY)])
    return make_chart(
        counts,
        reason,
        expected=due - earlier,
        limit=stats.poisson.ppf(1 - params.alpha / 2, due) - earlier,
        statistic=events / np.where(due > 1e-300, due, 1.0),
        p_value=upper_tail(events, due),
    )


def detect_severity(data: Counts, params: SeverityTrendParams) -> Chart:
    """Test the severity: ``counts`` are the severe events, ``exposure`` all events of each period, at half of alpha.

    A period without any event is no evidence: not evaluated. ``statistic`` is the severe share of the observation
    period. Raises `MethodInputError` for arrays that are not counts, without all events, or with fewer of them than
    severe ones.
    """
    require(data.exposure is not None, method=SEVERITY, wrong="no total of events", todo="give all events as exposure")
    counts, every = check_counts(data, SEVERITY)
    counted = usable(counts, every)
    require(
        bool(np.all(counts[counted] <= every[counted])),
        method=SEVERITY,
        wrong="more severe events than events",
        todo="count severe events among all",
    )
    severe = trailing_sum(np.where(counted, counts, 0.0), params.window)
    total = trailing_sum(np.where(counted, every, 0.0), params.window)
    earlier = severe - np.where(counted, counts, 0.0)
    reason = reasons(counts, every, [(_first(counts, params), Reason.SHORT_HISTORY)])
    some = np.maximum(severe, 1.0)
    tail = special.betainc(some, np.maximum(total - some, 0.0) + 1, params.severe_share)
    return make_chart(
        counts,
        reason,
        expected=total * params.severe_share - earlier,
        limit=stats.binom.ppf(1 - params.alpha / 2, total, params.severe_share) - earlier,
        statistic=severe / np.maximum(total, 1.0),
        p_value=np.where(severe > 0, tail, 1.0),
    )


def trailing_sum(values: FloatArray, length: int) -> FloatArray:
    """Sum the ``length`` periods that end with each, fewer at the start."""
    total = np.cumsum(values, axis=1)
    earlier = np.zeros_like(total)
    earlier[:, length:] = total[:, : max(values.shape[1] - length, 0)]
    return np.maximum(total - earlier, 0.0)


def _first(counts: FloatArray, params: TrendReportParams | SeverityTrendParams) -> BoolArray:
    return np.arange(counts.shape[1]) < required_history(params)
