"""False alarms a year and the smallest rises seen, against what is known in closed form."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, stats

from include.postmarket.detection import catalogue, power, run_length
from include.postmarket.detection.futures import HIGHEST, draw, family
from include.postmarket.detection.power import WITHIN, Detector
from include.postmarket.detection.shapes import Counts, Reason
from tests.unit.detection.worlds import constant

MEANS = (2.0, 10.0, 80.0)
REPLICATES = 3000
LINE = 0.005  # what the line between two rises may be off, relative


def detector(name: str, **params: float) -> Detector:
    """Give a method of the catalogue with nothing behind it."""
    method = catalogue.over_time(name)
    return Detector(method=method, params=method.parameters(**params))


def exact_rise(mean: float, limit: float, within: int) -> float:
    """Give the rise at which a Poisson count exceeds ``limit`` in any of ``within`` periods with probability 0.8."""
    return float(
        optimize.brentq(lambda r: 1 - stats.poisson.cdf(limit, r * mean) ** within - power.SEEN, 1e-3, 2 * HIGHEST)
    )


@pytest.mark.parametrize("mean", MEANS)
@pytest.mark.parametrize("name", ["poisson_rate", "shewhart"])
def test_a_fixed_limit_has_the_power_of_the_exact_poisson_tail(name: str, mean: float) -> None:
    """With a stated rate both methods alarm above a fixed count: all figures follow from Poisson tails."""
    made = detector("poisson_rate", rate=mean, alpha=0.01) if name == "poisson_rate" else detector(name, rate=mean)
    limit = float(stats.poisson.ppf(0.99, mean)) if name == "poisson_rate" else np.floor(mean + 3 * np.sqrt(mean))
    futures = draw(constant(np.array([mean]), 1, 13), REPLICATES, 13, seed=11)
    tail = float(stats.poisson.sf(limit, mean))
    begun = tail + 11 * tail * (1 - tail)  # the period before the first of them was not observed

    found = power.unchanged(made, futures)
    alarms = power.false_alarms(found, 12)
    rises = power.smallest_rises(made, futures, found)

    assert alarms.rate[0] == pytest.approx(begun, abs=4 * np.sqrt(begun / REPLICATES))
    assert alarms.share[0] == pytest.approx(tail, abs=4 * np.sqrt(tail / (12 * REPLICATES)))
    for column, within in enumerate(WITHIN):
        expected = exact_rise(mean, limit, within)

        assert rises.ratio[0, column] == pytest.approx(expected, abs=4 * rises.error[0, column] + LINE * expected)


def test_the_time_to_the_first_false_alarm_of_a_cusum_is_its_run_length() -> None:
    """Simulated through the method, the mean of 2,000 run lengths is that of the Markov chain within four errors."""
    mean, h = 4.0, 5.0
    made = detector("cusum", ratio=1.5, rate=mean, h=h)
    expected = run_length.cusum_run_length(mean, mean * 0.5 / np.log(1.5), h)
    ahead = int(12 * expected)

    found = power.unchanged(made, draw(constant(np.array([mean]), 1, ahead), 2000, 13, seed=2))

    first = np.argmax(found.alarm[:, 0, 1:], axis=1) + 1
    assert found.alarm[:, 0].any(axis=1).all()
    assert first.mean() == pytest.approx(expected, abs=4 * first.std() / np.sqrt(2000))


def test_over_dispersion_costs_false_alarms() -> None:
    """Counts that spread three times as much as Poisson's alarm far more often than alpha says, and it is told."""
    made = detector("poisson_rate", rate=20.0, alpha=0.005)
    tail = float(stats.nbinom.sf(stats.poisson.ppf(0.995, 20.0), 20.0 / 2, 1 / 3))

    alarms = power.false_alarms(
        power.unchanged(made, draw(constant(np.array([20.0]), 1, 13, dispersion=3.0), REPLICATES, 13, seed=1)), 12
    )

    assert tail > 10 * 0.005
    assert alarms.rate[0] == pytest.approx(tail + 11 * tail * (1 - tail), abs=0.06)


def test_a_series_above_its_stated_rate_needs_no_rise() -> None:
    """Twice the rate that is stated: it stands in alarm as things are, and the smallest rise is none."""
    made = detector("poisson_rate", rate=10.0)
    futures = draw(constant(np.array([30.0]), 1, 13), 200, 13, seed=1)
    found = power.unchanged(made, futures)

    assert power.false_alarms(found, 12).share[0] > 0.9
    assert list(power.smallest_rises(made, futures, found).ratio[0]) == [1.0, 1.0, 1.0]


def test_what_is_too_rare_is_not_seen_at_all() -> None:
    """A twenty-fold rise of one event in a hundred years stays below the least events that the plan asks for."""
    made = replace(detector("poisson_rate", rate=0.001), minimum_events=3)
    futures = draw(constant(np.array([0.001]), 1, 13), 200, 13, seed=1)

    assert np.all(np.isinf(power.smallest_rises(made, futures, power.unchanged(made, futures)).ratio))


def test_the_minima_of_a_plan_hold_alarms_back() -> None:
    """With fewer events asked for there are more false alarms; with too little exposure nothing is evaluated."""
    world = constant(np.array([2.0]), 1, 13, exposure=1000.0)
    futures = draw(world, 1000, 13, seed=1)
    made = detector("poisson_rate", rate=0.002, alpha=0.1)
    free, held, blind = (
        power.unchanged(replace(made, minimum_events=events, minimum_exposure=exposure), futures)
        for events, exposure in ((0, 0.0), (6, 0.0), (0, 5000.0))
    )

    assert power.false_alarms(free, 12).rate[0] > 2 * power.false_alarms(held, 12).rate[0] > 0
    assert list(blind.reason) == [Reason.LOW_EXPOSURE]
    assert np.isnan(power.false_alarms(blind, 12).rate).all()
    assert np.isnan(power.smallest_rises(made, futures, blind).ratio).all()


def test_a_method_that_waits_for_its_history_is_not_evaluated_till_then() -> None:
    """A baseline of 20 months after 10: nothing can be said of 4 and 8 periods, something of 13."""
    made = detector("cusum", baseline=20, run_length=100)
    counts = np.random.default_rng(1).poisson(9.0, size=(1, 10)).astype(float)
    futures = draw(family(Counts(counts=counts), 13, 12.0), 50, 13, seed=1)

    ratio = power.smallest_rises(made, futures, power.unchanged(made, futures)).ratio[0]

    assert np.isnan(ratio[:2]).all()
    assert ratio[2] > 1


def test_control_of_false_discoveries_is_part_of_it() -> None:
    """Nine series and their total at alpha 0.1: controlled at 0.05 they alarm together in about 5 % of months."""
    parts = np.random.default_rng(1).poisson(9.0, size=(9, 36)).astype(float)
    world = family(Counts(counts=np.vstack([parts.sum(axis=0), parts])), 13, 12.0)
    futures = draw(world, 400, 13, seed=1)
    free = detector("rate_change", alpha=0.1)
    held = replace(free, false_discovery_rate=0.05)

    def months_with_an_alarm(made: Detector) -> float:
        return float(power.unchanged(made, futures).alarm[:, :, 1:].any(axis=1).mean())

    assert months_with_an_alarm(free) > 0.3
    assert 0.01 < months_with_an_alarm(held) < 0.08


@pytest.mark.parametrize("name", sorted(set(catalogue.OVER_TIME) - {"rki", "bayes", "severity_trend"}))
def test_every_method_over_time_has_a_power(name: str) -> None:
    """Each method says how often it alarms for nothing and finds some rise of a monthly series of three years."""
    needed: dict[str, dict[str, float]] = {
        "poisson_rate": {"rate": 20.0},
        "trend_report": {"rate": 20.0},
        "maxsprt": {"rate": 20.0, "horizon": 1000.0},
        "seasonal_excess": {"year_length": 12},
        "farrington": {"year_length": 12, "years": 2, "half_window": 1, "levels": 2, "skip": 3},
        "cusum_standardised": {"baseline": 12},
    }
    counts = np.random.default_rng(1).poisson(20.0, size=(1, 36)).astype(float)
    made = detector(name, **needed.get(name, {}))
    futures = draw(family(Counts(counts=counts), 13, 12.0), 40, 13, seed=1)
    found = power.unchanged(made, futures)
    ratio = power.smallest_rises(made, futures, found).ratio[0]

    assert 0 <= power.false_alarms(found, 12).rate[0] < 12
    assert np.all((ratio >= 1) & (ratio < HIGHEST))
    assert ratio[0] >= ratio[1] >= ratio[2]
