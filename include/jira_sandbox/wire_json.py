"""Reading JSON that a stranger sent: whatever it is, it ends as a value that can be stored, or as a 400."""

import json
from typing import Any, Never

from include.jira_sandbox.errors import RefusedError

# Deeper than any document of a real editor, shallow enough for every recursive reader of ours.
MAX_DEPTH = 100


def read_json(data: bytes) -> Any:
    """Return the value of a JSON text.

    Raises RefusedError 400 for broken JSON, bad UTF-8, NaN, nesting beyond `MAX_DEPTH`, and strings that no UTF-8 store
    can hold (lone surrogates, NUL).
    """
    try:
        value = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, "There was an error parsing JSON. Check that your request body is valid.") from error
    level = [value]
    for _ in range(MAX_DEPTH):
        _check_texts(level)
        level = [child for node in level for child in _children(node)]
        if not level:
            return value
    raise RefusedError(400, f"The request body is nested deeper than {MAX_DEPTH} levels.")


def read_object(value: Any) -> dict[str, Any]:
    """Return a request body that must be a JSON object."""
    if not isinstance(value, dict):
        raise RefusedError(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    return value


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def _check_texts(nodes: list[Any]) -> None:
    """Refuse strings and names of members that the store cannot hold as text."""
    for node in nodes:
        for text in node if isinstance(node, dict) else [node]:
            if isinstance(text, str) and "\x00" in text:
                raise RefusedError(400, "The request body holds a NUL character.")
            if isinstance(text, str) and any("\ud800" <= character <= "\udfff" for character in text):
                raise RefusedError(400, "The request body holds text that is not valid Unicode.")


def _children(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []
