"""Intervals at their edges; the numbers are in tests/reference/test_rate_vectors.py."""

import numpy as np
import pytest

from include.postmarket.detection.intervals import (
    JEFFREYS,
    RatePrior,
    binomial_interval,
    binomial_upper_bound,
    poisson_interval,
    poisson_upper_bound,
    rate_posterior,
    zero_event_upper_bound,
)
from include.postmarket.detection.shapes import MethodInputError


def test_no_event_has_lower_bound_zero() -> None:
    """No event seen: the interval starts at exactly 0 and its one-sided upper bound is -ln(0.05)/T."""
    lower, _ = poisson_interval([0, 0], [1000.0, 10.0])

    assert lower.tolist() == [0.0, 0.0]
    assert poisson_upper_bound(0, 1000.0) == pytest.approx(zero_event_upper_bound(1000.0), rel=1e-12)


def test_proportion_keeps_to_its_ends() -> None:
    """0 of n has lower bound 0, n of n upper bound 1, and neither is nan."""
    lower, upper = binomial_interval([0, 5], [5, 5])

    assert lower[0] == 0.0
    assert upper[1] == 1.0
    assert binomial_upper_bound(5, 5) == 1.0
    assert np.all(np.isfinite([lower, upper]))


def test_clopper_pearson_matches_r() -> None:
    """R: binom.test(7, 50)$conf.int is 0.05819170 0.26739600."""
    lower, upper = binomial_interval(7, 50)

    assert lower == pytest.approx(0.05819170, abs=5e-9)
    assert upper == pytest.approx(0.26739600, abs=5e-9)


def test_interval_covers_at_least_its_level() -> None:
    """The exact interval covers a true mean of 3 with probability 0.95 or more."""
    events = np.arange(60)
    lower, upper = poisson_interval(events, 1.0)
    chance = np.exp(events * np.log(3.0) - 3.0 - np.cumsum(np.log(np.maximum(events, 1))))

    assert chance[(lower <= 3.0) & (upper >= 3.0)].sum() >= 0.95


def test_capped_prior_keeps_its_rate() -> None:
    """A prior worth a million is cut to a thousand, its predicted rate stays; a weaker one is left alone."""
    strong = RatePrior(events=5.0, exposure=1e6)

    assert RatePrior(events=0.005, exposure=1000.0) == strong.capped(1000.0)
    assert strong == strong.capped(2e6)
    assert JEFFREYS.capped(1.0) == JEFFREYS


def test_cap_lets_the_field_speak() -> None:
    """With a capped prior ten events where one was predicted lift the probability that the limit is exceeded."""
    prior = RatePrior(events=10.0, exposure=1e6)
    free, capped = (rate_posterior(10, 1e5, each).probability_above(5e-5) for each in (prior, prior.capped(1e4)))

    assert free < 0.01
    assert capped > 0.9


@pytest.mark.parametrize(
    ("events", "exposure", "level"),
    [(-1, 1.0, 0.95), (1, 0.0, 0.95), (1, float("nan"), 0.95), (float("inf"), 1.0, 0.95), (1, 1.0, 1.0), (1, 1.0, 0.0)],
)
def test_unusable_numbers_are_refused(events: float, exposure: float, level: float) -> None:
    """Negative events, no exposure or a level outside (0, 1) raise instead of giving nan."""
    with pytest.raises(MethodInputError):
        poisson_interval(events, exposure, level)


def test_more_events_than_trials_are_refused() -> None:
    """Reports counted as trials would give a proportion above 1: refused."""
    with pytest.raises(MethodInputError, match="more events than trials"):
        binomial_interval(6, 5)
