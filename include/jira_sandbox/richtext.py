"""Rich text in and out: what was stored is kept as it came, and converted only when read through the other version."""

import json
from typing import Any

from include.jira_sandbox import adf, adf_html
from include.jira_sandbox.errors import FieldError
from include.jira_sandbox.session import Dialect

TEXT_LIMIT = 32_767
TOO_LONG = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."


def read_rich(value: Any, dialect: Dialect) -> str:
    """Return the stored form (JSON text) of a description, environment or comment body.

    Atlassian does not say whether the limit of 32,767 counts the words of a document or its JSON. Here it counts the
    JSON, the stricter reading: a client that fits here fits there. Raises FieldError.
    """
    if dialect is Dialect.WIKI:
        if not isinstance(value, str):
            raise FieldError("Operation value must be a string")
        length = len(value)
    else:
        if not isinstance(value, dict):
            raise FieldError("Operation value must be an Atlassian Document (see the Atlassian Document Format)")
        if not adf.is_document(value):
            raise FieldError("INVALID_INPUT: the document does not follow the Atlassian Document Format")
        length = len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    if length > TEXT_LIMIT:
        raise FieldError(TOO_LONG)
    return json.dumps(value, ensure_ascii=False)


def show_rich(stored: str | None, dialect: Dialect) -> Any:
    """Return the value of the API for a stored rich text, None for none."""
    if stored is None:
        return None
    value = json.loads(stored)
    if dialect is Dialect.WIKI:
        return value if isinstance(value, str) else adf.to_text(value)
    return adf.from_text(value) if isinstance(value, str) else value


def rich_words(stored: str | None) -> str:
    """Return the words of a stored rich text, for searching and for histories."""
    return str(show_rich(stored, Dialect.WIKI) or "")


def rich_html(stored: str | None) -> str:
    """Return a stored rich text as escaped HTML."""
    document = show_rich(stored, Dialect.ADF)
    return adf_html.to_html(document) if document else ""
