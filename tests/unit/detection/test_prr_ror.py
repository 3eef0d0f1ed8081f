"""PRR, ROR, chi-square and the Evans rule."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.postmarket.detection.contingency import count_reports, count_table
from include.postmarket.detection.prr_ror import RatioParameters, detect
from include.postmarket.detection.shapes import MethodInputError, Reason

TABLES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 50)), min_size=1, max_size=16)


def test_measures_of_a_two_by_two_table() -> None:
    """For a=20 b=80 c=30 d=870 the closed forms hold: PRR 6, ROR 7.25, chi-square 53.16 by hand."""
    measures = detect(count_table([0, 0, 1, 1], [0, 1, 0, 1], [20, 80, 30, 870]), RatioParameters())

    assert measures.prr.estimate[0] == pytest.approx(6.0, rel=1e-12)
    assert measures.ror.estimate[0] == pytest.approx(7.25, rel=1e-12)
    assert measures.chi_square[0] == pytest.approx(1000 * (20 * 870 - 80 * 30) ** 2 / (100 * 900 * 50 * 950), rel=1e-12)
    assert measures.chi_square_yates[0] == pytest.approx(1000 * (15000 - 500) ** 2 / (100 * 900 * 50 * 950), rel=1e-12)
    lower = 6 * np.exp(-1.959963984540054 * np.sqrt(1 / 20 - 1 / 100 + 1 / 30 - 1 / 900))
    assert measures.prr.lower[0] == pytest.approx(lower, rel=1e-12)
    assert measures.alarm.tolist() == [True, False, False, False]


def test_zero_cells_give_infinity_and_say_so() -> None:
    """A pair seen with no other product has an infinite PRR and ROR without limits; the Evans rule still applies."""
    measures = detect(count_table([0, 0, 1], [0, 1, 1], [9, 5, 80]), RatioParameters())

    assert np.isposinf([measures.prr.estimate[0], measures.ror.estimate[0]]).all()
    assert [bool(measures.prr.evaluated[0]), bool(measures.ror.evaluated[0])] == [False, False]
    assert measures.ror.reason[0] == Reason.ZERO_CELL
    assert measures.alarm[0]


def test_one_product_is_not_evaluated() -> None:
    """With one product nothing is compared: no alarm, and the reason says why."""
    measures = detect(count_table([0, 0], [0, 1], [30, 40]), RatioParameters())

    assert measures.evaluated.tolist() == [False, False]
    assert measures.alarm.tolist() == [False, False]
    assert measures.reason.tolist() == [Reason.ONE_CATEGORY] * 2


def test_table_that_does_not_add_up_is_not_evaluated() -> None:
    """Where reports name product and event only apart, more often than there are other reports, nothing is claimed."""
    report, product = [0, 0, 1, 1, 2, 2, 3], [0, 1, 0, 1, 0, 1, 2]
    measures = detect(count_reports(report, product, [0, 1, 0, 1, 1, 0, 2]), RatioParameters())

    crossed = (measures.pairs.product == 0) & (measures.pairs.event == 1)
    assert measures.reason[crossed].tolist() == [Reason.CROSSED_REPORTS]
    assert not measures.evaluated[crossed].any()
    assert np.isnan(measures.ror.estimate[crossed]).all()


def test_too_few_reports_do_not_alarm() -> None:
    """The Evans rule needs three reports, however large the ratio."""
    table = ([0, 0, 1, 1], [0, 1, 0, 1])
    two = detect(count_table(*table, [2, 2, 1, 5000]), RatioParameters())
    three = detect(count_table(*table, [3, 2, 1, 5000]), RatioParameters())

    assert (bool(two.alarm[0]), bool(three.alarm[0])) == (False, True)


@given(TABLES)
def test_evaluated_measures_are_numbers_and_nothing_warns(rows: list[tuple[int, int, int]]) -> None:
    """Any table is either measured, with ordered finite limits, or not evaluated with a reason; numpy stays silent."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        measures = detect(count_table(*np.array(rows).T), RatioParameters())

    for ratio in (measures.prr, measures.ror):
        good = ratio.evaluated
        assert (ratio.lower[good] <= ratio.estimate[good]).all()
        assert (ratio.estimate[good] <= ratio.upper[good]).all()
        assert np.array_equal(good, ratio.reason == "")
    assert not np.isnan(measures.chi_square_yates[measures.evaluated]).any()
    assert np.array_equal(measures.evaluated, measures.reason == "")
    assert not (measures.alarm & ~measures.evaluated).any()


def test_swapping_product_and_event_keeps_ror_and_chi_square() -> None:
    """ROR and chi-square are symmetric in product and event."""
    product, event, n = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 0, 1]), np.array([4, 9, 7, 2, 5, 30])
    straight, turned = (
        detect(count_table(product, event, n), RatioParameters()),
        detect(count_table(event, product, n), RatioParameters()),
    )

    back = np.lexsort((turned.pairs.product, turned.pairs.event))
    assert np.allclose(straight.ror.estimate, turned.ror.estimate[back], rtol=1e-12)
    assert np.allclose(straight.chi_square, turned.chi_square[back], rtol=1e-12)


def test_no_pairs_give_no_measures() -> None:
    """An empty table is evaluated without error and says nothing."""
    assert len(detect(count_reports([], [], []), RatioParameters()).alarm) == 0


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0, float("nan")])
def test_confidence_must_be_a_share(confidence: float) -> None:
    """A confidence of 95 instead of 0.95 is refused."""
    with pytest.raises(MethodInputError, match="between 0 and 1"):
        detect(count_table([0], [0], [1]), RatioParameters(confidence=confidence))
