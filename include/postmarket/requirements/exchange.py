"""The register as a file of our own form: JSON with schema, version and generator; an unknown version is refused."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from include.postmarket.model.canonical import plain
from include.postmarket.model.register import SCHEMA, SCHEMA_VERSION, Item, ItemKind, Link, RegisterFile
from include.postmarket.requirements.content import read_bytes
from include.postmarket.requirements.json_files import JsonFile
from include.postmarket.requirements.reading import Reading, fatal

GENERATOR = "postmarket"
_HEAD = ("schema", "version", "generator", "format", "source", "sha256", "items")
_TEXTS = ("id", "title", "text", "version", "status", "issue", "result", "at", "file")


def register_text(register: RegisterFile) -> str:
    """Give the JSON text of a register: the same register is the same text."""
    return json.dumps({name: plain(getattr(register, name)) for name in _HEAD}, indent=1, ensure_ascii=False) + "\n"


def read_register_file(path: Path) -> RegisterFile:
    """Read a register in our form.

    Raises FaultyContentError: no such file, another schema, a version of a later release, items that do not fit.
    """
    reading = Reading()
    source = JsonFile(read_bytes(path), str(path), reading)
    held = source.value
    if not isinstance(held, dict) or held.get("schema") != SCHEMA:
        raise fatal(f"is no {SCHEMA}", str(path), 1)
    if held.get("version") != SCHEMA_VERSION:
        wrong = f"is version {held.get('version')!r} of the form; this release reads {SCHEMA_VERSION}: export it again"
        raise fatal(wrong, str(path), source.line("version"))
    if set(held) != set(_HEAD) or not isinstance(held.get("items"), list):
        raise fatal(f"must hold exactly {', '.join(_HEAD)}", str(path), 1)
    items = [_item(entry, source, reading) for entry in held["items"]]
    for name in (name for name, times in Counter(item.id for item in items).items() if name and times > 1):
        reading.error(f"id {name!r} stands twice", str(path), source.line(name))
    reading.refuse_faults(str(path))
    generator, form, name, sha256 = (str(held[key]) for key in ("generator", "format", "source", "sha256"))
    return RegisterFile(generator=generator, format=form, source=name, sha256=sha256, items=tuple(items))


def _item(entry: Any, source: JsonFile, reading: Reading) -> Item:
    try:
        texts = {name: _text(entry[name]) for name in _TEXTS}
        return Item(
            kind=ItemKind(entry["kind"]),
            links=tuple(Link(role=str(link["role"]), target=str(link["target"])) for link in entry["links"]),
            attributes=tuple((str(name), str(value)) for name, value in entry["attributes"]),
            line=int(entry["line"]),
            **texts,
        )
    except (KeyError, TypeError, ValueError) as error:
        name = entry.get("id", "") if isinstance(entry, dict) else ""
        wrong = f"item {name!r} does not fit the form ({type(error).__name__})"
        reading.error(wrong, source.file, source.line(str(name)))
        return Item(id="")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    return value
