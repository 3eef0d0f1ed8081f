"""A YAML file as one of the model's dataclasses: strict, and every fault with its line.

pydantic judges the types (strict, unknown keys refused); this module says what it found in the words of the file.
"""

import dataclasses
import json
import types
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Generic, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from include.postmarket.model.finding import FaultyContentError, Finding, Weight
from include.postmarket.model.yaml_tree import Key, YamlTree, read_tree

T = TypeVar("T")

_STRICT = ConfigDict(extra="forbid", strict=True)

#: What should have stood there, by pydantic's type of error.
_WANTED = {
    "string_type": "text (put it in quotes)",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping of keys to values",
    "dataclass_type": "a mapping of keys to values",
    "date_type": "a date as YYYY-MM-DD",
    "date_parsing": "a date as YYYY-MM-DD",
    "date_from_datetime_parsing": "a date as YYYY-MM-DD",
    "none_required": "left out or empty",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Generic[T]):
    """What a file says, and the tree that knows on which line it says it."""

    value: T
    tree: YamlTree


def read_record(path: Path, kind: type[T]) -> Record[T]:
    """Give the file's content as ``kind``, a dataclass.

    Raises FaultyContentError with all faults, each with its line.
    """
    tree = read_tree(path)
    if not isinstance(tree.value, dict):
        wrong = f"must hold a mapping of keys to values, as {kind.__name__} has them"
        raise FaultyContentError([Finding(weight=Weight.ERROR, message=wrong, file=tree.file, line=1)], where=tree.file)
    # A list around it: only then does pydantic let a configuration reach down into plain dataclasses.
    judge = TypeAdapter(list[kind], config=_STRICT)  # type: ignore[valid-type]
    try:
        # Through JSON: there lists may stand for tuples, and text for dates and enums, while all else stays strict.
        value = judge.validate_json(json.dumps([tree.value]))[0]
    except ValidationError as error:
        raise FaultyContentError(_findings(error, kind, tree), where=tree.file) from None
    return Record(value=cast("T", value), tree=tree)


def _findings(error: ValidationError, kind: type[Any], tree: YamlTree) -> list[Finding]:
    found: dict[tuple[Key, str], Finding] = {}
    for fault in error.errors(include_url=False):
        wanted_key = fault["loc"][1:]
        absent = fault["type"] in {"missing", "missing_keyword_only_argument", "unexpected_keyword_argument"}
        key = wanted_key if absent else _standing(wanted_key, tree)
        group = "absent" if absent else "type"
        if (key, group) in found:  # the branches of a union each complain of the same value
            earlier = found[key, group]
            also = _message(fault["type"], key, kind, tree, fault.get("ctx", {}))
            found[key, group] = dataclasses.replace(earlier, message=_either(earlier.message, also))
            continue
        message = _message(fault["type"], key, kind, tree, fault.get("ctx", {}))
        found[key, group] = Finding(weight=Weight.ERROR, message=message, file=tree.file, line=tree.line(key), key=key)
    return sorted(found.values(), key=lambda finding: finding.line)


def _standing(key: Key, tree: YamlTree) -> Key:
    """Give the longest part of a path that stands in the file: pydantic adds the branch of a union to it."""
    while key and key not in tree.lines:
        key = key[:-1]
    return key


def _message(fault: str, key: Key, kind: type[Any], tree: YamlTree, context: dict[str, Any]) -> str:
    if fault.startswith("missing"):
        return f"missing key {key[-1]!r}"
    if fault == "unexpected_keyword_argument":
        return _unknown(str(key[-1]), _keys_of(kind, key[:-1]))
    wanted = f"one of {context['expected']}" if fault == "enum" else _WANTED.get(fault, f"something else ({fault})")
    return f"must be {wanted}, is {_shown(_value_at(tree.value, key))}"


def _either(first: str, second: str) -> str:
    wanted, _, value = first.partition(", is ")
    more = second.partition(", is ")[0].removeprefix("must be ")
    return first if more in wanted else f"{wanted} or {more}, is {value}"


def _unknown(name: str, known: tuple[str, ...]) -> str:
    nearest = get_close_matches(name, known, n=1)
    advice = f"did you mean {nearest[0]!r}?" if nearest else f"known keys: {', '.join(known)}"
    return f"unknown key {name!r}; {advice}"


def _keys_of(kind: Any, key: Key) -> tuple[str, ...]:
    """Give the keys that a dataclass knows at a path below ``kind``."""
    for part in key:
        kind = get_args(kind)[0] if isinstance(part, int) else get_type_hints(kind)[part]
        if get_origin(kind) in {Union, types.UnionType}:
            kind = next(branch for branch in get_args(kind) if branch is not types.NoneType)
    return tuple(field.name for field in dataclasses.fields(kind))


def _value_at(value: Any, key: Key) -> Any:
    for part in key:
        value = value[part]
    return value


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "empty" if value is None else repr(value)[:60]
