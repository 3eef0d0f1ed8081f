"""Data squashing."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from include.postmarket.detection.squashing import squash, unsquashed

PAIRS = st.lists(st.tuples(st.integers(1, 5), st.floats(0.01, 100)), min_size=1, max_size=50)


@given(PAIRS, st.floats(0.01, 1.0))
def test_rows_stand_for_all_pairs_and_their_expected_reports(rows: list[tuple[int, float]], width: float) -> None:
    """Weights add up to the pairs, reports and expected reports to their sums, whatever the width."""
    n, expected = np.array(rows).T
    found = squash(n, expected, width)

    assert found.weight.sum() == len(rows)
    np.testing.assert_allclose(found.weight @ found.counts[found.place], n.sum())
    np.testing.assert_allclose(found.weight @ found.expected, expected.sum())


def test_only_pairs_of_equal_count_and_near_expected_share_a_row() -> None:
    """E of 1.00 and 1.01 share a row at a width of 0.1; another count or an E of 2 does not."""
    found = squash(np.array([1.0, 1.0, 2.0, 1.0]), np.array([1.0, 1.01, 1.0, 2.0]), 0.1)

    assert found.weight.tolist() == [2.0, 1.0, 1.0]
    assert found.counts[found.place].tolist() == [1.0, 1.0, 2.0]


def test_unsquashed_pairs_keep_their_rows() -> None:
    """Every pair has its own row, in the order given."""
    found = unsquashed(np.array([3.0, 1.0, 3.0]), np.array([0.5, 2.0, 0.7]))

    assert found.counts[found.place].tolist() == [3.0, 1.0, 3.0]
    assert found.weight.tolist() == [1.0, 1.0, 1.0]
