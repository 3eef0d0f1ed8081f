"""What holds for every method for pairs on any table: numbers or a reason, no warning, no dependence on order."""

import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.postmarket.detection import catalogue
from include.postmarket.detection.contingency import count_reports, count_table
from include.postmarket.detection.entries import PairResult
from include.postmarket.detection.lrt import LrtParameters
from include.postmarket.detection.prr_ror import RatioMeasures
from include.postmarket.detection.shapes import FloatArray, IntArray, Pairs, Reason
from include.postmarket.steps.own_numbers import own_numbers

METHODS = sorted(catalogue.PAIRS)
REASONS = {reason.value for reason in Reason}


def _detect(name: str, pairs: Pairs) -> PairResult:
    """Run a method with numpy's and Python's warnings as errors."""
    method = catalogue.PAIRS[name]
    params = LrtParameters(draws=50) if name == "lrt" else method.parameters()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return method.detect(pairs, params)


def _assert_sound(said: PairResult) -> None:
    """Every pair has an answer or a reason of the list, and evaluated pairs have numbers."""
    assert np.array_equal(said.evaluated, said.reason == "")
    assert set(said.reason.tolist()) <= REASONS
    assert not (said.alarm & ~said.evaluated).any()
    numbers = own_numbers(said)
    if isinstance(said, RatioMeasures):
        numbers = {"prr": said.prr.estimate, "chi2": said.chi_square, "chi2_yates": said.chi_square_yates}
    for name, values in numbers.items():
        assert not np.isnan(values[said.evaluated]).any(), name


def _grid(n: FloatArray | IntArray) -> Pairs:
    product, event = np.indices(n.shape)
    return count_table(product.ravel(), event.ravel(), n.ravel())


def _hostile() -> Iterator[tuple[str, Pairs]]:
    r = np.random.default_rng(1)
    yield "no pair", count_table([], [], [])
    yield "a single pair", count_table([0], [0], [7])
    yield "only zeros", _grid(np.zeros((4, 4)))
    yield "one product", _grid(np.full((1, 150), 3.0))
    yield "one event", _grid(np.full((150, 1), 3.0))
    yield "a diagonal", count_table(np.arange(150), np.arange(150), np.full(150, 4.0))
    yield "all counts equal", _grid(np.full((20, 20), 5.0))
    yield "all counts one", _grid(np.ones((12, 30)))
    yield "huge counts", _grid(np.full((20, 20), 1e15))
    yield "huge among small", _grid(np.where(np.eye(20) > 0, 1e15, 1.0))
    yield "from one to a billion", _grid(np.floor(10.0 ** r.uniform(0, 9, (20, 20))))
    yield "an empty product and event", _grid(np.pad(r.poisson(3.0, (15, 20)), ((0, 1), (0, 1))))
    yield "one product holds nearly all", _grid(np.vstack([np.full(20, 1e6), r.poisson(0.5, (19, 20))]))
    yield (
        "every report names everything",
        count_reports(
            np.repeat(np.arange(30), 144), np.tile(np.repeat(np.arange(12), 12), 30), np.tile(np.arange(12), 360)
        ),
    )


HOSTILE = dict(_hostile())


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("table", HOSTILE)
def test_hostile_tables_get_numbers_or_a_reason(name: str, table: str) -> None:
    """Zero cells, one category, equal and huge counts: each pair is evaluated with numbers or says why not."""
    _assert_sound(_detect(name, HOSTILE[table]))


TABLES = st.builds(
    lambda seed, products, events, mean, spread: np.random.default_rng(seed).poisson(
        mean * np.random.default_rng(seed).lognormal(0, spread, (products, events))
    ),
    st.integers(0, 2**31),
    st.integers(1, 14),
    st.integers(1, 20),
    st.floats(0.05, 50),
    st.floats(0, 2),
)


@pytest.mark.parametrize("name", METHODS)
@settings(max_examples=12, deadline=None)
@given(TABLES)
def test_any_table_gets_numbers_or_a_reason(name: str, n: FloatArray) -> None:
    """Sparse, dense, even and skewed tables of all small shapes."""
    _assert_sound(_detect(name, _grid(n)))


def _shuffled(n: IntArray, seed: int) -> Pairs:
    """Count the same table with its rows in another order, and large counts split over two rows."""
    r = np.random.default_rng(seed)
    product, event = np.nonzero(n)
    counts = n[product, event]
    part = counts // 3
    rows = np.stack([np.r_[product, product], np.r_[event, event], np.r_[part, counts - part]])
    rows = rows[:, r.permutation(rows.shape[1])]
    return count_table(*rows)


@pytest.mark.parametrize("name", METHODS)
def test_order_and_splitting_of_rows_change_nothing(name: str) -> None:
    """Rows in another order, and a pair given in two parts, are the same table."""
    n = np.random.default_rng(4).poisson(np.random.default_rng(5).lognormal(0.5, 1, (15, 25)))
    straight, shuffled = _detect(name, _grid(n)), _detect(name, _shuffled(n, 6))

    assert np.array_equal(straight.alarm, shuffled.alarm)
    for key, values in own_numbers(straight).items():
        np.testing.assert_array_equal(values, own_numbers(shuffled)[key], err_msg=key)


@pytest.mark.parametrize("name", ["screen", "prr_ror", "information_component", "gps"])
def test_swapping_products_and_events_swaps_the_answer(name: str) -> None:
    """No method knows which side is the product: alarms of the turned table are the turned alarms."""
    n = np.random.default_rng(7).poisson(np.random.default_rng(8).lognormal(0.5, 1.2, (20, 25)))
    straight, turned = _detect(name, _grid(n)), _detect(name, _grid(n.T))
    found = set(zip(straight.pairs.product[straight.alarm], straight.pairs.event[straight.alarm], strict=True))
    again = set(zip(turned.pairs.event[turned.alarm], turned.pairs.product[turned.alarm], strict=True))

    assert found
    # PRR compares products within an event; turned, it compares events within a product, another ratio.
    assert found == again or (name == "prr_ror" and len(found & again) > 0.8 * len(found))


@pytest.mark.parametrize("name", ["screen", "information_component", "gps"])
def test_more_reports_never_take_an_alarm_away(name: str) -> None:
    """Raising the count of a pair step by step, once it alarms it stays in alarm."""
    n = np.random.default_rng(9).poisson(6.0, (15, 20))
    alarms = []
    for count in (4, 8, 12, 16, 24, 40, 100):
        n[3, 4] = count
        said = _detect(name, _grid(n))
        alarms.append(bool(said.alarm[(said.pairs.product == 3) & (said.pairs.event == 4)][0]))

    assert alarms == sorted(alarms)
    assert alarms[-1]
