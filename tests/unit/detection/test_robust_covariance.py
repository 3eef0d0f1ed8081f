"""Devices far from the cloud of the baseline."""

import dataclasses
import warnings

import numpy as np
import pytest

from include.postmarket.detection import isolation_forest
from include.postmarket.detection.robust_covariance import RobustCovarianceParameters, detect, required_units
from include.postmarket.detection.shapes import FloatArray, MethodInputError, Reason

PARAMS = RobustCovarianceParameters(level=0.05)


def _devices(seed: int, devices: int) -> FloatArray:
    """Two metrics that go together (correlation .95) and one that does not."""
    r = np.random.default_rng(seed)
    load = r.normal(size=devices)
    return np.column_stack([load, 0.95 * load + 0.31 * r.normal(size=devices), r.normal(size=devices)])


def _broken_relation(seed: int, devices: int) -> FloatArray:
    """Turn the sign of the second metric in a fifth of the devices: each value alone stays ordinary."""
    current = _devices(seed, devices)
    current[: devices // 5, 1] *= -1
    return current


def test_broken_relation_is_found_where_the_forest_is_weak() -> None:
    """Devices that break the relation of two metrics raise an alarm, with a smaller p-value than the forest gives."""
    baseline, current = _devices(1, 300), _broken_relation(2, 200)
    found = detect(baseline, current, PARAMS)
    forest = isolation_forest.detect(
        baseline, current, isolation_forest.IsolationForestParameters(trees=50, level=0.05)
    )

    assert found.alarm
    assert np.mean(found.anomalous < 40) > 0.6
    assert found.p_value < forest.p_value


def test_false_alarms_keep_to_the_level_without_a_shift() -> None:
    """Over 60 seeded pairs of samples at 10 % the alarms stay within chance (0.999 quantile of the binomial: 14)."""
    params = dataclasses.replace(PARAMS, level=0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alarms = sum(detect(_devices(2 * s, 80), _devices(2 * s + 1, 100), params).alarm for s in range(60))

    assert 1 <= alarms <= 14


def test_row_order_changes_nothing() -> None:
    """Reversed rows give the same scores to the last bit."""
    baseline, current = _devices(1, 80), _broken_relation(2, 40)

    straight, turned = detect(baseline, current, PARAMS), detect(baseline[::-1], current[::-1], PARAMS)
    assert np.array_equal(straight.score[::-1], turned.score)


def test_constant_metric_is_left_out_until_it_changes() -> None:
    """A constant metric does not break the fit, and its first other value is anomalous."""
    baseline, current = _devices(1, 80), _devices(2, 40)
    baseline[:, 2] = current[:, 2] = 4.0
    current[7, 2] = 5.0

    found = detect(baseline, current, PARAMS)
    assert (found.anomalous[0], found.driver[0]) == (7, 2)


def test_metric_given_twice_is_refused() -> None:
    """Metrics that determine each other have no distance: the message says to leave one out."""
    baseline = _devices(1, 80)[:, [0, 1, 0]]
    with pytest.raises(MethodInputError, match="leave one of them out"):
        detect(baseline, baseline, PARAMS)


def test_metric_with_one_common_value_is_refused() -> None:
    """A count that is zero in nine of ten devices has no scatter to measure by: the message says to leave it out."""
    baseline = _devices(1, 80)
    baseline[8:, 2] = 0.0
    with pytest.raises(MethodInputError, match="one value in most devices"):
        detect(baseline, baseline, PARAMS)


@pytest.mark.parametrize(("devices", "evaluated"), [(49, False), (50, True)])
def test_baseline_must_have_the_required_units(devices: int, evaluated: bool) -> None:
    """One device too few is not evaluated, with the reason."""
    assert required_units(PARAMS) == 50
    found = detect(_devices(1, devices), _devices(2, 40), PARAMS)

    assert evaluated == found.evaluated
    assert found.reason == (Reason.NONE if evaluated else Reason.TOO_FEW_UNITS)
