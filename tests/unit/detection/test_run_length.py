"""The Markov chain behind the CUSUM's limit."""

import numpy as np
import pytest

from include.postmarket.detection.cusum import CusumParams, accumulate, detect
from include.postmarket.detection.run_length import cusum_limit, cusum_run_length
from include.postmarket.detection.shapes import Counts


@pytest.mark.parametrize("mean", [0.003, 0.05, 0.5, 4.0, 30.0])
def test_limit_gives_the_wanted_run_length(mean: float) -> None:
    """Simulated in-control charts first alarm, on average, no earlier than wanted (within 4 standard errors)."""
    limit = cusum_limit(mean, mean * 0.5 / np.log(1.5), 60.0)
    counts = np.random.default_rng(11).poisson(mean, (1500, 1500)).astype(float)
    alarm = detect(Counts(counts=counts), CusumParams(rate=mean, ratio=1.5, h=max(limit, 1e-9))).alarm
    first = np.where(alarm.any(axis=1), alarm.argmax(axis=1) + 1, 1500)

    assert first.mean() > 60.0 - 4 * first.std() / np.sqrt(1500)


def test_chain_agrees_with_simulation() -> None:
    """The chain's run length at k = 3, h = 5, mean 2.5 lies within 4 standard errors of 6,000 simulated runs."""
    counts = np.random.default_rng(3).poisson(2.5, (6000, 1500)).astype(float)
    _, state = accumulate(counts - 3.0)
    alarm = state > 5.0
    first = alarm.argmax(axis=1) + 1.0
    computed = cusum_run_length(2.5, 3.0, 5.0)

    assert alarm.any(axis=1).all()
    assert abs(computed - first.mean()) < 4 * first.std() / np.sqrt(6000)


def test_bernoulli_chain_has_a_closed_form() -> None:
    """With h = 0 the first event above k alarms: the run length is 1 / P(X > k)."""
    mean, reference = 0.2, 0.5

    assert cusum_run_length(mean, reference, 0.0) == pytest.approx(1 / (1 - np.exp(-mean)), rel=1e-12)


def test_large_means_neither_overflow_nor_stall() -> None:
    """A mean of a thousand gives a finite limit."""
    assert np.isfinite(cusum_limit(1000.0, 100.0 / np.log(1.1), 500.0))


def test_longer_runs_need_a_higher_limit() -> None:
    """The limit grows with the wanted run length."""
    limits = [cusum_limit(3.0, 3.0 / np.log(2.0), length) for length in (50.0, 500.0, 5000.0)]

    assert sorted(limits) == limits
    assert len(set(limits)) == 3


def test_overdispersed_counts_keep_their_run_length() -> None:
    """With dispersion 3 the Poisson limit alarms far too early; the negative binomial one keeps the wanted length."""
    counts = np.random.default_rng(12).negative_binomial(2.5, 1 / 3, (1500, 1500)).astype(float)
    first = {}
    for dispersion in (1.0, 3.0):
        params = CusumParams(rate=5.0, ratio=1.8, run_length=100.0, dispersion=dispersion)
        alarm = detect(Counts(counts=counts), params).alarm
        first[dispersion] = np.where(alarm.any(axis=1), alarm.argmax(axis=1) + 1, 1500)

    assert first[1.0].mean() < 40
    assert abs(first[3.0].mean() - 100) < 10


def test_chain_and_normal_limits_meet() -> None:
    """Where the chain hands over to the normal chart the limits differ by less than 4 %."""
    below, above = (cusum_limit(mean, 1.03 * mean, 500.0) for mean in (1999.0, 2001.0))

    assert above == pytest.approx(below, rel=0.04)
