"""Issues of a Jira search: link types in both directions, document format, custom names, missing pages, no people."""

import json
from typing import Any

from include.postmarket.model.register import Link
from include.postmarket.requirements.mapping import Mapping
from tests.unit.requirements.conftest import Import, Refused, notes

LINK = {"type": {"name": "Test", "inward": "is tested by", "outward": "tests"}, "inwardIssue": {"key": "T-7"}}


def paragraph(*words: str) -> dict[str, Any]:
    """Give a paragraph of Atlassian's document format."""
    return {"type": "paragraph", "content": [{"type": "text", "text": text} for text in words]}


DOC = {"type": "doc", "content": [paragraph("The pump ", "shall stop."), paragraph("At once.")]}


def issue(key: str, **fields: Any) -> dict[str, Any]:
    """Give an issue as Jira answers it."""
    return {
        "id": "1",
        "key": key,
        "fields": {"summary": f"Title {key}", "issuetype": {"name": "Requirement"}, **fields},
    }


def test_issues_with_links(imported: Import) -> None:
    """Summary and description become title and text, link types roles, custom fields their names; people stay away."""
    first = issue("R-1", description=DOC, issuelinks=[LINK], parent={"key": "R-0"}, customfield_1={"value": "B"},
                  reporter={"displayName": "Ann Example"}, status={"name": "Approved"})  # fmt: skip
    page = {"total": 1, "issues": [first], "names": {"customfield_1": "Safety class"}}

    found = imported("issues.json", json.dumps(page), Mapping(roles={"is tested by": "test"}))

    (item,) = found.register.items
    assert (item.id, item.issue, item.title, item.status) == ("R-1", "R-1", "Title R-1", "Approved")
    assert item.text == "The pump shall stop.\nAt once."
    assert item.links == (Link(role="test", target="T-7"), Link(role="refines", target="R-0"))
    assert ("Safety class", "B") in item.attributes
    assert "Ann" not in str(found)
    assert "people, comments and attachments are not taken: reporter" in notes(found)


def test_a_page_is_missing(refused: Refused) -> None:
    """A search that was saved in part is refused in both spellings of Jira."""
    old = json.dumps([{"total": 3, "issues": [issue("R-1")]}, {"total": 3, "issues": [issue("R-2")]}])
    new = json.dumps({"issues": [issue("R-1")], "isLast": False, "nextPageToken": "x"})

    assert refused("old.json", old) == [(1, "holds 2 of 3 issues: save every page of the search")]
    assert refused("new.json", new) == [(1, "is not the last page of the search: save every page")]
