"""The recommended rule for pairs."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.postmarket.detection.contingency import count_reports, count_table
from include.postmarket.detection.screen import MINIMUM_CATEGORIES, MINIMUM_PAIRS, ScreenParameters, detect
from include.postmarket.detection.shapes import MethodInputError, Reason
from tests.unit.detection import planted


def test_planted_signals_are_found_with_the_stated_share_of_false_ones() -> None:
    """Over five tables at most 12 % of the alarms are false, half of the signals with three reports are found."""
    tables = [planted.draw(seed) for seed in range(10, 15)]
    screens = [detect(table.pairs, ScreenParameters()) for table in tables]

    found = sum(int((s.alarm & t.signal).sum()) for s, t in zip(screens, tables, strict=True))
    alarms = sum(int(s.alarm.sum()) for s in screens)
    there = sum(int((t.signal & (t.pairs.n >= 3)).sum()) for t in tables)
    expected_false = sum(s.expected_false_signals for s in screens)
    assert found / alarms > 0.88
    assert found / there > 0.48
    assert alarms - found == pytest.approx(expected_false, abs=4 * np.sqrt(expected_false))


def test_a_table_without_signals_raises_almost_none() -> None:
    """Background spread alone gives no more alarms than one in a thousand of the pairs evaluated."""
    found = detect(planted.draw(20, share=0.0).pairs, ScreenParameters())

    assert found.evaluated.sum() > 1_000
    assert found.alarm.sum() <= found.evaluated.sum() / 1_000


def test_stated_share_bounds_the_mean_of_the_alarms() -> None:
    """The mean local false discovery rate over the alarms is within the share, and one alarm more would break it."""
    params = ScreenParameters(false_share=0.2)
    found = detect(planted.draw(21).pairs, params)

    taken = found.false_probability[found.alarm]
    left = found.false_probability[found.evaluated & ~found.alarm]
    assert taken.mean() <= 0.2
    assert np.append(taken, left.min()).mean() > 0.2
    assert taken.max() <= left.min()
    assert taken.sum() == pytest.approx(found.expected_false_signals)


def test_pairs_with_few_reports_are_not_evaluated() -> None:
    """A pair below the minimum has a score but neither an alarm nor a clean bill."""
    table = planted.draw(22)
    found = detect(table.pairs, ScreenParameters(minimum_reports=5))

    few = table.pairs.n < 5
    assert np.array_equal(found.evaluated, ~few)
    assert set(found.reason[few].tolist()) == {Reason.LOW_COUNT}
    assert not found.alarm[few].any()


@pytest.mark.parametrize("pairs", [0, 1, MINIMUM_PAIRS - 1])
def test_too_few_pairs_are_not_evaluated(pairs: int) -> None:
    """Below the minimum nothing is fitted, and each pair says so."""
    found = detect(count_table(np.arange(pairs), np.zeros(pairs, dtype=int), np.full(pairs, 5)), ScreenParameters())

    assert found.model is None
    assert not found.evaluated.any()
    assert found.reason.tolist() == [Reason.TOO_FEW_PAIRS] * pairs


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.integers(8, 12), st.floats(0.1, 30))
def test_any_table_is_evaluated_or_says_why_and_nothing_warns(seed: int, products: int, mean: float) -> None:
    """Odd tables (few products, sparse, even) give probabilities or a reason, and numpy stays silent."""
    n = np.random.default_rng(seed).poisson(mean, (products, 40))
    product, event = np.indices(n.shape)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = detect(count_table(product.ravel(), event.ravel(), n.ravel()), ScreenParameters())

    good = found.evaluated
    assert np.array_equal(good, found.reason == "")
    assert ((found.false_probability[good] >= 0) & (found.false_probability[good] <= 1)).all()
    assert not (found.alarm & ~good).any()


@pytest.mark.parametrize(("categories", "evaluated"), [(MINIMUM_CATEGORIES - 1, False), (MINIMUM_CATEGORIES, True)])
def test_few_products_or_events_are_not_evaluated(categories: int, evaluated: bool) -> None:
    """With one product, or one event, too few nothing is fitted, and each pair says so."""
    n = np.random.default_rng(1).poisson(20, (categories, 60))
    product, event = np.indices(n.shape)
    for first, second in ((product, event), (event, product)):
        found = detect(count_table(first.ravel(), second.ravel(), n.ravel()), ScreenParameters())

        assert (found.model is not None) == evaluated
        assert set(found.reason.tolist()) == {"" if evaluated else Reason.TOO_FEW_CATEGORIES}


def test_codes_without_gaps_are_not_needed() -> None:
    """Products and events numbered with gaps give the same screen."""
    pairs = planted.draw(23).pairs
    gapped = count_table(pairs.product * 3 + 1, pairs.event * 2, pairs.n)

    straight, found = detect(pairs, ScreenParameters()), detect(gapped, ScreenParameters())
    assert np.array_equal(straight.alarm, found.alarm)


def test_no_reports_give_an_empty_screen() -> None:
    """An empty table passes through."""
    assert len(detect(count_reports([], [], []), ScreenParameters()).alarm) == 0


@pytest.mark.parametrize("share", [0.0, 1.0, 8.5])
def test_share_must_be_between_zero_and_one(share: float) -> None:
    """A share of 8.5 instead of 0.09 is refused."""
    with pytest.raises(MethodInputError, match=r"0\.09"):
        detect(count_table([0], [0], [1]), ScreenParameters(false_share=share))
