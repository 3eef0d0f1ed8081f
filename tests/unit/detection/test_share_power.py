"""The power of the share test: exact, and what the test itself does on devices."""

import numpy as np
import pytest
from scipy import stats

from include.postmarket.detection import isolation_forest
from include.postmarket.detection.shapes import MethodInputError
from include.postmarket.detection.share_power import share_power


def test_false_alarms_are_those_of_the_test_itself() -> None:
    """200,000 fleets scored without a change, against the limit that the method itself gives, within four errors."""
    generator = np.random.default_rng(9)
    params = isolation_forest.IsolationForestParameters(tail=0.1, level=0.02, trees=5, folds=2)
    fleet = generator.normal(size=(100, 2))
    least = isolation_forest.detect(fleet[:60], fleet[60:], params).limit * 40
    limit = np.sort(generator.random((200_000, 60)), axis=1)[:, 54]  # the 55th of 60: ceil(61 x 0.9)
    alarms = np.sum(generator.random((200_000, 40)) > limit[:, None], axis=1) >= round(least)
    said = share_power((60, 40), 0.1, 0.02, 0.8)

    assert 0 < said.false_alarm <= 0.02
    assert alarms.mean() == pytest.approx(said.false_alarm, abs=4 * np.sqrt(said.false_alarm / 200_000))


def test_the_smallest_share_is_seen_with_the_probability_asked_for() -> None:
    """At the smallest share the least alarming number of devices is reached with just 80 % probability."""
    said = share_power((400, 50), 0.05, 0.002, 0.8)
    chance = stats.betabinom(50, 401 - 381, 381).sf(np.arange(51) - 1)
    least = int(np.count_nonzero(chance > 0.002))

    assert stats.binom.sf(least - 1, 50, said.smallest) == pytest.approx(0.8, rel=1e-9)
    assert said.expected < said.smallest < least / 50 + 0.1


def test_a_fleet_too_small_to_alarm_sees_nothing() -> None:
    """Two devices: even both of them beyond the limit are no news at this level."""
    said = share_power((100, 2), 0.1, 0.001, 0.8)

    assert said.false_alarm == 0.0
    assert np.isinf(said.smallest)


@pytest.mark.parametrize(("devices", "level"), [((0, 10), 0.01), ((10, 0), 0.01), ((10, 10), 0.0)])
def test_nonsense_is_refused(devices: tuple[int, int], level: float) -> None:
    """No device, or a level of nothing, is no test."""
    with pytest.raises(MethodInputError, match=r"give one or more|must lie between"):
        share_power(devices, 0.05, level, 0.8)
