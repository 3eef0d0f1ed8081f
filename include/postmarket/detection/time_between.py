"""How soon the next events come, for events so rare that most periods have none: the exact t_r chart.

Exposure is added up until ``events`` of them have come, then the clock starts again (Xie, Goh & Ranjan, Reliability
Engineering and System Safety 2002;77:143-150: cumulative quantity until the r-th event). The time to the r-th event is
too short where as many Poisson events in the exposure since the clock started have a probability of at most alpha. A
Poisson process has no memory: what was not observed may be left out, and the clock may start at the end of a period.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from include.postmarket.detection.evaluation import check_counts, make_chart, reasons, require, usable
from include.postmarket.detection.phase_one import check_phase_one, phase_one
from include.postmarket.detection.poisson_rate import upper_tail
from include.postmarket.detection.shapes import Chart, Counts, FloatArray, Reason

METHOD = "time_between"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBetweenParams:
    """``events`` a cycle waits for (r); ``alpha`` a cycle; rate from the first ``baseline`` periods, or ``rate``."""

    events: int = 2
    alpha: float = 0.005
    baseline: int = 12
    rate: float = 0.0

    def __post_init__(self) -> None:
        require(self.events >= 1, method=METHOD, wrong=f"events {self.events}", todo="give 1 event or more")
        require(0 < self.alpha < 1, method=METHOD, wrong=f"alpha {self.alpha}", todo="give alpha between 0 and 1")
        check_phase_one(self.baseline, self.rate, METHOD)


def required_history(params: TimeBetweenParams) -> int:
    """Give the periods needed before the first evaluated one."""
    return 0 if params.rate > 0 else params.baseline


def detect(data: Counts, params: TimeBetweenParams) -> Chart:
    """Judge every period by the cycle it stands in; a cycle is tested once, where its last event comes.

    ``statistic`` is observed over expected events of the cycle so far, ``p_value`` their exact upper tail, 1 as long as
    events are missing. Raises `MethodInputError` for arrays that are not counts.
    """
    counts, exposure = check_counts(data, METHOD)
    phase = phase_one(counts, exposure, params.baseline, params.rate)
    judged = usable(counts, exposure) & phase.done
    seen, at_risk = np.where(judged, counts, 0.0), np.where(judged, exposure, 0.0)
    events, due = _cycles(seen, at_risk * phase.rate, params.events)
    complete = events >= params.events
    earlier = events - seen
    enough = stats.poisson.ppf(1 - params.alpha, due)
    return make_chart(
        counts,
        reasons(counts, exposure, [(~phase.done, Reason.SHORT_HISTORY)]),
        expected=np.maximum(due - earlier, 0.0),
        limit=np.maximum(enough, params.events - 1.0) - earlier,
        statistic=events / np.maximum(due, 1e-300),
        p_value=np.where(complete, upper_tail(events, np.maximum(due, 1e-300)), 1.0),
    )


def _cycles(seen: FloatArray, due: FloatArray, wanted: int) -> tuple[FloatArray, FloatArray]:
    """Give events seen and events due (S, T) since the clock of each period's cycle started, the period included."""
    events, mean = np.zeros_like(seen), np.zeros_like(due)
    so_far, due_so_far = np.zeros(len(seen)), np.zeros(len(seen))
    for t in range(seen.shape[1]):
        events[:, t], mean[:, t] = so_far + seen[:, t], due_so_far + due[:, t]
        over = events[:, t] >= wanted
        so_far, due_so_far = np.where(over, 0.0, events[:, t]), np.where(over, 0.0, mean[:, t])
    return events, mean
