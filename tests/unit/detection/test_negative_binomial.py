"""Tails and scores of overdispersed counts."""

import numpy as np
import pytest
from scipy import stats

from include.postmarket.detection.negative_binomial import highest_count, score, upper_tail
from include.postmarket.detection.shapes import MOST_EVENTS


def test_tail_is_that_of_scipy() -> None:
    """With dispersion 3 the tail is scipy's negative binomial, with dispersion 1 its Poisson."""
    counts = np.arange(30.0)

    assert upper_tail(counts, np.array(6.0), np.array(3.0)) == pytest.approx(
        stats.nbinom.sf(counts - 1, 3.0, 1 / 3), rel=1e-10
    )
    assert upper_tail(counts, np.array(6.0), np.array(1.0)) == pytest.approx(
        stats.poisson.sf(counts - 1, 6.0), rel=1e-10
    )


def test_scores_have_mean_zero() -> None:
    """The mid-p score of a count has an expectation near 0, also for rare events."""
    for mean, spread in ((0.2, 1.0), (3.0, 2.0), (40.0, 1.5)):
        counts = np.arange(400.0)
        tails = upper_tail(counts, np.array(mean), np.array(spread))
        chance = tails - np.append(tails[1:], 0.0)

        assert abs(np.sum(chance * score(counts, np.array(mean), np.array(spread)))) < 0.12


def test_score_of_a_huge_count_is_finite() -> None:
    """A count whose probability underflows still has a score."""
    assert np.isfinite(score(np.array(1e6), np.array(1.0), np.array(1.0)))


def test_highest_count_is_the_last_below_the_score() -> None:
    """The count has a score at most the one asked, the next a higher one, over means, spreads and scores."""
    rng = np.random.default_rng(4)
    mean, spread = rng.uniform(0.01, 200.0, 500), 1 + rng.exponential(1.5, 500)
    asked = rng.normal(2.0, 1.5, 500)
    count = highest_count(asked, mean, spread)
    inside = count >= 0

    assert np.all(score(count[inside], mean[inside], spread[inside]) <= asked[inside])
    assert np.all(score(count + 1, mean, spread) > asked)


def test_highest_count_may_be_none() -> None:
    """If even a count of 0 scores above what is asked, the answer is -1."""
    assert highest_count(np.array([-9.0]), np.array([2.0]), np.array([1.0])) == -1


def test_a_score_that_no_count_reaches_gives_the_most_there_can_be() -> None:
    """No probability is small enough: the limit is a number that no count exceeds, and the search ends."""
    mean, spread = np.array([3.0, 1e11]), np.array([1.5, 1e11])

    assert [MOST_EVENTS, MOST_EVENTS] == highest_count(np.array([60.0, 60.0]), mean, spread).tolist()
    assert np.isfinite(highest_count(np.array([30.0, 30.0]), mean, spread)).all()
