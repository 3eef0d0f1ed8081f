"""The share of devices unlike the baseline, with a written scorer that is the first metric itself."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import betabinom, binom

from include.postmarket.detection.anomaly_share import ShareRule, compare, required_units, robust_deviation
from include.postmarket.detection.shapes import FloatArray, MethodInputError, Reason

RULE = ShareRule(tail=0.05, level=0.05, folds=5, minimum_current=10, seed=0)


def first_metric(devices: FloatArray, seed: int) -> Callable[[FloatArray], FloatArray]:
    """Learn nothing and score a device by its first metric, so that exceedances are those of a known distribution."""
    return lambda rows: rows[:, 0]


def _devices(seed: int, devices: int) -> FloatArray:
    return np.random.default_rng(seed).normal(size=(devices, 2))


def test_alarms_come_at_the_level_whatever_the_size_of_the_baseline() -> None:
    """Over 2,000 pairs of samples the alarm rate is that of the beta-binomial; the plain binomial would double it."""
    n0, n1, runs = 60, 200, 2_000
    r = np.random.default_rng(1)
    found = [compare(r.normal(size=(n0, 1)), r.normal(size=(n1, 1)), RULE, first_metric) for _ in range(runs)]

    rate = np.mean([result.alarm for result in found])
    plain = np.mean([binom.sf(round(result.share * n1) - 1, n1, 0.05) <= RULE.level for result in found])
    assert rate == pytest.approx(RULE.level, abs=3 * np.sqrt(RULE.level * (1 - RULE.level) / runs))
    assert plain > 2 * RULE.level


def test_share_expected_limit_and_p_value_by_hand() -> None:
    """A baseline of 1..99 has its limit at the 95th value; 4 of 20 devices beyond it, by betabinom(20, 5, 95)."""
    baseline = np.arange(1.0, 100.0)[:, np.newaxis]
    current = np.append(np.full(16, 95.0), np.full(4, 96.0))[:, np.newaxis]
    found = compare(baseline, current, RULE, first_metric)

    assert (found.share, found.expected) == (0.2, 0.05)
    assert found.p_value == pytest.approx(betabinom.sf(3, 20, 5, 95))
    assert found.limit == 4 / 20
    assert found.alarm
    assert found.anomalous.tolist() == [16, 17, 18, 19]


def test_limit_above_one_where_no_share_could_alarm() -> None:
    """With three devices and a level of one in a million even all of them beyond the limit prove nothing."""
    rule = dataclasses.replace(RULE, level=1e-6, minimum_current=3)
    found = compare(_devices(1, 60), np.full((3, 2), 9.0), rule, first_metric)

    assert found.share == 1.0
    assert found.limit > 1.0
    assert not found.alarm


@pytest.mark.parametrize(("current", "evaluated"), [(9, False), (10, True)])
def test_few_current_devices_are_not_evaluated(current: int, evaluated: bool) -> None:
    """One device too few now is not evaluated, and no number is given."""
    found = compare(_devices(1, 60), _devices(2, current), RULE, first_metric)

    assert found.evaluated == evaluated
    assert found.reason == (Reason.NONE if evaluated else Reason.TOO_FEW_UNITS)
    assert np.isnan(found.share) != evaluated


def test_required_units_hold_the_tail_and_the_folds() -> None:
    """One in a hundred needs a hundred devices, five folds need fifty."""
    assert required_units(dataclasses.replace(RULE, tail=0.01)) == 100
    assert required_units(RULE) == 50


def test_scorer_never_sees_the_device_it_scores() -> None:
    """A scorer that calls every device it has seen unlike flags none: each is scored by one that has not seen it."""

    def remember(devices: FloatArray, seed: int) -> Callable[[FloatArray], FloatArray]:
        seen = set(devices[:, 0].tolist())
        return lambda rows: np.array([float(value in seen) for value in rows[:, 0].tolist()])

    baseline = _devices(1, 60)
    found = compare(baseline, baseline[:20], RULE, remember)
    assert set(found.score.tolist()) <= {0.0, 1.0}
    assert (
        found.share > 0.5
    )  # copies of baseline devices are known to four of five scorers, the baseline itself to none


def test_deviation_of_a_value_is_in_robust_standard_deviations() -> None:
    """Of 1..9 the median is 5 and the MAD 2: 5 + 2 * 1.4826 lies one deviation up."""
    found = robust_deviation(np.arange(1.0, 10.0)[:, np.newaxis], np.array([[5 + 2 * 1.482602218505602], [5.0]]))

    assert found[:, 0].tolist() == pytest.approx([1.0, 0.0])


@pytest.mark.parametrize("change", [{"tail": 1.0}, {"level": 0.0}, {"folds": 1}])
def test_rules_out_of_range_are_refused(change: dict[str, float]) -> None:
    """A tail or level outside (0, 1) and a single fold are refused."""
    with pytest.raises(MethodInputError):
        compare(_devices(1, 60), _devices(2, 20), dataclasses.replace(RULE, **change), first_metric)  # type: ignore[arg-type]


def test_a_certain_alarm_has_a_p_value_of_its_size() -> None:
    """Far in the tail the p-value is small and no zero: the sum of exact masses, not one less the rest."""
    found = compare(_devices(1, 400), _devices(2, 100) + 9.0, RULE, first_metric)

    assert 0 < found.p_value < 1e-60
