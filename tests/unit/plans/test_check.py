"""A plan against what it points at."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from include.postmarket.model.batch import Source
from include.postmarket.model.finding import Weight
from include.postmarket.model.plan import Method, Plan
from include.postmarket.model.requirement import Requirement
from include.postmarket.model.risk import RiskFile
from include.postmarket.plans.check import check_plan
from tests.unit.plans.conftest import CATALOGUE


def with_method(plan: Plan, name: str, **parameters: Any) -> Plan:
    """Give the plan with another method in its only indicator."""
    changed = dataclasses.replace(plan.indicators[0], method=Method(name=name, parameters=parameters))
    return dataclasses.replace(plan, indicators=(changed,))


Told = Callable[..., list[tuple[str, str]]]


@pytest.fixture(name="told")
def _told(register: tuple[Requirement, ...], risk_file: RiskFile) -> Told:
    def told(
        plan: Plan, register: tuple[Requirement, ...] = register, risk_file: RiskFile = risk_file
    ) -> list[tuple[str, str]]:
        found = check_plan(plan, register, risk_file, CATALOGUE)
        return [(".".join(map(str, finding.key)), finding.message) for finding in found]

    return told


def test_faultless(told: Told, plan: Plan) -> None:
    """Plan, register, risk file and catalogue that fit have no finding."""
    expected: list[tuple[str, str]] = []

    assert expected == told(plan)


class TestMethod:
    """The catalogue decides which methods and parameters exist."""

    @pytest.mark.parametrize(
        ("name", "parameters", "expected"),
        [
            ("rate_chnge", {"alpha": 0.01}, ("name", "unknown method 'rate_chnge'; did you mean 'rate_change'?")),
            ("zzz", {}, ("name", "unknown method 'zzz'; known methods: poisson_rate, rate_change")),
            (
                "rate_change",
                {"alpa": 0.01, "alpha": 0.01},
                ("parameters.alpa", "method rate_change takes no parameter 'alpa'; did you mean 'alpha'?"),
            ),
            (
                "rate_change",
                {"alpha": "0.01"},
                ("parameters.alpha", "parameter 'alpha' of rate_change must be float, is '0.01'"),
            ),
            (
                "rate_change",
                {"window": 1.5, "alpha": 0.01},
                ("parameters.window", "parameter 'window' of rate_change must be int, is 1.5"),
            ),
            (
                "poisson_rate",
                {"alpha": 0.01},
                ("parameters.rate", "method poisson_rate needs parameter 'rate': it has no default"),
            ),
            (
                "rate_change",
                {"alpha": 2.0},
                ("parameters", "rate_change: alpha 2.0 must lie between 0 and 1"),
            ),
            (
                "rate_change",
                {"window": 1},
                ("parameters", "states no threshold for rate_change: fix alpha (MDR Art 88)"),
            ),
        ],
    )
    def test_faults(
        self, told: Told, plan: Plan, name: str, parameters: dict[str, Any], expected: tuple[str, str]
    ) -> None:
        """Unknown names, wrong types, missing and impossible values, and a threshold left to a default."""
        key, message = expected

        actual = told(with_method(plan, name, **parameters))

        wanted = [(f"indicators.0.method.{key}", message)]

        assert wanted == actual

    def test_whole_number_for_a_fraction(self, told: Told, plan: Plan) -> None:
        """``rate: 1`` is a rate of 1.0."""
        expected: list[tuple[str, str]] = []

        assert expected == told(with_method(plan, "rate_change", rate=1, alpha=0.01))


class TestShape:
    """Each kind of method works on its own kind of columns."""

    @pytest.mark.parametrize(
        ("name", "columns", "expected"),
        [
            (
                "prr_ror",
                {},
                "method prr_ror compares products with one another: name product_by and event_by",
            ),
            (
                "isolation_forest",
                {},
                "method isolation_forest compares devices by what they measure: name metrics",
            ),
            (
                "drift",
                {"source": Source.PERFORMANCE},
                "method drift compares devices by what they measure: name metrics",
            ),
            (
                "cohort_shift",
                {"source": Source.PERFORMANCE, "metrics": ("battery_hours",)},
                "method cohort_shift compares groups of devices with one another: name subgroup_by",
            ),
            (
                "severity_trend",
                {},
                "method severity_trend counts the severe among all events: say with severe which ones are",
            ),
            (
                "severity_trend",
                {"severe": {"health_impact_code": ("F08",)}, "denominator": "device_days"},
                "method severity_trend counts the severe among all events: leave the denominator out",
            ),
            (
                "cusum",
                {"severe": {"health_impact_code": ("F08",)}},
                "severe is for method severity_trend: cusum does not read it",
            ),
            (
                "themes",
                {"subgroup_by": "model"},
                "method themes reads narratives: it takes scope alone, no columns to split, pair, measure or divide by",
            ),
            (
                "themes",
                {"source": Source.PERFORMANCE},
                "method themes reads narratives, and performance has none: watch complaints or reports",
            ),
            (
                "cusum",
                {"source": Source.REPORTS, "product_by": "manufacturer", "event_by": "event_type"},
                "method cusum counts over time: it takes neither product_by and event_by nor metrics",
            ),
            (
                "cusum",
                {"source": Source.PERFORMANCE, "metrics": ("battery_hours",)},
                "method cusum counts over time: it takes neither product_by and event_by nor metrics",
            ),
        ],
    )
    def test_columns_do_not_fit_the_method(
        self, told: Told, plan: Plan, name: str, columns: dict[str, Any], expected: str
    ) -> None:
        """A pair method without pairs, a device method without metrics, and counts with either."""
        changed = dataclasses.replace(
            plan.indicators[0], **{"scope": {}, "denominator": None, "subgroup_by": None, **columns}
        )
        spoiled = with_method(dataclasses.replace(plan, indicators=(changed,)), name)

        actual = told(spoiled)

        assert ("indicators.0", expected) in actual


class TestLinks:
    """Plan, register and risk file answer each other."""

    def test_dangling(self, told: Told, plan: Plan) -> None:
        """Requirements and risks that do not exist are named with the nearest that does."""
        changed = dataclasses.replace(plan.indicators[0], requirements=("R-1", "R-2"), risks=("H-1", "X"))

        actual = told(dataclasses.replace(plan, indicators=(changed,)))

        expected = [
            ("indicators.0.requirements.1", "requirement 'R-2' does not exist; did you mean 'R-1'?"),
            ("indicators.0.risks.1", "risk 'X' does not exist"),
        ]

        assert expected == actual

    def test_control_that_does_not_exist(self, told: Told, plan: Plan, risk_file: RiskFile) -> None:
        """A risk that leans on a requirement nobody has is a fault of the risk file."""
        item = dataclasses.replace(risk_file.items[0], controls=("R-1", "R-9"))

        actual = told(plan, risk_file=dataclasses.replace(risk_file, items=(item,)))

        expected = [
            ("risk_file", "risk 'H-1' is controlled by requirement 'R-9', which does not exist"),
        ]

        assert expected == actual

    def test_link_that_is_not_answered(self, told: Told, plan: Plan, register: tuple[Requirement, ...]) -> None:
        """A link has to stand on both sides."""
        silent = dataclasses.replace(register[0], risks=())
        talker = dataclasses.replace(register[0], id="R-2")

        actual = told(plan, register=(silent, talker))

        expected = [
            ("requirements_file", "risk 'H-1' is controlled by 'R-1', but 'R-1' does not name 'H-1'"),
            ("risk_file", "requirement 'R-2' names risk 'H-1', which does not name it as a control"),
        ]

        assert expected == actual

    def test_requirement_with_unknown_risk(self, told: Told, plan: Plan, register: tuple[Requirement, ...]) -> None:
        """A requirement that names a risk nobody has is a fault of the register."""
        actual = told(plan, register=(dataclasses.replace(register[0], risks=("H-1", "H-7")),))

        expected = [("requirements_file", "requirement 'R-1' names risk 'H-7', which does not exist")]

        assert expected == actual

    @pytest.mark.parametrize(("severity", "expected"), [(3, 0), (4, 1), (5, 1)])
    def test_severe_risk_that_nobody_watches(
        self, plan: Plan, register: tuple[Requirement, ...], risk_file: RiskFile, severity: int, expected: int
    ) -> None:
        """From severity 4 on an unwatched risk is a warning, and never more than that."""
        unwatched = dataclasses.replace(risk_file.items[0], id="H-2", severity=severity)
        both = dataclasses.replace(risk_file, items=(*risk_file.items, unwatched))
        linked = (dataclasses.replace(register[0], risks=("H-1", "H-2")),)

        actual = check_plan(plan, linked, both, CATALOGUE)

        wanted = [Weight.WARNING] * expected

        assert wanted == [finding.weight for finding in actual]

    def test_indicator_that_guards_another_risk_than_it_informs(
        self, told: Told, plan: Plan, register: tuple[Requirement, ...], risk_file: RiskFile
    ) -> None:
        """A risk that none of the indicator's requirements controls is a warning that names those which do."""
        other = dataclasses.replace(risk_file.items[0], id="H-2", controls=("R-2",))
        second = dataclasses.replace(register[0], id="R-2", risks=("H-2",))
        informed = dataclasses.replace(plan.indicators[0], risks=("H-1", "H-2"))

        actual = told(
            dataclasses.replace(plan, indicators=(informed,)),
            register=(*register, second),
            risk_file=dataclasses.replace(risk_file, items=(*risk_file.items, other)),
        )

        expected = [
            (
                "indicators.0.risks.1",
                "none of the indicator's requirements controls risk 'H-2': add one of R-2",
            )
        ]

        assert expected == actual
