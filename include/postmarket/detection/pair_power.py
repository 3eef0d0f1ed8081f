"""What a method for pairs does over time: how often a pair alarms for nothing, and the smallest rise that is seen.

Two steps. First, through the method itself: the least number of reports at which a pair alarms while every other cell
of the table stays as it is. Then by simulation: reports of the pair fall on the periods of the window as Poisson counts
of the number that is due, E = b c / d by the rest of the table (a is left out: a pair that already stands out is not
its own background), and the pair alarms when the window's sum reaches the least number.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from include.postmarket.detection.entries import OverTime
from include.postmarket.detection.evaluation import REASON_DTYPE, check_counts, make_chart, reasons
from include.postmarket.detection.futures import HIGHEST, World
from include.postmarket.detection.ordinary import Ordinary
from include.postmarket.detection.shapes import (
    BoolArray,
    Chart,
    Counts,
    FloatArray,
    IntArray,
    Pairs,
    Reason,
)
from include.postmarket.detection.trend_report import trailing_sum

Alarms = Callable[[Pairs], BoolArray]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowParams:
    """Alarm where the ``window`` periods that end with one hold ``least`` events or more."""

    window: int
    least: float


def detect_window(data: Counts, params: WindowParams) -> Chart:
    """Evaluate every period with a whole window; ``expected`` is what is missing to the least number."""
    counts, exposure = check_counts(data, "window")
    sums = trailing_sum(np.nan_to_num(counts), params.window)
    missing = params.least - (sums - np.nan_to_num(counts))
    early: BoolArray = np.broadcast_to(np.arange(counts.shape[1]) < params.window - 1, counts.shape)
    reason = reasons(counts, exposure, [(early, Reason.SHORT_HISTORY)])
    return make_chart(counts, reason, expected=missing, limit=missing - 1, statistic=sums)


#: The sum of a window against a fixed number, as a method over time that `power` can simulate.
WINDOW = OverTime(
    name="window",
    help="the events of a window against a fixed number",
    parameters=WindowParams,
    required_history=lambda params: int(params.window) - 1,
    detect=detect_window,
)


def due(pairs: Pairs) -> FloatArray:
    """Give E = b c / d of each pair (P,), its reports were it reported as the rest is; nan without a rest."""
    b, c = pairs.product_total - pairs.n, pairs.event_total - pairs.n
    d = pairs.total - pairs.product_total - c
    expected = np.full(len(pairs.n), np.nan)
    np.divide(b * c, d, out=expected, where=(b > 0) & (c > 0) & (d > 0))
    return expected


def least_alarming(pairs: Pairs, chosen: IntArray, alarms: Alarms) -> FloatArray:
    """Give the least number of reports (len(chosen),) at which each chosen pair alarms, all other cells as they are.

    Infinite where not even ``HIGHEST`` times what is due alarms, nan where nothing is due. ``alarms`` runs the method.
    """
    expected = due(pairs)
    return np.array([_least(pairs, int(k), float(expected[k]), alarms) for k in chosen])


def pair_world(expected: FloatArray, window: int, ahead: int) -> World:
    """Give the reports of pairs (S,) over a window that has passed and the periods ahead, as many as are due."""
    mean = np.repeat((expected / window)[:, None], window + ahead, axis=1)
    series = Ordinary(
        mean=mean,
        dispersion=np.ones(len(expected)),
        exposure=None,
        reason=np.full(len(expected), Reason.NONE.value, dtype=REASON_DTYPE),
    )
    return World(
        parts=series,
        members=np.eye(len(expected), dtype=np.bool_),
        series=series,
        observed=np.ones((len(expected), window), dtype=np.bool_),
    )


def _least(pairs: Pairs, k: int, expected: float, alarms: Alarms) -> float:
    if np.isnan(expected):
        return float("nan")
    low, high = 0, int(np.ceil(HIGHEST * expected)) + 10
    if not alarms(_with_reports(pairs, k, high))[k]:
        return float("inf")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if alarms(_with_reports(pairs, k, middle))[k] else (middle, high)
    return float(high)


def _with_reports(pairs: Pairs, k: int, reports: int) -> Pairs:
    """Give the table with another number of reports of pair ``k``; the margins follow."""
    more = reports - pairs.n[k]
    n = pairs.n.copy()
    n[k] = reports
    product_total = pairs.product_total + more * (pairs.product == pairs.product[k])
    event_total = pairs.event_total + more * (pairs.event == pairs.event[k])
    total = pairs.total + more
    return replace(
        pairs,
        n=n,
        product_total=product_total,
        event_total=event_total,
        total=total,
        expected=product_total * event_total / total,
    )
