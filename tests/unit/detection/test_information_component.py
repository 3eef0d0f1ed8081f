"""The information component."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.postmarket.detection.contingency import count_reports, count_table
from include.postmarket.detection.information_component import (
    InformationComponentParameters,
    detect,
    gould_2003,
    map_2006,
)
from include.postmarket.detection.shapes import MethodInputError, Reason

TABLES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 50)), min_size=1, max_size=16)


def test_component_of_a_pair_by_hand() -> None:
    """N = 20 with E = 5 gives log2(20.5 / 5.5), the bounds lie about it and the pair alarms."""
    found = detect(count_table([0, 0, 1, 1], [0, 1, 0, 1], [20, 80, 30, 870]), InformationComponentParameters())

    assert found.ic[0] == pytest.approx(np.log2(20.5 / 5.5), rel=1e-12)
    assert found.lower[0] < found.ic[0] < found.upper[0]
    assert found.alarm.tolist() == [True, False, False, False]


def test_threshold_moves_the_alarm() -> None:
    """A lower bound of 1.2 bits alarms at a threshold of 1 and not at 1.5."""
    pairs = count_table([0, 0, 1, 1], [0, 1, 0, 1], [20, 80, 30, 870])

    assert detect(pairs, InformationComponentParameters(minimum_lower=1.0)).alarm[0]
    assert not detect(pairs, InformationComponentParameters(minimum_lower=1.5)).alarm[0]


def test_one_product_is_not_evaluated() -> None:
    """With one product the IC is 0 by construction: it is not evaluated instead of harmless."""
    found = detect(count_table([0, 0], [0, 1], [30, 40]), InformationComponentParameters())

    assert found.evaluated.tolist() == [False, False]
    assert found.reason.tolist() == [Reason.ONE_CATEGORY] * 2


@given(TABLES)
def test_bounds_hold_the_component_and_nothing_warns(rows: list[tuple[int, int, int]]) -> None:
    """Every table gives finite numbers in order, all three forms, without a numpy warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pairs = count_table(*np.array(rows).T)
        found, normal, mode = detect(pairs, InformationComponentParameters()), gould_2003(pairs), map_2006(pairs)

    assert (found.lower < found.upper).all()
    assert (found.lower <= found.ic).all()
    assert np.isfinite([found.lower, found.upper, normal.mean, normal.deviation, mode]).all()


def test_no_pairs_give_no_components() -> None:
    """An empty table passes through."""
    assert len(detect(count_reports([], [], []), InformationComponentParameters()).ic) == 0


def test_confidence_must_be_a_share() -> None:
    """A confidence of 95 instead of 0.95 is refused."""
    with pytest.raises(MethodInputError, match="between 0 and 1"):
        detect(count_table([0], [0], [1]), InformationComponentParameters(confidence=95))
