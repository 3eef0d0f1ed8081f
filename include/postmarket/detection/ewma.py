"""EWMA chart of counts or rates: a smoothed view with limits that are exact from the first period on.

z_t = w s_t + (1 - w) z_{t-1} of the standardised counts s_t = (x_t - m_t)/sqrt(m_t), with the limit
L sqrt(w/(2-w) (1 - (1-w)^{2t})) (Montgomery; t counts the observed periods). Alarms are for increases. Limits are
normal: below about 5 expected events a period false alarms are more frequent than the run length of L says, and `cusum`
is the better choice.
"""

import math
from dataclasses import dataclass

import numpy as np

from include.postmarket.detection.evaluation import check_counts, make_chart, reasons, require, usable
from include.postmarket.detection.phase_one import check_phase_one, phase_one
from include.postmarket.detection.shapes import Chart, Counts, Reason

METHOD = "ewma"


@dataclass(frozen=True, slots=True, kw_only=True)
class EwmaParams:
    """``weight`` of the newest period and width ``L`` in standard deviations (0.2 and 2.962: two-sided run length 500).

    ``rate`` states the in-control rate; 0 takes it from the first ``baseline`` observed periods.
    """

    weight: float = 0.2
    width: float = 2.962
    baseline: int = 12
    rate: float = 0.0

    def __post_init__(self) -> None:
        require(0 < self.weight <= 1, method=METHOD, wrong=f"weight {self.weight}", todo="give a weight in (0, 1]")
        require(0 < self.width < math.inf, method=METHOD, wrong=f"width {self.width}", todo="give a positive width")
        check_phase_one(self.baseline, self.rate, METHOD)


def required_history(params: EwmaParams) -> int:
    """Give the observed periods needed before the first evaluated one."""
    return 0 if params.rate > 0 else params.baseline


def detect(data: Counts, params: EwmaParams) -> Chart:
    """Evaluate every observed period with exposure after phase I; a period that was not observed leaves z as it was.

    ``statistic`` is z, ``expected`` the in-control mean of the period, ``limit`` the count that would lift z to its
    limit. There is no p-value.
    Raises `MethodInputError` for arrays that are not counts.
    """
    counts, exposure = check_counts(data, METHOD)
    start = phase_one(counts, exposure, params.baseline, params.rate)
    reason = reasons(counts, exposure, [(~start.done, Reason.SHORT_HISTORY)])
    charted = usable(counts, exposure) & start.done
    mean = np.where(charted, start.rate * np.where(charted, exposure, 1.0), 1.0)
    score = np.where(charted, (np.where(charted, counts, 0.0) - mean) / np.sqrt(mean), 0.0)
    z = np.zeros((counts.shape[0], counts.shape[1] + 1))
    for period in range(counts.shape[1]):
        moved = params.weight * score[:, period] + (1 - params.weight) * z[:, period]
        z[:, period + 1] = np.where(charted[:, period], moved, z[:, period])
    variance = params.weight / (2 - params.weight) * (1 - (1 - params.weight) ** (2 * np.cumsum(charted, axis=1)))
    room = params.width * np.sqrt(variance) - (1 - params.weight) * z[:, :-1]
    return make_chart(
        counts, reason, expected=mean, limit=mean + np.sqrt(mean) * room / params.weight, statistic=z[:, 1:]
    )
