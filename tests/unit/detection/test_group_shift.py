"""Several metrics of several groups, one answer a group."""

import numpy as np
import pytest

from include.postmarket.detection import cohort_shift, drift
from include.postmarket.detection.cohort_shift import CohortShiftParameters
from include.postmarket.detection.drift import DriftParameters
from include.postmarket.detection.group_shift import Fleet, fleet
from include.postmarket.detection.shapes import FloatArray, MethodInputError, Reason

pytestmark = pytest.mark.filterwarnings("error")


def normal(seed: int, groups: int = 3, metrics: int = 4, units: int = 60) -> FloatArray:
    """Draw devices by metrics without any shift, groups one after the other."""
    return np.random.default_rng(seed).normal(size=(groups * units, metrics))


def codes(groups: int = 3, units: int = 60) -> list[int]:
    """Give the codes of such devices."""
    return np.repeat(np.arange(groups), units).tolist()


@pytest.mark.parametrize("method", ["drift", "cohort_shift"])
def test_the_metric_that_moved_is_named_in_the_group_that_moved(method: str) -> None:
    """One metric of one group down by two standard deviations: that group alarms alone, and names that metric."""
    now = normal(2)
    now[60:120, 2] -= 2.0
    before, current = fleet(normal(1), codes()), fleet(now, codes())
    if method == "drift":
        found = drift.detect_fleet(before, current, DriftParameters())
    else:
        found = cohort_shift.detect_fleet(before, current, CohortShiftParameters())

    assert found.alarm.tolist() == [False, True, False]
    assert found.worst[1] == 2
    assert found.observed[1] > found.limit[1] > found.expected[1]
    assert found.metrics.median_now[1, 2] - found.metrics.median_before[1, 2] == pytest.approx(-2.0, abs=0.5)


def test_cohorts_that_moved_are_told_from_those_compared_with_them() -> None:
    """Two of five cohorts are off, in other metrics: these two alarm and not the three whose rest they are part of."""
    now = normal(3, groups=5)
    now[0:60, 0] += 2.0
    now[180:240, 3] -= 3.0
    found = cohort_shift.detect_fleet(fleet(now, codes(5)), fleet(now, codes(5)), CohortShiftParameters())

    assert found.group.tolist() == [0, 1, 2, 3, 4]
    assert found.alarm.tolist() == [True, False, False, True, False]
    assert (found.worst[0], found.worst[3]) == (0, 3)


def test_of_two_cohorts_both_alarm() -> None:
    """With two cohorts that differ nobody can say which of them is the odd one."""
    now = normal(4, groups=2)
    now[60:, 1] += 2.0
    found = cohort_shift.detect_fleet(fleet(now, codes(2)), fleet(now, codes(2)), CohortShiftParameters())

    assert found.alarm.tolist() == [True, True]


def test_false_alarms_keep_to_the_share_over_all_metrics() -> None:
    """Over 200 quiet fleets of three groups and four metrics at most 20 (0.999 quantile at 5 %) raise any alarm."""
    rule = DriftParameters(minimum_index=0.0)
    alarms = sum(
        drift.detect_fleet(
            fleet(normal(s, units=40), codes(units=40)), fleet(normal(s + 500, units=40), codes(units=40)), rule
        ).alarm.any()
        for s in range(200)
    )

    assert alarms <= 20


def test_alarm_is_the_distance_above_the_limit_in_a_single_group() -> None:
    """With one group the limit is exact: alarm where, and only where, the distance is above it and of interest."""
    seen = set()
    for shift in np.linspace(0.0, 1.2, 13):
        now = normal(7, groups=1) + np.array([shift, 0.0, 0.0, 0.0])
        found = drift.detect_fleet(fleet(normal(8, groups=1), codes(1)), fleet(now, codes(1)), DriftParameters())
        seen.add(bool(found.alarm[0]))

        assert found.alarm[0] == (found.observed[0] > found.limit[0] and found.large[0])
        assert (found.p_value[0] <= 0.05) == found.alarm[0]
    assert seen == {False, True}


def test_certain_but_small_shifts_have_a_p_value_of_one() -> None:
    """A shift below the size asked for counts for nothing, so it lends no weight to other groups either."""
    r = np.random.default_rng(1)
    before, now = r.normal(size=(20_000, 1)), r.normal(0.06, 1.0, size=(20_000, 1))
    found = drift.detect_fleet(fleet(before, [0] * 20_000), fleet(now, [0] * 20_000), DriftParameters())

    assert found.metrics.p_value[0, 0] < 0.001
    assert (found.p_value[0], found.alarm[0], found.large[0]) == (1.0, False, False)


def test_a_metric_that_nobody_measured_leaves_the_others_to_be_judged() -> None:
    """The metric says why it was not evaluated; the group is evaluated on the rest, with as many tests as were made."""
    before, now = normal(1, groups=1), normal(2, groups=1)
    before[:, 0] = np.nan
    now[:, 1] += 3.0
    found = drift.detect_fleet(fleet(before, codes(1)), fleet(now, codes(1)), DriftParameters())

    assert found.metrics.reason[0].tolist() == [Reason.TOO_FEW_UNITS, "", "", ""]
    assert (found.evaluated[0], found.alarm[0], found.worst[0]) == (True, True, 1)
    assert found.p_value[0] == pytest.approx(3 * found.metrics.p_value[0, 1])


def test_nothing_measured_is_not_evaluated() -> None:
    """A group without a single value says too few units, without a number and without a warning."""
    empty = np.full((30, 2), np.nan)
    found = drift.detect_fleet(fleet(empty, [0] * 30), fleet(empty, [0] * 30), DriftParameters())

    assert found.group.tolist() == [0]
    assert found.reason.tolist() == [Reason.TOO_FEW_UNITS]
    assert np.isnan([found.observed, found.limit, found.expected, found.p_value]).all()


@pytest.mark.parametrize(("before", "now", "alarm"), [(5.0, 5.0, False), (5.0, 6.0, True), (5.0, 4.0, True)])
def test_constant_metrics_are_compared(before: float, now: float, alarm: bool) -> None:
    """A metric that never varied alarms when it changes, up or down, and is quiet when it stays."""
    found = drift.detect_fleet(
        fleet(np.full((40, 1), before), [0] * 40), fleet(np.full((40, 1), now), [0] * 40), DriftParameters()
    )

    assert found.evaluated.tolist() == [True]
    assert found.alarm.tolist() == [alarm]


def test_one_device_and_one_group() -> None:
    """One device is too few; one cohort has nothing to compare with."""
    single = fleet([[1.0, 2.0]], [0])
    found = drift.detect_fleet(single, single, DriftParameters())
    alone = cohort_shift.detect_fleet(single, fleet(normal(1, groups=1), codes(1)), CohortShiftParameters())

    assert found.reason.tolist() == [Reason.TOO_FEW_UNITS]
    assert alone.reason.tolist() == [Reason.ONE_CATEGORY]


def test_columns_and_rows_may_come_in_any_order() -> None:
    """Shuffled devices and metrics give the same numbers for each group, and the group that moved its metric."""
    before, now = normal(1), normal(2)
    now[:60, 3] += 1.0
    rows, columns = np.random.default_rng(5).permutation(180), np.array([3, 0, 2, 1])
    group = np.array(codes())
    straight = drift.detect_fleet(Fleet(before, group), Fleet(now, group), DriftParameters())
    shuffled = drift.detect_fleet(
        Fleet(before[rows][:, columns], group[rows]), Fleet(now[rows][:, columns], group[rows]), DriftParameters()
    )

    assert straight.p_value == pytest.approx(shuffled.p_value, rel=1e-9)
    assert straight.observed == pytest.approx(shuffled.observed, abs=1e-12)
    assert (straight.worst[0], columns[shuffled.worst[0]]) == (3, 3)


@pytest.mark.parametrize(
    ("values", "group", "message"),
    [
        ([1.0], [0], "devices by metrics"),
        ([[1.0], [2.0]], [0], "one group each"),
        (np.empty((2, 0)), [0, 0], "devices by metrics"),
        ([[np.inf]], [0], "infinite"),
        ([[1.0]], [-1], "whole numbers"),
    ],
)
def test_unusable_fleets_are_refused(values: list[float], group: list[int], message: str) -> None:
    """Arrays that do not fit, infinite values and bad codes are errors of the caller."""
    with pytest.raises(MethodInputError, match=message):
        fleet(values, group)


def test_fleets_of_other_metrics_are_refused() -> None:
    """Two samples with another number of metrics cannot be compared."""
    with pytest.raises(MethodInputError, match="same columns"):
        drift.detect_fleet(fleet([[1.0]], [0]), fleet([[1.0, 2.0]], [0]), DriftParameters())


@pytest.mark.parametrize(
    "given", [{"false_share": 0.0}, {"minimum_units": 1}, {"minimum_index": -1.0}, {"minimum_index": np.nan}]
)
def test_rules_out_of_range_are_refused(given: dict[str, float]) -> None:
    """A share outside 0 to 1, one device, a negative index: refused when the plan is read."""
    with pytest.raises(MethodInputError, match="drift"):
        DriftParameters(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", [{"false_share": 1.0}, {"minimum_units": 0}, {"minimum_shift": 0.5}])
def test_rules_of_cohorts_out_of_range_are_refused(given: dict[str, float]) -> None:
    """The same for cohorts; a shift of half is more than there can be."""
    with pytest.raises(MethodInputError, match="cohort_shift"):
        CohortShiftParameters(**given)  # type: ignore[arg-type]
