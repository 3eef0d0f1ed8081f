"""The two example products that come with the demo are faultless and fit the data simulated for them."""

from pathlib import Path

import pytest

from include.postmarket.detection.catalogue import parameters
from include.postmarket.model.plan import Plan
from include.postmarket.model.requirement import Requirement
from include.postmarket.model.risk import RiskFile
from include.postmarket.plans.check import check_plan
from include.postmarket.plans.placing import placed
from include.postmarket.plans.plan_file import load_plan, read_plan
from include.postmarket.plans.risk_file import load_risk_file
from include.postmarket.requirements.register import load_register
from include.sample.complaints import CODES, RATES

PLANS = Path(__file__).parents[3] / "include" / "plans"
PRODUCTS = ("bone-cement", "infusion-pump")

#: The risk of the pump that each kind of simulated complaint is the hazardous situation of.
RISK_OF = {
    "power": "IP-R01",
    "under_delivery": "IP-R02",
    "over_delivery": "IP-R03",
    "occlusion": "IP-R04",
    "air": "IP-R05",
    "alarm": "IP-R06",
}


def load(product: str) -> tuple[Plan, tuple[Requirement, ...], RiskFile]:
    """Give the plan of a product, its register and its risk file."""
    folder = PLANS / product
    plan = load_plan(folder / "plan.yaml")
    return plan, load_register(folder / plan.requirements_file), load_risk_file(folder / plan.risk_file)


@pytest.mark.parametrize("product", PRODUCTS)
def test_no_finding(product: str) -> None:
    """Neither a fault nor a warning: whoever copies an example starts clean."""
    plan, register, risk_file = load(product)
    record = read_plan(PLANS / product / "plan.yaml")

    actual = placed(check_plan(plan, register, risk_file, parameters()), record.tree)

    assert not actual, "\n".join(map(str, actual))


@pytest.mark.parametrize("product", PRODUCTS)
def test_marked_as_example(product: str) -> None:
    """The note that is shown with every result says that the product is not real."""
    plan, _, _ = load(product)

    assert plan.note == "Example content. Not a real product."
    assert plan.id == product


def test_issues_follow_the_order_of_the_registers() -> None:
    """The demo creates the issues in this order in an empty project, so the keys count through both registers."""
    issues = [requirement.issue for product in PRODUCTS for requirement in load(product)[1]]
    expected = [f"REQ-{number}" for number in range(1, len(issues) + 1)]

    assert expected == issues


@pytest.mark.parametrize("product", PRODUCTS)
def test_requirements_say_what_shall_be(product: str) -> None:
    """Each requirement has one obligation, a version, a control to be and a test (EARS: "the <system> shall")."""
    _, register, _ = load(product)

    assert all(requirement.text.count(" shall ") in {1, 2} for requirement in register)
    assert all(requirement.tests and requirement.risks and requirement.version for requirement in register)


def test_reports_are_never_given_as_a_rate() -> None:
    """Public reports have no exposure, so no indicator on them names a denominator."""
    plan, _, _ = load("bone-cement")

    expected = {None}

    assert expected == {indicator.denominator for indicator in plan.indicators}


def test_stated_rates_are_those_of_the_risk_file() -> None:
    """What ``poisson_rate`` holds the field against is p1 of the one risk it informs, neither more nor less."""
    plan, _, risk_file = load("infusion-pump")
    p1 = {item.id: item.p1 for item in risk_file.items}
    stated = {i.risks: i.method.parameters["rate"] for i in plan.indicators if i.method.name == "poisson_rate"}
    expected = {risks: p1[risks[0]] for risks in stated}

    assert expected == stated


@pytest.mark.parametrize(("kind", "risk"), RISK_OF.items())
def test_predicted_p1_holds_in_the_simulated_field(kind: str, risk: str) -> None:
    """Before a planted fault the field is a little better than predicted: at most a fifth below p1, never above."""
    _, _, risk_file = load("infusion-pump")
    p1 = next(item.p1 for item in risk_file.items if item.id == risk)

    assert 0.8 <= RATES[kind] / p1 <= 1


@pytest.mark.parametrize(
    ("indicator", "kind"),
    [
        ("IP-POWER", "power"),
        ("IP-UNDER-DELIVERY", "under_delivery"),
        ("IP-OVER-DELIVERY-ASSUMED", "over_delivery"),
        ("IP-OCCLUSION", "occlusion"),
        ("IP-AIR", "air"),
    ],
)
def test_scope_holds_the_codes_of_its_kind_and_no_other(indicator: str, kind: str) -> None:
    """The codes that complaints of one kind carry are all in its indicator's scope, and no other kind's are."""
    plan, _, _ = load("infusion-pump")
    branches = next(i for i in plan.indicators if i.id == indicator).scope["problem_code"]
    inside = {name for name, codes in CODES.items() for code in codes if code.startswith(branches)}

    expected = {kind}

    assert expected == inside
    assert all(code.startswith(branches) for code in CODES[kind])
