"""YAML as plain values, with the line of every key: what plans, risk files and Doorstop items are read through.

Numbers, truth values and null are those of YAML 1.2 (``1e-4`` is a number, ``no`` and ``2017-01-01`` are text).
Duplicate keys, anchors, aliases, tags, several documents, deep nesting and large files are refused: none of them has a
place in a file that is signed as it reads, and each is a way to hide or to attack.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from include.postmarket.model.finding import FaultyContentError, Finding, Weight

Key = tuple[str | int, ...]

_LARGEST = 1_000_000  # bytes; a real plan has some ten thousand, a Doorstop item fewer
_DEEPEST = 24  # levels; a real plan has six


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlTree:
    """The plain value of a file (dict, list, str, int, float, bool, None) and the line, from 1, of every path in it."""

    file: str
    value: Any
    lines: dict[Key, int]

    def line(self, key: Key) -> int:
        """Give the line of a path, or of its nearest parent that stands in the file."""
        while key and key not in self.lines:
            key = key[:-1]
        return self.lines.get(key, 1)


class _CoreLoader(yaml.SafeLoader):
    """Resolves scalars as the core schema of YAML 1.2 does (10.3.2), without octal, hexadecimal, inf and nan."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own shape


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", ["n", "~", ""]),
    ("int", r"[-+]?[0-9]{1,18}", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), list(_first))


def read_tree(path: Path) -> YamlTree:
    """Give the plain value of a YAML file and its lines.

    Raises FaultyContentError, with all faults of the file that can be told at this stage.
    """
    return parse_tree(_text(path), file=str(path))


def parse_tree(text: str, *, file: str) -> YamlTree:
    """Give the plain value of YAML text; ``file`` names it in findings. Raises FaultyContentError."""
    try:
        _refuse(_hostile(text), file)
        node = yaml.compose(text, Loader=_CoreLoader)
    except yaml.YAMLError as error:
        raise FaultyContentError([_syntax(error, file)], where=file) from error
    lines: dict[Key, int] = {(): 1}
    faults: list[tuple[int, str]] = []
    value = _plain(node, (), lines, faults)
    _refuse(faults, file)
    return YamlTree(file=file, value=value, lines=lines)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        if len(content) > _LARGEST:
            wrong = f"holds {len(content)} bytes: more than {_LARGEST} is refused"
            raise FaultyContentError([Finding(weight=Weight.ERROR, message=wrong, file=str(path))], where=str(path))
        return content.decode()
    except OSError as error:
        wrong = f"cannot be read: {error.strerror}"
    except UnicodeDecodeError as error:
        wrong = f"is not UTF-8 at byte {error.start}"
    raise FaultyContentError([Finding(weight=Weight.ERROR, message=wrong, file=str(path))], where=str(path))


def _hostile(text: str) -> list[tuple[int, str]]:
    """Walk the events: one pass, whatever the anchors would blow up to, that stops at the first deep nesting."""
    faults: list[tuple[int, str]] = []
    depth = documents = 0
    for event in yaml.parse(text, Loader=_CoreLoader):
        line = event.start_mark.line + 1 if event.start_mark is not None else 0
        documents += isinstance(event, yaml.DocumentStartEvent)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            faults.append((line, "anchors and aliases are not allowed: write the value out"))
        if isinstance(event, yaml.NodeEvent) and getattr(event, "tag", None):
            faults.append((line, f"tags are not allowed: remove {str(event.tag)[:60]!r}"))  # type: ignore[attr-defined]
        if isinstance(event, yaml.DocumentStartEvent) and documents == 2:
            faults.append((line, "a second document: one file holds one document"))
        if depth > _DEEPEST:
            return [*faults, (line, f"nested deeper than {_DEEPEST} levels")]
    return faults


def _plain(node: yaml.Node | None, key: Key, lines: dict[Key, int], faults: list[tuple[int, str]]) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, key, lines, faults)
    if isinstance(node, yaml.SequenceNode):
        items = []
        for position, item in enumerate(node.value):
            lines[*key, position] = item.start_mark.line + 1
            items.append(_plain(item, (*key, position), lines, faults))
        return items
    return _scalar(node, faults)


def _mapping(node: yaml.MappingNode, key: Key, lines: dict[Key, int], faults: list[tuple[int, str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name_node, value_node in node.value:
        line = name_node.start_mark.line + 1
        if not isinstance(name_node, yaml.ScalarNode):
            faults.append((line, "a key must be plain text"))
            continue
        name = str(name_node.value)
        if name in found:
            faults.append((line, f"key {name!r} stands here again, first in line {lines[*key, name]}: keep one"))
            continue
        lines[*key, name] = line
        found[name] = _plain(value_node, (*key, name), lines, faults)
    return found


def _scalar(node: yaml.Node | None, faults: list[tuple[int, str]]) -> str | float | bool | None:
    if node is None or node.tag.endswith(":null"):
        return None
    value = str(node.value)
    if node.tag.endswith(":bool"):
        return value == "true"
    if node.tag.endswith(":int"):
        return int(value)
    if node.tag.endswith(":float"):
        number = float(value)
        if number in (float("inf"), float("-inf")):
            faults.append((node.start_mark.line + 1, f"{value[:40]} is too large a number"))
        return number
    return value


def _refuse(faults: list[tuple[int, str]], file: str) -> None:
    if faults:
        raise FaultyContentError(
            [Finding(weight=Weight.ERROR, message=wrong, file=file, line=line) for line, wrong in faults], where=file
        )


def _syntax(error: yaml.YAMLError, file: str) -> Finding:
    mark = getattr(error, "problem_mark", None)
    wrong = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read")
    line = mark.line + 1 if mark is not None else 0
    return Finding(weight=Weight.ERROR, message=f"is not YAML: {wrong}", file=file, line=line)
