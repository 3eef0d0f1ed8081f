"""needs.json: the current version, typed links by schema or by their twin, defaults, parts, whole or refused."""

import json
from typing import Any

from include.postmarket.model.register import ItemKind, Link
from include.postmarket.requirements.mapping import Mapping
from tests.unit.requirements.conftest import Import, Refused, notes

NEED: dict[str, Any] = {"id": "REQ_1", "type": "req", "title": "Alarm", "description": "The pump shall alarm.",
                        "status": "open", "links": [],
                        "links_back": ["TC_1"], "tags": ["a", "b"], "lineno": 3}  # fmt: skip
TEST: dict[str, Any] = {"id": "TC_1", "type": "test", "title": "Listen", "content": "Listen.", "verifies": ["REQ_1.a"],
                        "verifies_back": []}  # fmt: skip


def needs(**versions: dict[str, Any]) -> dict[str, Any]:
    """Give the content of a file of versions."""
    return {"current_version": "v2", "project": "Pump", "versions": versions}


def test_the_current_version(imported: Import) -> None:
    """Needs of the current version are taken with their links; the other version is listed."""
    content = needs(v1={"needs": {}}, v2={"needs": {"REQ_1": NEED, "TC_1": TEST}, "needs_amount": 2})

    found = imported("needs.json", json.dumps(content, indent=1))

    first, test = found.register.items
    assert (first.id, first.title, first.text, first.status) == ("REQ_1", "Alarm", "The pump shall alarm.", "open")
    assert first.attributes == (("type", "req"), ("tags", "a; b"))
    assert (test.kind, test.links) == (ItemKind.TEST, (Link(role="verifies", target="REQ_1"),))
    assert notes(found) == ["version 'v2' is taken, not v1"]


def test_schema_and_removed_defaults(imported: Import) -> None:
    """The file's own schema says what is a link, and what a need holds where defaults were left out."""
    properties = {"guards": {"field_type": "links"}, "status": {"field_type": "core", "default": "draft"}}
    need = {"id": "A", "type": "req", "title": "T", "content": "It shall.", "guards": ["B"]}
    version = {"needs": {"A": need}, "needs_schema": {"properties": properties}, "needs_defaults_removed": True}

    found = imported("needs.json", json.dumps(needs(v2=version)))

    assert found.register.items[0].status == "draft"
    assert found.register.items[0].links == (Link(role="guards", target="B"),)


def test_no_such_version(imported: Import, refused: Refused) -> None:
    """A current version that is not there is never guessed; the mapping may say one."""
    content = json.dumps({"current_version": "9", "versions": {"1": {"needs": {"A": NEED}}, "2": {"needs": {}}}})

    ((_, message),) = refused("needs.json", content)
    found = imported("needs.json", content, Mapping(version="1"))

    assert "no version '9'; it has '1', '2'" in message
    assert len(found.register.items) == 1


def test_not_whole(refused: Refused) -> None:
    """Doubled ids, which JSON readers swallow, and an amount that does not fit are told with their lines."""
    text = (
        '{"current_version": "1",\n"versions": {"1": {"needs_amount": 3, "needs":\n'
        '{"A": {"id": "A", "title": "x"},\n"A": {"id": "A"}}}}}'
    )

    actual = refused("needs.json", text)

    assert (3, "key 'A' stands 2 times in one object: all but one would be lost") in actual
    assert (2, "says 3 needs and holds 1: it is not whole") in actual


def test_half_a_file_and_a_deep_one(refused: Refused) -> None:
    """What ends in the middle, and what would overflow the reader, is one message."""
    ((line, half),) = refused("needs.json", '{"versions": {"1":\n {"needs": {"A"')
    ((_, deep),) = refused("needs.json", '{"versions": ' + "[" * 100_000)

    assert (line, half.startswith("is no whole JSON")) == (2, True)
    assert deep == "is nested too deep"
