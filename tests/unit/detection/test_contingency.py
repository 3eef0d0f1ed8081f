"""Counting product-event pairs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.postmarket.detection.contingency import (
    count_reports,
    count_reports_in_strata,
    count_table,
    has_no_comparison,
    two_by_two,
)
from include.postmarket.detection.shapes import Counting, MethodInputError, Pairs

ROWS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


def _cells(pairs: Pairs) -> dict[tuple[int, int], tuple[float, ...]]:
    keys = zip(pairs.product.tolist(), pairs.event.tolist(), strict=True)
    values = zip(pairs.n.tolist(), pairs.product_total.tolist(), pairs.event_total.tolist(), strict=True)
    return dict(zip(keys, values, strict=True))


def test_reports_are_counted_once_per_pair_and_margin() -> None:
    """A report naming a product with two events counts once in the product's margin and once in N."""
    pairs = count_reports([7, 7, 7, 8], [0, 0, 0, 1], [0, 1, 1, 1])

    assert _cells(pairs) == {(0, 0): (1, 1, 1), (0, 1): (1, 1, 2), (1, 1): (1, 1, 2)}
    assert (pairs.total, pairs.counting) == (2.0, Counting.REPORTS)
    assert pairs.expected.tolist() == [0.5, 1.0, 1.0]


def test_table_margins_are_sums_of_the_table() -> None:
    """The pair-table rule adds rows of one pair, drops zeros and takes N as the sum of all."""
    pairs = count_table([0, 0, 1, 1], [0, 0, 1, 0], [2, 3, 4, 0])

    assert _cells(pairs) == {(0, 0): (5, 5, 5), (1, 1): (4, 4, 4)}
    assert (pairs.total, pairs.counting) == (9.0, Counting.PAIR_TABLE)


def test_string_report_ids_count_like_numbers() -> None:
    """Report ids are labels: strings and far-apart numbers give the same pairs."""
    by_number = count_reports([10**15, 5, 5], [0, 0, 1], [1, 1, 0])
    by_text = count_reports(["MW5", "A-1", "A-1"], [0, 0, 1], [1, 1, 0])

    assert _cells(by_number) == _cells(by_text)
    assert by_number.total == by_text.total


@given(ROWS, st.randoms(use_true_random=False))
def test_order_and_repetition_of_rows_change_nothing(rows: list[tuple[int, int, int]], shuffler: object) -> None:
    """Shuffled and repeated rows give the same pairs, counted by a plain reading of the definition."""
    again = rows + rows[: len(rows) // 2]
    shuffler.shuffle(again)  # type: ignore[attr-defined]

    pairs = count_reports(*np.array(again).T)

    expected = {
        (p, e): (
            len({r for r, q, f in rows if (q, f) == (p, e)}),
            len({r for r, q, _ in rows if q == p}),
            len({r for r, _, f in rows if f == e}),
        )
        for _, p, e in rows
    }
    assert expected == _cells(pairs)
    assert len({r for r, _, _ in rows}) == pairs.total


@given(ROWS)
def test_cells_of_a_pair_table_are_counts_that_sum_to_the_total(rows: list[tuple[int, int, int]]) -> None:
    """The 2x2 table of every pair holds no negative cell and adds up to N."""
    _, product, event = np.array(rows).T
    pairs = count_table(product, event, np.ones(len(rows)))
    cells = two_by_two(pairs)

    assert (np.stack([cells.a, cells.b, cells.c, cells.d]) >= 0).all()
    assert np.array_equal(cells.a + cells.b + cells.c + cells.d, np.full(len(pairs.n), pairs.total))


def test_report_with_two_devices_keeps_each_problem_with_its_device() -> None:
    """A report of two devices with a problem each counts in the margins and not in the pairs that it does not name."""
    pairs = count_reports([0, 0, 1], [0, 1, 0], [0, 1, 1])

    assert _cells(pairs) == {(0, 0): (1, 2, 1), (0, 1): (1, 2, 2), (1, 1): (1, 1, 2)}
    assert two_by_two(pairs).d.tolist() == [0.0, -1.0, 0.0]


def test_no_rows_give_no_pairs() -> None:
    """A period without reports is an empty table, not an error."""
    assert len(count_reports([], [], []).n) == 0
    assert len(count_table([0], [0], [0]).n) == 0


def test_a_single_product_has_nothing_to_compare_with() -> None:
    """A product or event that is in every report leaves no other report to compare with."""
    one_product = count_table([0, 0], [0, 1], [3, 4])
    one_product_in_all_reports = count_reports([1, 2, 2], [0, 0, 1], [0, 0, 1])

    assert has_no_comparison(one_product).tolist() == [True, True]
    assert has_no_comparison(one_product_in_all_reports).tolist() == [True, False]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (([1], [0, 1], [0, 1]), "same length"),
        (([1], [-1], [0]), "negative code"),
        (([1], [0.5], [0]), "whole numbers"),
        (([1.5], [0], [0]), "report ids"),
        (([[1]], [0], [0]), "report ids"),
        (([1], [2**40], [2**40]), "number them from 0"),
    ],
)
def test_unusable_rows_are_refused(arrays: tuple[list[float], ...], message: str) -> None:
    """An array that cannot be counted is named, with what to do."""
    with pytest.raises(MethodInputError, match=message):
        count_reports(*arrays)


@pytest.mark.parametrize("count", [-1.0, 0.5, float("nan"), float("inf")])
def test_counts_must_be_whole_and_finite(count: float) -> None:
    """A table with a count that is no count is refused."""
    with pytest.raises(MethodInputError, match="whole numbers >= 0"):
        count_table([0], [0], [count])


def test_strata_explain_a_pair_that_only_shares_its_patients() -> None:
    """Product 0 and event 0 both belong to stratum 0: plain margins expect half as many reports, strata all of them."""
    report = np.arange(200)
    stratum = report // 100
    pairs = count_reports_in_strata(report, stratum, stratum, stratum)

    assert count_reports(report, stratum, stratum).expected.tolist() == [50.0, 50.0]
    assert pairs.expected.tolist() == [100.0, 100.0]
    assert pairs.strata == 2


@given(ROWS)
def test_expected_counts_are_sums_over_strata(rows: list[tuple[int, int, int]]) -> None:
    """Stratified expected counts equal the plain ones of each stratum, added up."""
    report, product, event = np.array(rows).T
    pairs = count_reports_in_strata(report, product, event, report % 3)

    expected: dict[tuple[int, int], float] = {}
    for s in range(3):
        inside = [row for row in rows if row[0] % 3 == s]
        for p, e in set(zip(product.tolist(), event.tolist(), strict=True)) if inside else ():
            of_product = len({r for r, q, _ in inside if q == p})
            of_event = len({r for r, _, f in inside if f == e})
            expected[p, e] = expected.get((p, e), 0.0) + of_product * of_event / len({r for r, _, _ in inside})
    keys = zip(pairs.product.tolist(), pairs.event.tolist(), strict=True)
    assert pairs.expected.tolist() == pytest.approx([expected[key] for key in keys])


def test_report_in_two_strata_is_refused() -> None:
    """A report is compared within one stratum; two are an error of the data."""
    with pytest.raises(MethodInputError, match="two strata"):
        count_reports_in_strata([1, 1], [0, 0], [0, 1], [0, 1])
