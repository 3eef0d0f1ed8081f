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
    _check_depth(value)
    try:
        text = json.dumps(value, ensure_ascii=False)
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise RefusedError(400, "The request body holds text that is not valid Unicode.") from error
    if "\\u0000" in text:
        raise RefusedError(400, "The request body holds a NUL character.")
    return value


def read_object(value: Any) -> dict[str, Any]:
    """Return a request body that must be a JSON object."""
    if not isinstance(value, dict):
        raise RefusedError(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    return value


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            return
    raise RefusedError(400, f"The request body is nested deeper than {MAX_DEPTH} levels.")


def _children(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []
