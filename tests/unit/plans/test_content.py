"""What a plan must say of itself."""

import dataclasses
from typing import Any

import pytest

from include.postmarket.model.batch import Source
from include.postmarket.model.finding import Weight
from include.postmarket.model.plan import Counted, Plan
from include.postmarket.plans.content import content_findings


def spoil(plan: Plan, **changes: Any) -> Plan:
    """Give the plan with its only indicator changed."""
    return dataclasses.replace(plan, indicators=(dataclasses.replace(plan.indicators[0], **changes),))


def told(plan: Plan) -> list[tuple[str, str]]:
    """Give path and message of every finding."""
    return [(".".join(map(str, f.key)), f.message) for f in content_findings(plan)]


def test_faultless(plan: Plan) -> None:
    """A plan as it should be has no finding."""
    expected: list[tuple[str, str]] = []

    assert expected == told(plan)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"owner": " "}, ("owner", "must not be empty")),
        ({"false_discovery_rate": 0.0}, ("false_discovery_rate", "must lie between 0 and 1, is 0.0")),
        ({"false_discovery_rate": 1.0}, ("false_discovery_rate", "must lie between 0 and 1, is 1.0")),
        ({"alarm_budget": 0.0}, ("alarm_budget", "is a number of false alarms a year above 0, is 0.0")),
        ({"quarantine_limit": 1.5}, ("quarantine_limit", "is a share of rows from 0 to 1, is 1.5")),
        ({"indicators": ()}, ("indicators", "a plan watches at least one indicator (MDR Annex III 1.1(b))")),
    ],
)
def test_plan_faults(plan: Plan, changes: dict[str, Any], expected: tuple[str, str]) -> None:
    """Empty texts, impossible shares and a plan that watches nothing are faults."""
    actual = told(dataclasses.replace(plan, **changes))

    wanted = [expected]

    assert wanted == actual


def test_limits_of_shares_are_allowed(plan: Plan) -> None:
    """A quarantine limit of nothing or of everything is a choice a maker may make."""
    expected: list[tuple[str, str]] = []

    assert expected == told(dataclasses.replace(plan, quarantine_limit=0.0))
    assert expected == told(dataclasses.replace(plan, quarantine_limit=1.0))


def test_doubled_indicator(plan: Plan) -> None:
    """Two indicators of one id would share their signals."""
    actual = told(dataclasses.replace(plan, indicators=plan.indicators * 2))

    expected = [("indicators.1.id", "indicator 'POWER' stands twice: signals are told apart by it")]

    assert expected == actual


def test_no_baseline_start_is_a_warning(plan: Plan) -> None:
    """Without a first day of history the plan works, but the reader should know."""
    actual = content_findings(dataclasses.replace(plan, baseline_start=None))

    expected = [Weight.WARNING]

    assert expected == [finding.weight for finding in actual]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"requirements": ()}, "names no requirement: its tickets get the label no-requirement-found"),
        ({"risks": ()}, "names no risk: a signal could not reach the risk file"),
        ({"minimum_events": -1}, "minimum_events and minimum_exposure must not be negative"),
        (
            {"scope": {"problem_cod": ("A07",)}},
            "table complaints has no text column 'problem_cod'; did you mean 'problem_code'?",
        ),
        ({"scope": {"received": ("2017",)}}, "table complaints has no text column 'received'; usable: "),
        ({"scope": {"problem_code": ()}}, "must list at least one value, and no empty one"),
        ({"scope": {"problem_code": ("",)}}, "must list at least one value, and no empty one"),
        ({"scope": {"narrative": ("fire",)}}, "column 'narrative' never leaves the lake: "),
        ({"severe": {"problem_code": ("A0705",)}}, "stands in scope as well: severe events are told by another column"),
        ({"severe": {"harm": ("death",)}}, "table complaints has no text column 'harm'; "),
        ({"severe": {"health_impact_code": ()}}, "must list at least one value, and no empty one"),
        ({"denominator": "patients"}, "must be one of units_in_use, device_days, is 'patients'"),
        ({"denominator": None, "minimum_exposure": 5.0}, "needs a denominator"),
        ({"subgroup_by": "problem_code"}, "exposure is not known by 'problem_code': a rate can be split by "),
        ({"source": Source.REPORTS, "scope": {}, "subgroup_by": None}, "reports have no exposure: "),
        ({"metrics": ("battery_hours",)}, "'battery_hours' is no measured number of complaints: it has none"),
        ({"source": Source.PERFORMANCE, "metrics": ("battery",)}, "'battery' is no measured number of performance: "),
        ({"count": Counted.CASES, "product_by": "model"}, "cases are counted over time, of reports or complaints only"),
        ({"count": Counted.CASES, "source": Source.EXPOSURE}, "cases are counted over time, of reports or complaints"),
        ({"product_by": "model"}, "product_by and event_by stand together or not at all"),
        (
            {"product_by": "model", "event_by": "problem_code"},
            "pairs are compared with each other and have no subgroups",
        ),
    ],
)
def test_indicator_faults(plan: Plan, changes: dict[str, Any], expected: str) -> None:
    """Columns that do not exist, rates without exposure and mixed-up kinds of indicator are faults."""
    actual = [message for _, message in told(spoil(plan, **changes))]

    assert any(message.startswith(expected) for message in actual), actual


def test_count_of_own_complaints_is_a_warning(plan: Plan) -> None:
    """Own complaints without a denominator may be watched, but are no rate."""
    actual = content_findings(spoil(plan, denominator=None))

    expected = [Weight.WARNING]

    assert expected == [finding.weight for finding in actual]


def test_pairs_and_metrics_that_fit(plan: Plan) -> None:
    """Pair screening of reports and measurements of performance are valid kinds of indicator."""
    nothing: dict[str, Any] = {"scope": {}, "denominator": None, "subgroup_by": None}
    pairs = spoil(plan, source=Source.REPORTS, product_by="manufacturer", event_by="event_type", **nothing)
    metrics = spoil(plan, source=Source.PERFORMANCE, metrics=("battery_hours",), **nothing)

    expected: tuple[list[tuple[str, str]], ...] = ([], [])

    assert expected == (told(pairs), told(metrics))


def test_an_indicator_may_not_have_more_false_alarms_than_its_plan(plan: Plan) -> None:
    """Budgets of indicators are parts of the plan's: more than that, and none at all, are faults."""
    over = dataclasses.replace(spoil(plan, alarm_budget=3.0), alarm_budget=2.0)

    assert told(over) == [("alarm_budget", "is 2, but its indicators may have 3 false alarms a year")]
    assert told(dataclasses.replace(over, alarm_budget=3.0)) == []
    assert told(spoil(plan, alarm_budget=-1.0)) == [
        ("indicators.0.alarm_budget", "is a number of false alarms a year above 0, is -1.0")
    ]
