"""Doorstop documents: a folder of YAML or Markdown items beside a ``.doorstop.yml``, and the folders below it.

Read as files: Doorstop itself is LGPL and is neither imported nor needed. An inactive item is kept with that status. A
link's stamp of Doorstop is kept as an attribute; our own stamps take over from the first import on.
"""

from pathlib import Path
from typing import Any

from include.postmarket.model.canonical import canonical_json
from include.postmarket.model.finding import FaultyContentError
from include.postmarket.model.register import ItemKind, Role
from include.postmarket.model.yaml_tree import YamlTree, parse_tree
from include.postmarket.requirements.content import read_bytes, text_of
from include.postmarket.requirements.reading import Draft, Reading

SETTINGS = ".doorstop.yml"
_ITEMS = (".yml", ".yaml", ".md")


def read_doorstop(folder: Path) -> Reading:
    """Give the items of every document in a folder. Faults of all files are collected."""
    reading = Reading()
    for settings in sorted(folder.rglob(SETTINGS)):
        try:
            tree = parse_tree(text_of(read_bytes(settings), str(settings)), file=str(settings))
        except FaultyContentError as error:
            reading.findings += error.findings
            continue
        prefix = str(_at(tree.value, "settings", "prefix") or "")
        if not prefix:
            reading.error("says no prefix under settings", str(settings), 1)
            continue
        _read_document(settings.parent, prefix, reading)
    return reading


def _read_document(folder: Path, prefix: str, reading: Reading) -> None:
    nested = {settings.parent for settings in folder.rglob(SETTINGS)} - {folder}
    for path in sorted(folder.rglob("*")):
        if path.suffix not in _ITEMS or path.name.startswith(".") or nested & set(path.parents):
            continue
        if not path.stem.upper().startswith(prefix.upper()):
            reading.listed(f"is no item of document {prefix!r}: not taken", str(path))
            continue
        try:
            reading.drafts.append(_draft(path, prefix, reading))
        except FaultyContentError as error:
            reading.findings += error.findings


def _draft(path: Path, prefix: str, reading: Reading) -> Draft:
    tree, body = _tree(path)
    if not isinstance(tree.value, dict):
        reading.error("is no item: it holds no keys", str(path), 1)
        return Draft(key=path.stem, fields={}, file=str(path), line=1)
    values = dict(tree.value)
    header, text = values.pop("header", None), values.pop("text", None)
    if body:
        header, text = _markdown(body)
    fields = {"header": str(header or "").strip(), "text": str(text or "").strip(), "Document": prefix}
    links = _links(values.pop("links", None), fields, reading, tree)
    active, normative = values.pop("active", True), values.pop("normative", True)
    level = str(values.get("level") or "")
    fields |= {name: _spelled(value) for name, value in values.items() if value not in (None, "", [])}
    if active is False:
        fields["status"] = "inactive"
    kind = None if normative is not False else ItemKind.HEADING if level.endswith(".0") else ItemKind.INFORMATION
    fields.pop("id", None)
    return Draft(key=path.stem, fields=fields, links=links, kind=kind, file=str(path), line=1)


def _tree(path: Path) -> tuple[YamlTree, str]:
    """Give the keys of an item and, of a Markdown item, the text below them."""
    text = text_of(read_bytes(path), str(path))
    if path.suffix != ".md":
        return parse_tree(text, file=str(path)), ""
    parts = text.split("---\n", 2) if text.startswith("---\n") else []
    if len(parts) < 3:
        return parse_tree("{}", file=str(path)), text
    return parse_tree(parts[1], file=str(path)), parts[2] or " "


def _markdown(body: str) -> tuple[str, str]:
    lines = body.strip().split("\n")
    if lines[0].startswith("# "):
        return lines[0][2:].strip(), "\n".join(lines[1:])
    return "", "\n".join(lines)


def _links(value: Any, fields: dict[str, str], reading: Reading, tree: YamlTree) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for position, entry in enumerate(value if isinstance(value, list) else []):
        if isinstance(entry, dict) and len(entry) == 1:
            ((target, stamp),) = entry.items()
            fields[f"Doorstop stamp of {target}"] = str(stamp or "")
        elif isinstance(entry, str):
            target = entry
        else:
            reading.error("a link is neither an id nor an id with its stamp", tree.file, tree.line(("links", position)))
            continue
        found.append((Role.REFINES, target))
    if value is not None and not isinstance(value, list):
        reading.error("links must be a list", tree.file, tree.line(("links",)))
    return found


def _spelled(value: Any) -> str:
    return value if isinstance(value, str) else canonical_json(value).decode()


def _at(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
