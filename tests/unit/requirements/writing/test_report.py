"""SARIF: every rule described, every finding at its place."""

import json

from include.postmarket.model.register import Item
from include.postmarket.requirements.writing.check import check_writing
from include.postmarket.requirements.writing.note import MEANINGS, Rule
from include.postmarket.requirements.writing.report import sarif_text


def test_a_report() -> None:
    """A finding names rule, requirement, file, line and characters; the rules are told in the same file."""
    notes = check_writing([Item(id="R-1", text="The pump must stop.", file="r.csv", line=2)], ())

    told = json.loads(sarif_text(notes))

    (run,) = told["runs"]
    (result,) = run["results"]
    place = result["locations"][0]
    assert told["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [rule.value for rule in Rule]
    assert (result["ruleId"], run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"]) == ("no-shall", "no-shall")
    assert place["physicalLocation"] == {"artifactLocation": {"uri": "r.csv"}, "region": {"startLine": 2}}
    assert place["logicalLocations"][0]["name"] == "R-1"
    assert (result["properties"]["start"], result["properties"]["end"]) == (9, 13)


def test_every_rule_has_a_meaning() -> None:
    """No rule is without its sentence."""
    assert set(MEANINGS) == set(Rule)
