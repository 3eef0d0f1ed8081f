"""Input checks and the one rule of alarm that all charts share."""

import numpy as np
import pytest

from include.postmarket.detection.evaluation import check_counts, make_chart, reasons
from include.postmarket.detection.shapes import Counts, FloatArray, MethodInputError, Reason


@pytest.mark.parametrize(
    ("counts", "exposure"),
    [
        (np.array([1.0, 2.0]), None),
        (np.array([[-1.0]]), None),
        (np.array([[1.5]]), None),
        (np.array([[np.inf]]), None),
        (np.array([[1.0]]), np.array([[1.0, 2.0]])),
        (np.array([[1.0]]), np.array([[-1.0]])),
        (np.array([[1.0]]), np.array([[np.inf]])),
    ],
)
def test_arrays_that_are_no_counts_are_refused(counts: FloatArray, exposure: FloatArray | None) -> None:
    """Wrong shape, negative, broken or infinite numbers raise, and the message says what to do."""
    with pytest.raises(MethodInputError, match="->"):
        check_counts(Counts(counts=counts, exposure=exposure), "some method")


def test_first_reason_wins() -> None:
    """A period that was not observed says that, even if its history is short as well."""
    short = np.array([[True, True, False]])
    found = reasons(np.array([[np.nan, 1.0, 1.0]]), np.ones((1, 3)), [(short, Reason.SHORT_HISTORY)])

    assert [Reason.NOT_OBSERVED.value, Reason.SHORT_HISTORY.value, ""] == found[0].tolist()


def test_no_reason_is_cut_short() -> None:
    """Every reason fits the array: an operator reads it whole."""
    for reason in Reason:
        found = reasons(np.zeros((1, 1)), np.ones((1, 1)), [(np.array([[True]]), reason)])

        assert reason.value == found[0, 0]


def test_alarm_only_where_evaluated_and_above_the_limit() -> None:
    """The count must be above the limit, not at it, and the point evaluated."""
    counts = np.array([[5.0, 6.0, 6.0]])
    reason = reasons(counts, np.ones((1, 3)), [(np.array([[False, False, True]]), Reason.SHORT_HISTORY)])
    fives = np.full((1, 3), 5.0)
    chart = make_chart(counts, reason, expected=fives, limit=fives, statistic=fives)

    assert chart.alarm[0].tolist() == [False, True, False]
    assert np.isnan(chart.limit[0, 2])
