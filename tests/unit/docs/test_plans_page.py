"""docs/plans.md is written by hand; here it is held against the code that reads the files."""

import dataclasses
import re
from pathlib import Path

import pytest

from include.postmarket.detection import catalogue
from include.postmarket.model.plan import EffectCheck, Indicator, Method, Plan, Product, TicketPolicy, TicketRoute
from include.postmarket.model.risk import Matrix, RiskFile, RiskItem
from include.postmarket.plans.check import check_plan
from include.postmarket.plans.plan_file import load_plan
from include.postmarket.plans.risk_file import load_risk_file
from include.postmarket.requirements.register import REGISTER_COLUMNS, TEST_COLUMNS, load_register
from include.postmarket.sources import manufacturers
from include.postmarket.sources.database import Query
from include.postmarket.sources.rest_api import Rest
from include.postmarket.steps.source_places import SourcePlace, SourcePlaces, load_places
from tests.conftest import ROOT
from tests.unit.docs.markdown import Page, read_page

_ROW = re.compile(r"^\| `(?P<key>[a-z0-9_]+)` \| (?P<needed>yes|no) \| \S.*\|$", re.MULTILINE)

RECORDS = {
    "The plan": Plan,
    "The product": Product,
    "The ticket": TicketPolicy,
    "A route": TicketRoute,
    "The effect check": EffectCheck,
    "An indicator": Indicator,
    "The method": Method,
    "The risk file": RiskFile,
    "The matrix": Matrix,
    "A risk item": RiskItem,
    "The sources": SourcePlaces,
    "A source": SourcePlace,
    "A query": Query,
    "An endpoint": Rest,
}


def told(section: str) -> dict[str, str]:
    """Give the keys of the table in a section with whether they are needed."""
    return {row["key"]: row["needed"] for row in _ROW.finditer(section)}


def needed(field: "dataclasses.Field[object]") -> str:
    """Give whether a file has to hold a field."""
    missing = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    return "yes" if missing else "no"


def examples(page: Page, kind: str) -> dict[str, str]:
    """Give the examples of a kind by the file that their first line names (the header line, for CSV)."""
    found = {}
    for block in page.blocks(kind):
        first = block.partition("\n")[0].removeprefix("# ")
        found[first] = block
    return found


@pytest.fixture(name="plans_page", scope="module")
def _plans_page() -> Page:
    return read_page(ROOT / "docs" / "plans.md")


@pytest.fixture(name="folder")
def _folder(plans_page: Page, tmp_path: Path) -> Path:
    """Write a site of nothing but the examples of the page."""
    for name, text in examples(plans_page, "yaml").items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    csv = examples(plans_page, "csv")
    (tmp_path / "requirements.csv").write_text(csv[",".join(REGISTER_COLUMNS)], encoding="utf-8")
    (tmp_path / "requirements.tests.csv").write_text(csv[",".join(TEST_COLUMNS)], encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("heading", RECORDS)
def test_the_page_names_every_key_and_whether_it_is_needed(plans_page: Page, heading: str) -> None:
    """Neither a key of the code nor one of the page stands alone, and both say the same of its being needed."""
    expected = {field.name: needed(field) for field in dataclasses.fields(RECORDS[heading])}
    actual = told(plans_page.section(heading))

    assert expected == actual


@pytest.mark.parametrize(
    ("heading", "columns"), [("requirements.csv", REGISTER_COLUMNS), ("requirements.tests.csv", TEST_COLUMNS)]
)
def test_the_page_names_every_column_in_order(plans_page: Page, heading: str, columns: tuple[str, ...]) -> None:
    """The columns of the register and its tests are all explained, in the order of the header."""
    actual = tuple(told(plans_page.section(heading)))

    assert columns == actual


def test_the_page_names_every_key_of_the_manufacturer_rules(plans_page: Page, folder: Path) -> None:
    """A rule file of exactly the keys that the page explains is read; without one of them, or with one more, not."""
    actual = manufacturers.load(folder / "manufacturers.yaml").name("Exampel Diagnostics GmbH")

    assert actual == "Example Diagnostics"
    assert told(plans_page.section("The spellings")) == {"legal_forms": "yes", "manufacturers": "yes"}


@pytest.mark.parametrize("name", sorted(catalogue.parameters()))
def test_the_page_explains_every_method_a_plan_may_name(plans_page: Page, name: str) -> None:
    """Each method has its row with exactly its parameters and their defaults: a new method needs a row there."""
    rows = re.findall(rf"^\| `{name}` \| [^|]+ \| (?P<settings>[^|]+) \| [^|]+ \|$", plans_page.text, re.MULTILINE)
    fields = dataclasses.fields(catalogue.parameters()[name])
    expected = [(field.name, "(required)" if needed(field) == "yes" else _shown(field.default)) for field in fields]
    actual = [
        (key, value)
        for row in rows
        for key, value in re.findall(r"`(?P<key>\w+)` ?(?P<value>\(required\)|[\w.]*)(?:, |$)", row)
    ]

    assert expected == actual


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.10g}" if isinstance(value, int | float) else ""


def test_the_examples_of_the_page_are_in_order(folder: Path) -> None:
    """Plan, register and risk file of the page fit one another: not even a warning."""
    plan = load_plan(folder / "plan.yaml")
    register = load_register(folder / plan.requirements_file)
    risk_file = load_risk_file(folder / plan.risk_file)

    assert check_plan(plan, register, risk_file, catalogue.parameters()) == ()


def test_the_further_indicators_of_the_page_are_in_order(folder: Path) -> None:
    """The other kinds of indicators are valid in the plan of the page."""
    whole = (folder / "plan.yaml").read_text(encoding="utf-8").partition("indicators:\n")[0]
    more = (folder / "plan.yaml: indicators").read_text(encoding="utf-8")
    (folder / "more.yaml").write_text(f"{whole}indicators:\n{more}", encoding="utf-8")
    plan = load_plan(folder / "more.yaml")
    register, risk_file = load_register(folder / "requirements.csv"), load_risk_file(folder / "risk_file.yaml")

    assert check_plan(plan, register, risk_file, catalogue.parameters()) == ()


def test_the_further_ticket_of_the_page_is_in_order(folder: Path) -> None:
    """The ticket with every key is valid in the plan of the page, and says what it says."""
    before, _, rest = (folder / "plan.yaml").read_text(encoding="utf-8").partition("ticket:\n")
    more = (folder / "plan.yaml: ticket").read_text(encoding="utf-8")
    indicators = rest[rest.index("indicators:") :]
    (folder / "more.yaml").write_text(f"{before}{more}\n{indicators}", encoding="utf-8")
    plan = load_plan(folder / "more.yaml")
    register, risk_file = load_register(folder / "requirements.csv"), load_risk_file(folder / "risk_file.yaml")

    assert check_plan(plan, register, risk_file, catalogue.parameters()) == ()
    assert (plan.ticket.routes[0].project, plan.ticket.recurrence, plan.effect.months) == ("SAFE", "reopen", 6)


def test_the_example_of_the_sources_is_in_order(folder: Path) -> None:
    """Every source of the example has its place; paths are taken from where the file lies."""
    places = load_places(folder / "sources.yaml")

    assert [place.path for place in places.values()] == [
        "",
        "",
        str(folder / "data/exposure.xlsx"),
        str(folder / "data/performance"),
        "",
        "",
    ]


def test_every_yaml_example_has_a_test(plans_page: Page) -> None:
    """An example that names another file, or none, would be read by nobody."""
    expected = {
        "plan.yaml",
        "plan.yaml: indicators",
        "plan.yaml: ticket",
        "risk_file.yaml",
        "sources.yaml",
        "manufacturers.yaml",
    }
    actual = set(examples(plans_page, "yaml"))

    assert expected == actual
