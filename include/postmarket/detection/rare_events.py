"""Charts of the gaps between events, for events so rare that most periods have none.

g chart: gaps counted in units or days, geometric (Benneyan 2001). t chart: times, made normal by the power 1/3.6
(Nelson 1994). A short gap is bad: the alarm is below the lower limit. On the g chart that limit is mostly 0, so it
shows but seldom alarms; the probability limit of the geometric distribution can be met.
"""

from dataclasses import dataclass

import numpy as np

from include.postmarket.detection.evaluation import require
from include.postmarket.detection.shapes import BoolArray, FloatArray
from include.postmarket.detection.shewhart import RANGE_TO_SIGMA

NELSON = 1 / 3.6


@dataclass(frozen=True, slots=True, kw_only=True)
class GapChartParameters:
    """Limits at ``width`` standard deviations, from the first ``baseline`` gaps of a series."""

    baseline: int = 20
    width: float = 3.0

    def __post_init__(self) -> None:
        good = self.baseline >= 2 and 0 < self.width < np.inf
        wrong = f"baseline {self.baseline}, width {self.width}"
        require(good, method="gap chart", wrong=wrong, todo="give 2 gaps or more and a positive width")


@dataclass(frozen=True, slots=True, kw_only=True)
class GapChart:
    """Statistic of each gap (n,), centre and limits, and whether it is below the lower one."""

    statistic: FloatArray
    centre: float
    lower: float
    upper: float
    alarm: BoolArray


def g_chart(gaps: FloatArray, params: GapChartParameters) -> GapChart:
    """Give the g chart of ``gaps`` (n,) between events, centre and sigma from the first of them.

    Raises `MethodInputError` for gaps that are negative or nan, or fewer than the baseline.
    """
    x = _checked(gaps, params.baseline)
    centre = float(x[: params.baseline].mean())
    sigma = float(np.sqrt(centre * (centre + 1)))
    return _chart(x, centre, params.width * sigma)


def t_chart(gaps: FloatArray, params: GapChartParameters) -> GapChart:
    """Give the t chart of times ``gaps`` (n,) between events on the scale of their power 1/3.6.

    Raises `MethodInputError` for gaps that are negative or nan, or fewer than the baseline.
    """
    y = _checked(gaps, params.baseline) ** NELSON
    moving = np.abs(np.diff(y[: params.baseline])).mean()
    return _chart(y, float(y[: params.baseline].mean()), params.width * float(moving) / RANGE_TO_SIGMA)


def _chart(values: FloatArray, centre: float, room: float) -> GapChart:
    lower = max(0.0, centre - room)
    return GapChart(statistic=values, centre=centre, lower=lower, upper=centre + room, alarm=values < lower)


def _checked(gaps: FloatArray, baseline: int) -> FloatArray:
    x = np.asarray(gaps, dtype=np.float64)
    usable = x.ndim == 1 and bool(np.all(np.isfinite(x)) and np.all(x >= 0))
    require(usable, method="gap chart", wrong="gaps are not a list of non-negative numbers", todo="give gaps in order")
    require(2 <= baseline <= len(x), method="gap chart", wrong=f"baseline {baseline}", todo="give 2 to all gaps")
    return x
