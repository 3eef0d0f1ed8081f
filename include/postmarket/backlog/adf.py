"""A TicketText as an Atlassian Document Format document, kept within Jira's length by shortening whole sections.

The grammar is @atlaskit/adf-schema 57.7.22: text nodes are never empty, tables hold rows of cells with paragraphs.
"""

import json
from collections.abc import Sequence
from typing import Any

from include.postmarket.backlog.shortening import fitted
from include.postmarket.model.ticket import TicketText

#: Jira Cloud takes 32,767 characters (JRACLOUD-68949). Whether it counts the text or the JSON is not published, so the
#: JSON is kept below, with room for what the site adds.
LIMIT = 32_000

Node = dict[str, Any]


def document(text: TicketText) -> Node:
    """Give the whole text as one ADF document: table, sections, link back."""
    content = [_table(text.table)] if text.table else []
    for heading, lines in text.sections:
        content.append(_heading(heading))
        content.extend(_paragraph(line) for line in lines)
    content.append(_heading("Signal page"))
    content.append(_node("paragraph", [_link(text.link_back)]))
    return {"type": "doc", "version": 1, "content": content}


def fitted_document(text: TicketText, limit: int = LIMIT) -> Node:
    """Give the document within a number of characters of JSON, the longest sections replaced by a line that says so.

    Raises InputError when table and link alone do not fit.
    """
    return document(fitted(text, lambda given: size(document(given)) <= limit))


def size(node: Node) -> int:
    """Give the length of a document as it is counted here: characters of its JSON."""
    return len(json.dumps(node, ensure_ascii=False))


def comment_document(lines: Sequence[str]) -> Node:
    """Give lines as a document of paragraphs."""
    return {"type": "doc", "version": 1, "content": [_paragraph(line) for line in lines]}


def plain_text(node: Any) -> str:
    """Give the text of any document, one line a block: what a comment says, however Jira wrapped it."""
    if not isinstance(node, dict):
        return ""
    if node.get("type") == "hardBreak":
        return "\n"
    own = str(node.get("text", ""))
    inner = "".join(plain_text(child) for child in node.get("content") or [])
    return own + inner + ("\n" if node.get("type") in {"paragraph", "heading"} else "")


def _node(kind: str, content: list[Node]) -> Node:
    return {"type": kind, "content": content}


def _text(text: str) -> list[Node]:
    return [{"type": "text", "text": text}] if text else []  # an empty text node is refused


def _paragraph(line: str) -> Node:
    return _node("paragraph", _text(line))


def _heading(text: str) -> Node:
    return {"type": "heading", "attrs": {"level": 3}, "content": _text(text)}


def _link(url: str) -> Node:
    return {"type": "text", "text": url, "marks": [{"type": "link", "attrs": {"href": url}}]}


def _table(rows: Sequence[tuple[str, str]]) -> Node:
    return _node(
        "table",
        [
            _node(
                "tableRow",
                [_cell("tableHeader", name), _cell("tableCell", value)],
            )
            for name, value in rows
        ],
    )


def _cell(kind: str, text: str) -> Node:
    return {"type": kind, "attrs": {}, "content": [_paragraph(text)]}
