"""The power of indicators, computed on rows as a run reads them."""

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pandas as pd
import pytest

from include.postmarket.model.batch import Source, Window
from include.postmarket.model.plan import Indicator, Method
from include.postmarket.model.power import IndicatorPower, PlanPower, RiskSight, Seen
from include.postmarket.model.risk import RiskFile, RiskItem
from include.postmarket.series.counts import Rows
from include.postmarket.steps import power
from include.postmarket.steps.power_text import findings, sentence
from tests.unit.risk.worlds import MATRIX, STAMP, item
from tests.unit.steps import counted_world, fleet_world

RATE = 2e-4
RATE_CHANGE = {"alpha": 0.002}
#: P1 is the field's rate of one model; at 2.5 times as much the matrix says something else.
ASSUMED = item(p1=2 * RATE, p2=1e-4 / (5 * RATE), severity=3)


def power_of(watched: Indicator, seen: Rows | None = None, risk: RiskItem = ASSUMED) -> IndicatorPower:
    """Give the power of an indicator of complaints."""
    rows = seen or counted_world.complaints(RATE)
    point = counted_world.point(watched, rows)
    tables = {Source.COMPLAINTS: rows, Source.EXPOSURE: counted_world.exposure()}
    return power.of_indicator(point, tables, RiskFile(id="R", version="1", matrix=MATRIX, items=(risk,)))


@cache
def at_alpha(alpha: float) -> IndicatorPower:
    """Give the power of `rate_change` on complaints by model, computed once."""
    return power_of(counted_world.indicator("rate_change", {"alpha": alpha}))


def plan_power(*indicators: IndicatorPower, budget: float | None = None) -> PlanPower:
    """Give the power of a plan of these indicators."""
    return PlanPower(plan_id="P", period=counted_world.LAST, stamp=STAMP, budget=budget, indicators=tuple(indicators))


def test_the_total_and_every_subgroup_have_a_power() -> None:
    """Twice the events are twice the information: the total sees smaller rises than each model; longer sees more."""
    found = at_alpha(0.002)
    total, *models = found.series

    assert [s.subgroup for s in found.series] == ["", "model=A", "model=B"]
    assert total.expected == pytest.approx(2 * RATE * 50_000, rel=0.15)
    assert total.exposure == 100_000
    assert found.false_alarms is not None
    assert 0 < found.false_alarms < 0.5
    for rises in zip(*(s.rises for s in found.series), strict=True):
        ratios = [rise.ratio or 0.0 for rise in rises]
        assert 1.2 < ratios[0] < min(ratios[1:]) < 4.0
    for s in (total, *models):
        assert (s.rises[0].ratio or 0) > (s.rises[2].ratio or 0)


def test_the_same_data_give_the_same_power_to_the_last_bit() -> None:
    """It is drawn from seeds, so that a record can be computed again (G2)."""
    assert at_alpha(0.002) == power_of(counted_world.indicator("rate_change", RATE_CHANGE))


def test_what_the_risk_file_assumes_is_seen_or_not() -> None:
    """P1 becomes another band at 2.5 times as much: a test at 0.002 sees it, one at 1e-30 does not."""
    able, blind = (at_alpha(a).sights[0] for a in (0.002, 1e-30))
    total = at_alpha(0.002).of("")

    assert total is not None
    assert (able.sees, blind.sees) == (True, False)
    assert able.of_assumed == pytest.approx(2.5)
    assert able.needed == pytest.approx(1 + 1.5 * 2 * RATE / ((total.expected or 0.0) / 100_000))


def test_a_risk_that_no_indicator_sees_is_a_finding() -> None:
    """The finding names the risk, the rise it needs and what the best indicator sees; another that sees it mends it."""
    able, blind = at_alpha(0.002), at_alpha(1e-30)
    (finding,) = [line for line in findings(plan_power(blind)) if "cannot see" in line]

    assert "RISK-1 becomes unacceptable at 0.001 per exposure, 2.5 times its P1" in finding
    assert "within 13 periods with 80 %" in finding
    assert not [line for line in findings(plan_power(blind, able)) if "cannot see" in line]


def test_a_count_without_exposure_is_compared_with_no_rate() -> None:
    """A reporting count has a power, but no rate that the risk file could be held against."""
    found = power_of(counted_world.indicator("rate_change", RATE_CHANGE, denominator=None))

    assert found.series[0].rises[2].seen is Seen.RISE
    assert found.sights == (RiskSight(risk_id="RISK-1", sees=None, reason=power.NO_RATE),)


def test_other_units_are_not_compared() -> None:
    """P1 per procedure says nothing of a rate per device-day."""
    found = power_of(
        counted_world.indicator("rate_change", RATE_CHANGE), risk=replace(ASSUMED, exposure_unit="procedure")
    )

    assert found.sights[0].sees is None
    assert "P1 is per procedure" in found.sights[0].reason


def test_a_month_below_the_minimum_says_why_it_sees_nothing() -> None:
    """With more exposure asked for than there is, nothing is evaluated and the reason says so (G7)."""
    found = power_of(counted_world.indicator("rate_change", RATE_CHANGE, minimum_exposure=1e9))

    assert found.false_alarms is None
    assert "exposure below the minimum" in found.reason
    assert "is not known: exposure below the minimum" in sentence(found.series[0])
    assert found.sights[0].sees is None


def test_a_method_that_cannot_take_the_series_is_a_reason_and_no_failure() -> None:
    """EARS knows no exposure: the plan's other indicators still have their power."""
    found = power_of(counted_world.indicator("ears", {"alpha": 0.01}))

    assert found.series == ()
    assert "exposure" in found.reason


def test_more_spread_than_assumed_is_a_finding() -> None:
    """The same complaints six at a time: Poisson is the wrong assumption, and stating the dispersion mends it."""
    once = counted_world.complaints(RATE / 6)
    frame = pd.concat([once.frame] * 6, ignore_index=True)
    many = Rows(frame=frame.assign(complaint_id=[f"C-{n}" for n in range(len(frame))]), coverage=once.coverage)
    plain, stated = (
        power_of(counted_world.indicator("rate_change", RATE_CHANGE | {"dispersion": d}), many) for d in (1.0, 6.0)
    )

    assert (plain.false_alarms or 0) > 5 * (stated.false_alarms or 0)
    assert [line for line in findings(plan_power(plain)) if "state it as dispersion" in line]
    assert not [line for line in findings(plan_power(stated)) if "state it as dispersion" in line]


def test_budgets_are_held_against_the_false_alarms() -> None:
    """A plan and an indicator that raise more than is accepted are named, others are not."""
    found = power_of(counted_world.indicator("rate_change", {"alpha": 0.05}, alarm_budget=0.1))
    over, within = plan_power(found, budget=0.1), plan_power(replace(found, budget=9.0), budget=9.0)

    assert sum("false alarms a year" in line for line in findings(over)) == 2
    assert findings(within) == ()


def test_a_pair_has_the_power_of_its_least_alarming_number() -> None:
    """Six products by three events, 20 reports each over a year: doubling is seen, and nothing alarms by chance."""
    generator = np.random.default_rng(1)
    made = [
        (pd.Timestamp(date(2023, 1 + n % 12, 3)), f"maker {p}", e)
        for p in range(6)
        for e in ("Death", "Injury", "Malfunction")
        for n in range(generator.poisson(20))
    ]
    frame = pd.DataFrame(made, columns=["received", "manufacturer", "event_type"])
    frame = frame.assign(report_key=[f"R-{n}" for n in range(len(frame))], product_code="AAA")
    rows = Rows(frame=frame, coverage=(Window(date(2023, 1, 1), counted_world.LAST.end),))
    watched = Indicator(
        id="PAIRS",
        title="t",
        source=Source.REPORTS,
        method=Method(name="prr_ror", parameters={"minimum_ratio": 1.5}),
        product_by="manufacturer",
        event_by="event_type",
        risks=("RISK-1",),
    )

    found = power.of_indicator(
        counted_world.point(watched, rows),
        {Source.REPORTS: rows, Source.EXPOSURE: counted_world.exposure()},
        RiskFile(id="R", version="1", matrix=MATRIX, items=(ASSUMED,)),
    )

    assert len(found.series) == 18
    assert {s.reason for s in found.series} == {""}
    assert found.series[0].subgroup.startswith("manufacturer=maker ")
    assert all(1.3 < (s.rises[2].ratio or 0) < 6.0 for s in found.series)
    assert found.sights[0].reason == power.NO_RATE


def test_a_fleet_has_the_exact_power_of_its_share_test() -> None:
    """All devices and each version; half as many devices see less, and false alarms keep to the level."""
    watched = fleet_world.indicator("isolation_forest", parameters={"tail": 0.05, "level": 0.01})
    seen = fleet_world.rows(fleet_world.measurements())
    found = power.of_indicator(
        fleet_world.point(watched, seen),
        {Source.PERFORMANCE: seen, Source.EXPOSURE: counted_world.exposure()},
        RiskFile(id="R", version="1", matrix=MATRIX, items=()),
    )
    every, *versions = (s.rises[0].ratio or 0.0 for s in found.series)

    assert [s.exposure for s in found.series] == [80.0, 40.0, 40.0]
    assert 1 < every < min(versions)
    assert all(0 < (s.false_alarms or 0) <= 12 * 0.01 for s in found.series)


def test_shifts_of_groups_say_that_nothing_is_said() -> None:
    """No model of the measurements stands behind these methods: that is told, and is no zero."""
    watched = fleet_world.indicator("cohort_shift")
    seen = fleet_world.rows(fleet_world.measurements())
    found = power.of_indicator(
        fleet_world.point(watched, seen),
        {Source.PERFORMANCE: seen, Source.EXPOSURE: counted_world.exposure()},
        RiskFile(id="R", version="1", matrix=MATRIX, items=()),
    )

    assert (found.false_alarms, found.reason) == (None, power.NO_SIMULATION)
