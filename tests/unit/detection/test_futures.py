"""Drawn futures: their moments, their sums, and rises that share the same draws."""

import numpy as np
import pytest

from include.postmarket.detection.futures import RATIOS, draw, family, separate
from include.postmarket.detection.shapes import Counts, Reason
from tests.unit.detection.worlds import constant


def test_counts_have_the_mean_and_the_variance_of_the_world() -> None:
    """Mean 8 and dispersion 2.5, without a rise and with each; four standard errors of 40,000 counts."""
    futures = draw(constant(np.array([8.0]), 1, 100, dispersion=2.5), 400, 100, seed=1)
    for step in (0, 10, 20):
        counts = futures.risen(np.array([step]), np.array([0]))[:, 0, 1:]
        mean = 8.0 * RATIOS[step]

        assert counts.mean() == pytest.approx(mean, abs=4 * np.sqrt(2.5 * mean / counts.size))
        assert counts.var() / counts.mean() == pytest.approx(2.5, rel=0.06)


def test_a_higher_rise_never_has_fewer_events() -> None:
    """The draws of a rise contain those of every lower one, in each replicate and period."""
    futures = draw(constant(np.array([3.0, 0.2]), 2, 6, dispersion=1.7), 50, 6, seed=4)

    assert np.all(np.diff(futures.added, axis=0) >= 0)
    assert futures.added[0].sum() == 0


def test_the_total_is_the_sum_of_its_parts() -> None:
    """Whatever is drawn, the first series is the sum of the others and of what belongs to none of them."""
    generator = np.random.default_rng(2)
    parts = generator.poisson(5.0, size=(3, 24)).astype(float)
    world = family(Counts(counts=np.vstack([parts.sum(axis=0), parts[:2]])), 13, 12.0)

    futures = draw(world, 200, 13, seed=7)

    rest = futures.counts[:, 0] - futures.counts[:, 1:].sum(axis=1)
    assert len(world.parts.mean) == 3
    assert np.all(rest >= 0)
    assert rest.mean() == pytest.approx(parts[2].mean(), rel=0.05)
    assert np.all(futures.added[:, :, 0] >= futures.added[:, :, 1:].sum(axis=2))


def test_a_young_subgroup_stays_in_the_total() -> None:
    """A subgroup of five months cannot be learnt, but its events are expected of the total as before."""
    counts = np.full((2, 24), 10.0)
    counts[0] += 0
    counts[1, :19] = np.nan

    world = family(Counts(counts=counts), 13, 12.0)

    assert list(world.series.reason) == ["", Reason.SHORT_HISTORY]
    assert float(world.parts.mean[:, -1].sum()) == pytest.approx(10.0)


def test_a_period_that_was_not_observed_is_none_in_the_replicates() -> None:
    """Gaps of the history are gaps of every replicate: a method that minds them must meet them."""
    counts = np.full((1, 12), 6.0)
    counts[0, 4] = np.nan

    futures = draw(separate(Counts(counts=counts), 4, 12.0), 20, 4, seed=0)

    assert np.isnan(futures.counts[:, 0, 4]).all()
    assert np.isnan(futures.counts).sum() == 20


def test_the_same_seed_gives_the_same_futures() -> None:
    """A recorded figure can be computed again to the last bit (G2)."""
    world = constant(np.array([3.0]), 1, 5, dispersion=2.0)

    first, second = draw(world, 10, 5, seed=3), draw(world, 10, 5, seed=3)

    assert np.array_equal(first.counts, second.counts, equal_nan=True)
    assert np.array_equal(first.added, second.added)
