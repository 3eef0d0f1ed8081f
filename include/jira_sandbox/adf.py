"""The Atlassian Document Format: its outline, and the way between it and the plain text of version 2.

The grammar here is the part that Jira refuses documents for most often: known node types, text nodes that hold text,
blocks at the root. The conversions keep every word; of the layout they keep paragraphs, headings, lists, code and
links, written in wiki markup.
"""

from typing import Any

_INLINE = frozenset(
    {"text", "hardBreak", "mention", "emoji", "date", "status", "inlineCard", "mediaInline", "placeholder"}
)
_ROOT = frozenset(
    {
        "paragraph",
        "heading",
        "bulletList",
        "orderedList",
        "taskList",
        "decisionList",
        "codeBlock",
        "blockquote",
        "panel",
        "rule",
        "table",
        "expand",
        "mediaGroup",
        "mediaSingle",
        "blockCard",
        "embedCard",
        "extension",
    }
)
_NESTED = frozenset(
    {
        "listItem",
        "taskItem",
        "decisionItem",
        "tableRow",
        "tableCell",
        "tableHeader",
        "nestedExpand",
        "media",
        "caption",
    }
)
_KNOWN = _ROOT | _NESTED | _INLINE


def is_document(value: Any) -> bool:
    """Return whether a value is an ADF document that Jira would store."""
    return (
        isinstance(value, dict)
        and value.get("type") == "doc"
        and value.get("version") == 1
        and isinstance(value.get("content"), list)
        and all(_is_node(node) and node["type"] in _ROOT for node in value["content"])
    )


def _is_node(node: Any) -> bool:
    if not isinstance(node, dict) or not isinstance(node.get("type"), str):
        return False
    if node["type"] not in _KNOWN:
        return False
    if node["type"] == "text":
        text = node.get("text")
        return isinstance(text, str) and text != "" and _has_sound_marks(node)
    content = node.get("content", [])
    attributes = node.get("attrs", {})
    return isinstance(attributes, dict) and isinstance(content, list) and all(_is_node(child) for child in content)


def _has_sound_marks(node: dict[str, Any]) -> bool:
    marks = node.get("marks", [])
    return isinstance(marks, list) and all(
        isinstance(mark, dict) and isinstance(mark.get("type"), str) and isinstance(mark.get("attrs", {}), dict)
        for mark in marks
    )


def from_text(text: str) -> dict[str, Any]:
    """Return the document that shows a plain text: a paragraph per block of lines, a hard break per line."""
    blocks = [block for block in text.replace("\r\n", "\n").split("\n\n") if block.strip()]
    return {"type": "doc", "version": 1, "content": [_paragraph(block.strip("\n")) for block in blocks]}


def _paragraph(block: str) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    for position, line in enumerate(block.split("\n")):
        if position:
            content.append({"type": "hardBreak"})
        if line:
            content.append({"type": "text", "text": line})
    return {"type": "paragraph", "content": content}


def to_text(document: dict[str, Any]) -> str:
    """Return the words of a document as wiki text, blocks apart by an empty line."""
    return "\n\n".join(_block_text(node) for node in document["content"])


_BULLETS = {"bulletList": "*", "taskList": "*", "decisionList": "*", "orderedList": "#"}


def _block_text(node: dict[str, Any]) -> str:
    kind: str = node["type"]
    children: list[dict[str, Any]] = node.get("content", [])
    if not children:
        return "----" if kind == "rule" else _leaf_text(node)
    if kind in _BULLETS:
        return "\n".join(f"{_BULLETS[kind]} {_block_text(item)}" for item in children)
    if kind == "tableRow":
        return "".join(f"|{_block_text(cell)}" for cell in children) + "|"
    if not all(child["type"] in _INLINE for child in children):
        return "\n".join(_block_text(child) for child in children)
    words = "".join(_leaf_text(child) for child in children)
    marks = {"heading": (f"h{node.get('attrs', {}).get('level', 1)}. ", ""), "codeBlock": ("{code}\n", "\n{code}")}
    before, after = marks.get(kind, ("", ""))
    return f"{before}{words}{after}"


def _leaf_text(node: dict[str, Any]) -> str:
    attributes: dict[str, Any] = node.get("attrs", {})
    match node["type"]:
        case "text":
            return _linked(node)
        case "hardBreak":
            return "\n"
        case _:
            return str(attributes.get("text") or attributes.get("url") or attributes.get("shortName") or "")


def _linked(node: dict[str, Any]) -> str:
    address = link_of(node)
    return f"[{node['text']}|{address}]" if address else str(node["text"])


def link_of(node: dict[str, Any]) -> str:
    """Return the address that a text node links to, empty when it links nowhere."""
    targets = [mark.get("attrs", {}).get("href", "") for mark in node.get("marks", []) if mark["type"] == "link"]
    return str(targets[0]) if targets else ""
