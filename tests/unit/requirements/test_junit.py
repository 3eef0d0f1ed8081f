"""JUnit XML in three dialects, with the requirements that tests name."""

from collections.abc import Callable

from include.postmarket.model.register import ItemKind, Link
from tests.unit.requirements.conftest import Import, Refused, notes

PYTEST = """<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest" tests="3" timestamp="2026-11-20T10:00:00.1+00:00">
<testcase classname="tests.test_pump" name="test_stop[1]" time="0.1"><properties>
 <property name="requirement" value="R-1"/><property name="requirement" value="R-2, R-3"/>
 <property name="other" value="x"/>
</properties></testcase>
<testcase classname="tests.test_pump" name="test_alarm"><failure message="patient Ann">text</failure></testcase>
<testcase classname="tests.test_pump" name="test_later"><skipped message="no device"/></testcase>
</testsuite></testsuites>"""
GTEST = """<testsuites tests="2" timestamp="2026-11-20T10:00:00"><testsuite name="Pump">
<testcase name="Stops" status="run" result="completed" classname="Pump" requirement="R-1"/>
<testcase name="Sings" status="notrun" result="suppressed" classname="Pump"/>
</testsuite></testsuites>"""
SUREFIRE = """<testsuite name="PumpIT"><properties><property name="java.version" value="21"/>
<property name="verifies" value="R-9"/></properties>
<testcase name="stops" classname="PumpIT"><error type="x">y</error></testcase>
<testcase name="stops" classname="PumpIT"/>
<testcase name="flaky" classname="PumpIT"><flakyFailure type="x"/></testcase>
</testsuite>"""


def results(found: object) -> dict[str, str]:
    """Give the result of every test by its id."""
    return {item.id: item.result for item in found.register.items}  # type: ignore[attr-defined]


def test_pytest(imported: Import) -> None:
    """Properties of test cases name requirements; failures keep their result and none of their words."""
    found = imported("junit.xml", PYTEST)

    first = found.register.items[0]
    prefix = "tests.test_pump."
    assert results(found) == {
        f"{prefix}test_stop[1]": "pass", f"{prefix}test_alarm": "fail", f"{prefix}test_later": "not run"
    }  # fmt: skip
    assert first.kind is ItemKind.TEST
    assert first.links == tuple(Link(role="verifies", target=name) for name in ("R-1", "R-2", "R-3"))
    assert first.at == "2026-11-20T10:00:00.1+00:00"
    assert "Ann" not in str(found)


def test_gtest(imported: Import) -> None:
    """RecordProperty as an attribute counts, and a test that was left out did not pass."""
    found = imported("gtest.xml", GTEST)

    assert results(found) == {"Pump.Stops": "pass", "Pump.Sings": "not run"}
    assert found.register.items[0].links == (Link(role="verifies", target="R-1"),)


def test_surefire(imported: Import) -> None:
    """Properties of a suite hold for its tests; of a test that ran twice the failure counts, a flaky pass passes."""
    found = imported("surefire.xml", SUREFIRE)

    assert results(found) == {"PumpIT.stops": "fail", "PumpIT.flaky": "pass"}
    assert {item.links for item in found.register.items} == {(Link(role="verifies", target="R-9"),)}
    assert notes(found)[0] == "says no time of its run; the results are kept without one"


def test_nothing_names_a_requirement(imported: Import) -> None:
    """Tests without any link are taken, and that nothing will come of them is said."""
    found = imported("junit.xml", '<testsuite timestamp="2026-11-20T10:00:00"><testcase name="a"/></testsuite>')

    assert notes(found) == ["no test names a requirement: write a property `requirement` (docs/requirements.md)"]


def test_half_a_report(refused: Refused, imported: Callable[..., object]) -> None:
    """A report that was cut off is not a report of fewer tests."""
    ((line, message),) = refused("junit.xml", PYTEST[:500])

    assert (line, message.startswith("is no whole XML")) == (8, True)
