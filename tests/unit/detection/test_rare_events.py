"""Gap charts: a short gap is bad, and bad gaps are refused."""

import numpy as np
import pytest

from include.postmarket.detection.rare_events import GapChartParameters, g_chart, t_chart
from include.postmarket.detection.shapes import MethodInputError


def test_events_in_quick_succession_alarm() -> None:
    """After gaps of about 100 days, one of a tenth of a second is below the lower limit of the t chart."""
    gaps = np.append(np.linspace(60.0, 140.0, 30)[np.random.default_rng(3).permutation(30)], 1e-6)
    chart = t_chart(gaps, GapChartParameters(baseline=30))

    assert chart.alarm.tolist() == [False] * 30 + [True]


def test_lower_limit_is_never_negative() -> None:
    """The g chart's lower limit stops at 0, so no gap is below it."""
    chart = g_chart(np.array([0.0, 5.0, 9.0, 30.0]), GapChartParameters(baseline=4))

    assert chart.lower == 0.0
    assert not chart.alarm.any()


@pytest.mark.parametrize("gaps", [[1.0, -1.0, 2.0], [1.0, np.nan, 2.0], [1.0]])
def test_unusable_gaps_are_refused(gaps: list[float]) -> None:
    """Negative or missing gaps, or fewer than the baseline, are refused."""
    with pytest.raises(MethodInputError, match="gap chart"):
        g_chart(np.array(gaps), GapChartParameters(baseline=2))
