"""CUSUM of counts: finds a small lasting increase of a rate that no single period shows.

C_t = max(0, C_{t-1} + x_t - k_t), alarm when C_t > h. For Poisson counts k_t = m_t (R - 1)/ln R, with m_t the
in-control mean of the period and R the ratio of rates to find (Lucas 1985); for negative binomial ones with variance
phi m_t it is m_t ln((1 + R (phi - 1))/phi) / ((phi - 1) ln(R phi/(1 + R (phi - 1)))) (the same likelihood ratio,
Hoehle and Paul 2008).

It is never reset: an alarm stays until the excess is worked off, and the signal's lifecycle decides what is news. A
period that was not observed leaves C as it was. After a known change of the process (a fix, a new baseline) start a
new series.
"""

import math
from dataclasses import dataclass

import numpy as np

from include.postmarket.detection.evaluation import check_counts, make_chart, reasons, require, usable
from include.postmarket.detection.phase_one import check_phase_one, phase_one
from include.postmarket.detection.run_length import cusum_limit
from include.postmarket.detection.shapes import Chart, Counts, FloatArray, Reason

METHOD = "cusum"


@dataclass(frozen=True, slots=True, kw_only=True)
class CusumParams:
    """What is looked for and how rarely a chart in control may alarm.

    ``ratio`` is the out-of-control rate over the in-control one. ``h`` is in events; 0 asks for the h at which the
    mean number of periods to the first false alarm is ``run_length``. ``rate`` states the in-control rate; 0 takes it
    from the first ``baseline`` observed periods. ``dispersion`` is the variance of a count over its mean, 1 for
    Poisson.
    """

    ratio: float = 2.0
    run_length: float = 500.0
    h: float = 0.0
    baseline: int = 12
    rate: float = 0.0
    dispersion: float = 1.0

    def __post_init__(self) -> None:
        require(1 < self.ratio < math.inf, method=METHOD, wrong=f"ratio {self.ratio}", todo="give a ratio above 1")
        require(
            2 <= self.run_length <= 100_000,
            method=METHOD,
            wrong=f"run_length {self.run_length}",
            todo="give 2 to 100,000 periods",
        )
        require(0 <= self.h < math.inf, method=METHOD, wrong=f"h {self.h}", todo="give h in events, or 0")
        require(
            1 <= self.dispersion < math.inf, method=METHOD, wrong=f"dispersion {self.dispersion}", todo="give 1 or more"
        )
        check_phase_one(self.baseline, self.rate, METHOD)


def required_history(params: CusumParams) -> int:
    """Give the observed periods needed before the first evaluated one."""
    return 0 if params.rate > 0 else params.baseline


def detect(data: Counts, params: CusumParams) -> Chart:
    """Evaluate every observed period with exposure after phase I.

    ``statistic`` is C in events, ``limit`` the count that would lift C to h, ``expected`` the in-control mean of the
    period. There is no p-value.
    Where exposure varies, h is that of the mean exposure of the evaluated periods.
    Raises `MethodInputError` for arrays that are not counts.
    """
    counts, exposure = check_counts(data, METHOD)
    start = phase_one(counts, exposure, params.baseline, params.rate)
    reason = reasons(counts, exposure, [(~start.done, Reason.SHORT_HISTORY)])
    charted = usable(counts, exposure) & start.done
    mean = np.where(charted, start.rate * np.where(charted, exposure, 0.0), 0.0)
    reference = mean * _reference_ratio(params.ratio, params.dispersion)
    before, after = accumulate(np.where(charted, counts, 0.0) - reference)
    h = _limits(mean, charted.sum(axis=1), params)[:, None]
    return make_chart(counts, reason, expected=mean, limit=h - before + reference, statistic=after)


def accumulate(steps: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Give the CUSUM of ``steps`` (S, T), floored at 0, before and after each period; it starts at 0."""
    states = np.zeros((steps.shape[0], steps.shape[1] + 1))
    for period in range(steps.shape[1]):
        states[:, period + 1] = np.maximum(states[:, period] + steps[:, period], 0.0)
    return states[:, :-1], states[:, 1:]


def _reference_ratio(ratio: float, dispersion: float) -> float:
    """Give k over the in-control mean."""
    more = dispersion - 1
    if more == 0:
        return (ratio - 1) / math.log(ratio)
    high = 1 + ratio * more
    return math.log(high / dispersion) / (more * math.log(ratio * dispersion / high))


def _limits(mean: FloatArray, periods: FloatArray, params: CusumParams) -> FloatArray:
    if params.h > 0:
        return np.full(mean.shape[0], params.h)
    reference = _reference_ratio(params.ratio, params.dispersion)
    typical = mean.sum(axis=1) / np.maximum(periods, 1)
    return np.array(
        [
            cusum_limit(value, value * reference, params.run_length, params.dispersion) if value > 0 else 1.0
            for value in typical
        ]
    )
