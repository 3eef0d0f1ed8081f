"""Which names of a source mean which of our fields: common names are known, a mapping file says the others.

fields:   {id: [Objekt-ID], text: [Anforderungstext]}
links:    {Abgeleitet von: refines}     # columns and attributes that hold ids
roles:    {is verified by: test}        # names of link types
kinds:    {Überschrift: heading}        # values of the kind field, types of a tool
separator: ";"                          # between several ids in one field
encoding: cp1252
sheet:    Requirements
header_row: 4
"""

import re
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from include.postmarket.model.finding import FaultyContentError, Finding, Weight
from include.postmarket.model.register import ItemKind, Role
from include.postmarket.model.yaml_tree import Key, YamlTree, read_tree

FIELDS: dict[str, tuple[str, ...]] = {
    "id": ("id", "uid", "req id", "requirement id", "object identifier", "reqif.foreignid", "foreign id", "identifier",
           "issue key", "key", "number", "item id", "kennung", "nummer", "nr"),
    "title": ("title", "name", "reqif.name", "reqif.chaptername", "object heading", "heading", "header", "summary",
              "headline", "caption", "titel", "titre"),
    "text": ("text", "reqif.text", "statement", "description", "requirement text", "requirement",
             "requirement statement", "object text", "content", "body", "shall statement", "reqif.description",
             "anforderung",
             "anforderungstext", "beschreibung", "texte", "exigence"),
    "version": ("version", "revision", "rev", "reqif.revision", "version number"),
    "status": ("status", "state", "reqif.foreignstate"),
    "issue": ("issue", "ticket", "jira", "jira key"),
    "kind": ("kind", "type", "item type", "object type", "category", "artifact type", "issue type"),
}  # fmt: skip
LINKS: dict[str, str] = {
    "parents": Role.REFINES, "parent": Role.REFINES, "parent id": Role.REFINES, "derived from": Role.REFINES,
    "refines": Role.REFINES, "satisfies": "satisfies", "links": "links", "risks": Role.RISK, "risk": Role.RISK,
    "hazards": Role.RISK, "tests": Role.TEST, "test cases": Role.TEST, "verified by": Role.TEST,
}  # fmt: skip
ROLES: dict[str, str] = {"parent": Role.REFINES, "is child of": Role.REFINES, "derives from": Role.REFINES,
                         "derived from": Role.REFINES, "refines": Role.REFINES, "verifies": Role.VERIFIES,
                         "implements": Role.IMPLEMENTS, "tests": Role.VERIFIES}  # fmt: skip
KINDS: dict[str, ItemKind] = {
    "heading": ItemKind.HEADING, "header": ItemKind.HEADING, "section": ItemKind.HEADING, "title": ItemKind.HEADING,
    "chapter": ItemKind.HEADING, "folder": ItemKind.HEADING, "information": ItemKind.INFORMATION,
    "info": ItemKind.INFORMATION, "text": ItemKind.INFORMATION, "note": ItemKind.INFORMATION,
    "comment": ItemKind.INFORMATION, "test": ItemKind.TEST, "test case": ItemKind.TEST, "testcase": ItemKind.TEST,
}  # fmt: skip
_OPTIONS = ("separator", "encoding", "sheet", "version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """What a mapping file says, on top of the common names; names are compared as `folded` gives them."""

    fields: Dictionary[str, tuple[str, ...]] = field(default_factory=dict)
    links: Dictionary[str, str] = field(default_factory=dict)
    roles: Dictionary[str, str] = field(default_factory=dict)
    kinds: Dictionary[str, ItemKind] = field(default_factory=dict)
    separator: str = ";"
    encoding: str = ""
    sheet: str = ""
    version: str = ""  # which version of a needs.json, instead of its current one
    header_row: int = 0  # of a table, from 1; 0 looks for it

    def names(self, wanted: str) -> tuple[str, ...]:
        """Give the folded names of a field: those of the mapping alone where it has any, else the common ones."""
        return tuple(folded(name) for name in self.fields.get(wanted, FIELDS[wanted]))

    def link_role(self, name: str) -> str:
        """Give the role of the links that a field of this name holds, empty when it holds none."""
        own = {folded(key): role for key, role in self.links.items()}
        return own.get(folded(name)) or _LINKS.get(folded(name), "")

    def role(self, name: str) -> str:
        """Give our word for a link type of the source; an unknown one keeps its name."""
        own = {folded(key): role for key, role in self.roles.items()}
        return own.get(folded(name)) or _ROLES.get(folded(name)) or name.strip() or "links"

    def kind(self, name: str) -> ItemKind | None:
        """Give the kind that a word of the source means, None when it does not say."""
        own = {folded(key): kind for key, kind in self.kinds.items()}
        return own.get(folded(name)) or _KINDS.get(folded(name))


def folded(name: str) -> str:
    """Give a name as it is compared: lower case, without blanks and punctuation."""
    return re.sub(r"[\W_]+", "", name.casefold())


_LINKS = {folded(name): role for name, role in LINKS.items()}
_ROLES = {folded(name): role for name, role in ROLES.items()}
_KINDS = {folded(name): kind for name, kind in KINDS.items()}


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file. Raises FaultyContentError with every fault: unknown keys, fields and kinds, wrong types."""
    tree = read_tree(path)
    faults: list[Finding] = []
    given: dict[str, Any] = {}
    if not isinstance(tree.value, dict):
        faults.append(_fault(tree, (), "must be a mapping of fields, links, roles, kinds and options"))
    else:
        for key, value in tree.value.items():
            _take(given, tree, key, value, faults)
    if faults:
        raise FaultyContentError(faults, where=str(path))
    return Mapping(**given)


def _take(given: dict[str, Any], tree: YamlTree, key: str, value: Any, faults: list[Finding]) -> None:
    if key in _OPTIONS:
        given[key] = str(value)
        if not given[key].strip():
            faults.append(_fault(tree, (key,), "must not be empty"))
    elif key == "header_row":
        given[key] = value
        if not isinstance(value, int) or value < 1:
            faults.append(_fault(tree, (key,), "must be a row number from 1"))
    elif key not in {"fields", "links", "roles", "kinds"}:
        known = ", ".join(("fields", "links", "roles", "kinds", *_OPTIONS, "header_row"))
        faults.append(_fault(tree, (key,), f"is unknown; known are {known}"))
    elif not isinstance(value, dict):
        faults.append(_fault(tree, (key,), "must be a mapping of names"))
    else:
        given[key] = {name: _entry(tree, (key, name), entry, faults) for name, entry in value.items()}


def _entry(tree: YamlTree, key: Key, value: Any, faults: list[Finding]) -> Any:
    table, name = key
    if table == "fields":
        if name not in FIELDS:
            faults.append(_fault(tree, key, f"is no field; the fields are {', '.join(FIELDS)}"))
        return tuple(str(entry) for entry in (value if isinstance(value, list) else [value]))
    if table == "kinds" and value not in set(ItemKind):
        faults.append(_fault(tree, key, f"must be one of {', '.join(ItemKind)}"))
        return None
    return ItemKind(value) if table == "kinds" else str(value)


def _fault(tree: YamlTree, key: Key, message: str) -> Finding:
    return Finding(weight=Weight.ERROR, message=message, file=tree.file, line=tree.line(key), key=key)
