"""Expected counts from the background alone."""

import numpy as np
import pytest

from include.postmarket.detection import unmasked_margins
from include.postmarket.detection.contingency import count_table
from include.postmarket.detection.empirical_null import fit_rates
from include.postmarket.detection.rate_mixture import START, RateModel, unseen_background
from include.postmarket.detection.shapes import FloatArray
from tests.unit.detection import planted

POISSON = RateModel(background_shape=1e4, shares=np.array([1.0, *[1e-9] * 6]), converged=True)


def _error(expected: FloatArray, table: planted.Planted) -> float:
    quiet = ~table.signal & (table.pairs.n >= 3)
    return float(np.log(expected / table.expected)[quiet].std())


def test_correction_comes_nearer_to_the_truth() -> None:
    """With signals taken out and large pairs weighed down, expected counts err by half of what plain margins do."""
    table = planted.draw(2, share=0.04)

    assert _error(fit_rates(table.pairs).expected, table) < 0.6 * _error(table.pairs.expected, table)


def test_without_signals_the_margins_stay() -> None:
    """Poisson counts without a raised pair: effects stay near 1, and plain margins are as good as any."""
    table = planted.draw(3, share=0.0)
    quiet = count_table(
        table.pairs.product, table.pairs.event, np.maximum(np.random.default_rng(1).poisson(table.expected), 1)
    )
    margins, _ = unmasked_margins.unmask(unmasked_margins.plain(quiet), POISSON, np.ones(len(quiet.n)))

    large = quiet.product_total > 300
    assert np.abs(np.log(margins.product_effect[margins.product]))[large].max() < 0.05


def test_sums_over_pairs_without_a_report_equal_the_full_table() -> None:
    """Bands of products and events give what adding up every cell gives, within 1 %."""
    pairs = planted.draw(4, products=40, events=60, reports=3_000).pairs
    margins, background = unmasked_margins.plain(pairs), np.full(len(pairs.n), 0.9)
    own = unmasked_margins._shares(margins, START, background)
    actual = unmasked_margins._side(margins, START, own, 0).due

    products, events = (np.zeros(int(code.max()) + 1) for code in (margins.product, margins.event))
    products[margins.product], events[margins.event] = pairs.product_total, pairs.event_total
    cells = np.outer(products, events) / pairs.total
    due = unseen_background(START, cells.ravel()).reshape(cells.shape)
    due *= cells / (1 + cells / START.background_shape)
    due[margins.product, margins.event] = own.due
    np.testing.assert_allclose(actual, due.sum(axis=1), rtol=0.01)


def test_a_pair_is_not_judged_by_its_own_count() -> None:
    """Raising one count hardly changes what is expected of it, though plain margins follow it."""
    pairs = planted.draw(5, products=40, events=60, reports=20_000).pairs
    place = int(np.flatnonzero(pairs.n == 3)[0])
    n = pairs.n.copy()
    n[place] = 300
    raised = count_table(pairs.product, pairs.event, n)
    background = np.ones(len(n))
    _, before = unmasked_margins.unmask(unmasked_margins.plain(pairs), START, background)
    background[place] = 0.0
    _, after = unmasked_margins.unmask(unmasked_margins.plain(raised), START, background)

    assert raised.expected[place] > 2 * pairs.expected[place]
    assert after.expected[place] == pytest.approx(before.expected[place], rel=0.25)


def test_a_product_with_one_pair_is_judged_with_little_certainty() -> None:
    """Where no other count of its product is left, what is expected is as uncertain as half a report."""
    r = np.random.default_rng(6)
    product, event = (axis.ravel() for axis in np.indices((20, 30)))
    n = r.poisson(8, 600)
    pairs = count_table(np.append(product, 20), np.append(event, 4), np.append(n, 7))
    _, counts = unmasked_margins.unmask(unmasked_margins.plain(pairs), POISSON, np.ones(len(pairs.n)))

    alone = pairs.product == 20
    assert counts.variance[alone] == pytest.approx(2.0, rel=0.05)
    assert counts.variance[~alone].max() < 0.1
