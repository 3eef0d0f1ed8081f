"""What a series does when nothing changes, learnt from its history."""

import numpy as np
import pytest

from include.postmarket.detection.ordinary import learn
from include.postmarket.detection.shapes import Counts, Reason


def test_a_rate_is_carried_on_at_the_newest_exposure() -> None:
    """Twice as many devices in the newest month: twice the events are expected from there on, at the same rate."""
    exposure = np.r_[np.full(11, 1000.0), 2000.0][None]
    counts = np.array([[9, 11, 10, 8, 12, 10, 11, 9, 10, 10, 10, 20]], dtype=float)

    learnt = learn(Counts(counts=counts, exposure=exposure), 3, 12.0)

    assert learnt.mean[0] == pytest.approx(np.r_[np.full(11, 10.0), np.full(4, 20.0)], rel=1e-6)
    assert learnt.exposure is not None
    assert list(learnt.exposure[0, -3:]) == [2000.0] * 3


def test_spread_and_level_of_many_months_are_found() -> None:
    """Counts with mean 12 and variance 36: the dispersion is 3, within what 4,000 months can tell."""
    generator = np.random.default_rng(5)
    counts = generator.negative_binomial(6.0, 1 / 3, size=(20, 200)).astype(float)

    learnt = learn(Counts(counts=counts), 1, 1000.0)

    assert float(learnt.mean[:, -1].mean()) == pytest.approx(12.0, rel=0.03)
    assert float(learnt.dispersion.mean()) == pytest.approx(3.0, rel=0.1)


def test_a_season_of_three_years_goes_on() -> None:
    """A yearly wave of Poisson counts is expected next year as well; the month of its top has twice the events."""
    month = np.arange(48)
    counts = np.round(60 * (1 + 0.5 * np.sin(2 * np.pi * month / 12)))[None]

    learnt = learn(Counts(counts=counts[:, :36]), 12, 12.0)

    assert learnt.mean[0, 36:] == pytest.approx(counts[0, 36:], rel=0.12)


def test_a_past_outbreak_does_not_move_the_level() -> None:
    """One month with ten times the events leaves the level where it was; the spread grows, so power is understated."""
    counts = np.random.default_rng(3).poisson(10.0, size=(1, 36)).astype(float)
    outbreak = counts.copy()
    outbreak[0, 20] = 100.0

    plain, seen = (learn(Counts(counts=c), 1, 12.0) for c in (counts, outbreak))

    assert seen.mean[0, -1] == pytest.approx(plain.mean[0, -1], rel=0.15)
    assert seen.dispersion[0] > plain.dispersion[0]


def test_no_event_counts_as_half_of_one() -> None:
    """Nothing seen in 24 months is not a rate of zero."""
    learnt = learn(Counts(counts=np.zeros((1, 24))), 2, 12.0)

    assert list(learnt.mean[0, -2:]) == pytest.approx([0.5 / 24] * 2)
    assert learnt.dispersion[0] == 1.0


def test_what_cannot_be_learnt_says_why() -> None:
    """Five observed months are too few, and nothing in use today leaves nothing to expect."""
    counts = np.full((2, 12), 4.0)
    counts[0, :7] = np.nan
    exposure = np.full((2, 12), 100.0)
    exposure[1, -1] = 0.0

    learnt = learn(Counts(counts=counts, exposure=exposure), 1, 12.0)

    assert list(learnt.reason) == [Reason.SHORT_HISTORY, Reason.NO_EXPOSURE]
    assert np.isnan(learnt.mean).all()
    assert np.isnan(learnt.dispersion).all()
