"""The EWMA chart: its first limit, its gaps and what it refuses."""

import numpy as np
import pytest

from include.postmarket.detection.ewma import EwmaParams, detect, required_history
from include.postmarket.detection.shapes import Counts, MethodInputError


def test_first_limit_is_that_of_a_single_period() -> None:
    """At t = 1 the exact limit is L w: the count alarms above m + L sqrt(m)."""
    chart = detect(Counts(counts=np.array([[4.0]])), EwmaParams(rate=4.0))

    assert chart.limit[0, 0] == pytest.approx(4.0 + 2.962 * 2.0, rel=1e-12)


def test_history_is_phase_one() -> None:
    """Phase I comes before the first evaluated period; a stated rate needs none."""
    chart = detect(Counts(counts=np.full((1, 15), 3.0)), EwmaParams(baseline=10))

    assert 10 == required_history(EwmaParams(baseline=10)) == int(np.argmax(chart.evaluated[0]))
    assert required_history(EwmaParams(rate=1.0)) == 0


def test_gap_leaves_the_average_as_it_was() -> None:
    """A period that was not observed changes neither z nor the limit's clock."""
    params = EwmaParams(rate=4.0)
    gap = detect(Counts(counts=np.array([[9, np.nan, 9.0]])), params)
    none = detect(Counts(counts=np.array([[9, 9.0]])), params)

    assert none.statistic[0, 1] == gap.statistic[0, 2]
    assert none.limit[0, 1] == gap.limit[0, 2]


def test_weight_of_one_is_a_shewhart_chart() -> None:
    """With weight 1 only the newest period speaks."""
    chart = detect(Counts(counts=np.array([[30.0, 4.0]])), EwmaParams(rate=4.0, weight=1.0))

    assert chart.alarm[0].tolist() == [True, False]


@pytest.mark.parametrize("bad", [{"weight": 0.0}, {"weight": 1.1}, {"width": 0.0}, {"baseline": 0}])
def test_unusable_parameters_are_refused(bad: dict[str, float]) -> None:
    """A weight outside (0, 1] or no width is refused with the method's name."""
    with pytest.raises(MethodInputError, match="ewma"):
        EwmaParams(**bad)  # type: ignore[arg-type]
