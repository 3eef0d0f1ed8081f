"""JSON text as it comes from the network and from files: one value or several behind one another."""

import json
from collections.abc import Iterator
from typing import Any

from include.postmarket.model.errors import InputError
from include.postmarket.sources.files import Member, decode


def values(member: Member) -> Iterator[Any]:
    """Give the values of a member in their order. Raises InputError when it is empty or holds anything else."""
    content, _ = decode(member)
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    position = _next_token(content, 0)
    if position == len(content):
        raise InputError("file is empty", where=member.name or "JSON", todo="bring the file again")
    while position < len(content):
        try:
            answer, position = decoder.raw_decode(content, position)
        except (ValueError, RecursionError) as error:
            raise InputError(
                f"no readable JSON: {_place(error)}",
                where=member.name or "JSON",
                todo="bring the file again; it may have been cut short",
            ) from error
        position = _next_token(content, position)
        yield answer


def cell(value: Any) -> str:
    """Give a string where a source gives a string, a list of one or a number; the first filled item of a list."""
    if isinstance(value, list):
        return next((found for item in value if (found := cell(item))), "")
    return spelled(value)


def joined(value: Any) -> str:
    """Give the filled, different items of a list, or the string that stands in its place, joined by semicolons."""
    items = value if isinstance(value, list) else [value]
    return "; ".join(dict.fromkeys(found for item in items if (found := spelled(item))))


def flat(value: Any, at: str = "") -> dict[str, str]:
    """Give an object's leaves by dotted name in lower case: ``{"a": {"B": 1}}`` is ``{"a.b": "1"}``.

    A list of objects gives those of its first; a list of plain values gives them joined.
    """
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        value = next(item for item in value if isinstance(item, dict))
    if not isinstance(value, dict):
        return {at: joined(value)}
    found: dict[str, str] = {}
    for name, below in value.items():
        found |= flat(below, f"{at}.{name}".strip(".").lower())
    return found


def step_down(answer: Any, at: str) -> Any:
    """Give what stands at a dotted name, None where nothing does."""
    for name in filter(None, at.split(".")):
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer


def spelled(value: Any) -> str:
    """Give a plain value as the text a CSV would hold, "" for null and for objects."""
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).encode("utf-8", "replace").decode().strip()


def _place(error: Exception) -> str:
    # JSONDecodeError's text holds no data of the file; that of a refused constant does not either
    return f"{type(error).__name__}: {error}"[:200]


def _next_token(content: str, position: int) -> int:
    while position < len(content) and content[position].isspace():
        position += 1
    return position


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")
