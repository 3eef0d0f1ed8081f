"""Share of devices that look unlike the baseline."""

import dataclasses

import numpy as np
import pytest
from scipy.stats import betabinom

from include.postmarket.detection.anomaly_share import robust_deviation
from include.postmarket.detection.isolation_forest import IsolationForestParameters, detect, required_units
from include.postmarket.detection.shapes import FloatArray, MethodInputError, Reason

QUICK = IsolationForestParameters(trees=25, level=0.05)


def _devices(seed: int, devices: int, metrics: int = 3) -> FloatArray:
    return np.random.default_rng(seed).normal(size=(devices, metrics))


def _shifted(seed: int, devices: int, column: int) -> FloatArray:
    current = _devices(seed, devices)
    current[: devices // 4, column] += 6
    return current


def test_planted_shift_is_found_with_the_devices_and_the_metric() -> None:
    """A quarter of the devices six sigma off in one metric raises an alarm that names most of them and that metric."""
    found = detect(_devices(1, 300), _shifted(2, 200, column=1), QUICK)

    assert found.alarm
    assert found.share >= found.limit
    assert len(set(found.anomalous.tolist()) & set(range(50))) >= 40
    planted = found.anomalous < 50
    assert (found.driver[planted] == 1).mean() > 0.9
    assert (found.deviation[:50, 1] > 3).all()


def test_alarm_limit_and_p_value_agree() -> None:
    """The limit is the smallest share whose exact beta-binomial tail is within the level."""
    found = detect(_devices(1, 120), _devices(2, 80), QUICK)

    rank = 120 + 1 - round(found.expected * 121)
    tail = betabinom(80, 121 - rank, rank).sf(np.arange(82) - 1)
    assert np.flatnonzero(tail <= QUICK.level)[0] == pytest.approx(found.limit * 80)
    assert tail[round(found.share * 80)] == pytest.approx(found.p_value)
    assert found.alarm == (found.share >= found.limit)


@pytest.mark.slow
def test_false_alarms_keep_to_the_level_without_a_shift() -> None:
    """Over 150 seeded pairs of samples from one population the alarms stay within chance of 10 % (0.999 limit: 27)."""
    params = dataclasses.replace(QUICK, trees=15, level=0.1)
    alarms = sum(detect(_devices(2 * s, 100), _devices(2 * s + 1, 150), params).alarm for s in range(150))

    assert 3 <= alarms <= 27


def test_row_order_changes_nothing() -> None:
    """Shuffled devices give the same scores, share and p-value to the last bit."""
    baseline, current = _devices(1, 80), _shifted(2, 40, column=0)
    order = np.random.default_rng(3).permutation(40)

    straight = detect(baseline, current, QUICK)
    shuffled = detect(baseline[::-1], current[order], QUICK)

    assert np.array_equal(straight.score[order], shuffled.score)
    assert (straight.share, straight.p_value) == (shuffled.share, shuffled.p_value)


def test_the_same_seed_gives_the_same_answer() -> None:
    """Two runs on the same data are equal to the last bit; another seed deals other forests."""
    baseline, current = _devices(1, 80), _devices(2, 40)
    first, again = detect(baseline, current, QUICK), detect(baseline, current, QUICK)
    other = detect(baseline, current, dataclasses.replace(QUICK, seed=1))

    assert np.array_equal(first.score, again.score)
    assert not np.array_equal(first.score, other.score)


@pytest.mark.parametrize(("devices", "evaluated"), [(49, False), (50, True)])
def test_baseline_must_have_the_required_units(devices: int, evaluated: bool) -> None:
    """One device too few is not evaluated, with the reason and without an alarm."""
    assert required_units(QUICK) == 50
    found = detect(_devices(1, devices), _shifted(2, 40, column=0), QUICK)

    assert evaluated == found.evaluated
    assert (Reason.NONE if evaluated else Reason.TOO_FEW_UNITS) == found.reason
    assert found.alarm is evaluated


def test_devices_that_were_not_measured_are_set_aside_and_counted() -> None:
    """A row with nan is neither scored nor counted, and the row numbers of the others stay those of the input."""
    baseline, current = _devices(1, 80), _shifted(2, 40, column=0)
    holed = np.insert(current, 0, [np.nan, 0.0, 0.0], axis=0)

    whole, found = detect(baseline, current, QUICK), detect(baseline, holed, QUICK)

    assert (whole.measured_current, found.measured_current) == (40, 40)
    assert np.array_equal(whole.anomalous + 1, found.anomalous)
    assert np.isnan(found.score[0])


def test_first_change_of_a_constant_metric_is_anomalous() -> None:
    """A metric that never varied in the baseline counts when it does, although no tree can split it."""
    baseline, current = _devices(1, 80), _devices(2, 40)
    baseline[:, 2] = 7.0
    current[:, 2] = 7.0
    current[3, 2] = 8.0

    found = detect(baseline, current, QUICK)

    assert (found.anomalous[0], found.driver[0]) == (3, 2)


def test_deviation_falls_back_where_the_median_deviation_is_zero() -> None:
    """With more than half of the baseline equal the mean deviation scales; with all equal any change is infinite."""
    baseline = np.array([[0.0, 5.0]] * 7 + [[8.0, 5.0]])
    deviation = robust_deviation(baseline, np.array([[0.0, 5.0], [2.5066282746310002, 6.0]]))

    assert deviation[0].tolist() == [0.0, 0.0]
    assert [2.0, np.inf] == pytest.approx(deviation[1].tolist())


@pytest.mark.parametrize(
    ("baseline", "current", "message"),
    [
        (_devices(1, 60, 2), _devices(1, 60, 3), "same columns"),
        (np.zeros(60), np.zeros((60, 1)), "devices by metrics"),
        (np.zeros((60, 0)), np.zeros((60, 0)), "devices by metrics"),
        (np.full((60, 1), np.inf), np.zeros((60, 1)), "infinite"),
    ],
)
def test_matrices_that_cannot_be_compared_are_refused(baseline: FloatArray, current: FloatArray, message: str) -> None:
    """Wrong shapes and infinite values are an error of the caller."""
    with pytest.raises(MethodInputError, match=message):
        detect(baseline, current, QUICK)


@pytest.mark.parametrize("change", [{"tail": 0.0}, {"level": 1.0}, {"folds": 1}, {"trees": 0}])
def test_parameters_out_of_range_are_refused(change: dict[str, float]) -> None:
    """A tail or level outside (0, 1), one fold, or no tree is refused."""
    with pytest.raises(MethodInputError):
        detect(_devices(1, 60), _devices(2, 60), dataclasses.replace(QUICK, **change))  # type: ignore[arg-type]
