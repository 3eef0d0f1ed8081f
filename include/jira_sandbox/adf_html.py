"""A document as HTML. Everything that came from outside is escaped; only http(s) and mailto links become links."""

from html import escape
from typing import Any

from include.jira_sandbox.adf import link_of

_EMPTY_TAGS = {"hardBreak": "br", "rule": "hr"}
# Headings start at the fourth level: the page itself uses the first three.
_BLOCK_TAGS = {
    "heading": "h4",
    "paragraph": "p",
    "bulletList": "ul",
    "orderedList": "ol",
    "taskList": "ul",
    "decisionList": "ul",
    "listItem": "li",
    "taskItem": "li",
    "decisionItem": "li",
    "blockquote": "blockquote",
    "panel": "aside",
    "table": "table",
    "tableRow": "tr",
    "tableCell": "td",
    "tableHeader": "th",
}
_MARK_TAGS = {"strong": "strong", "em": "em", "code": "code", "underline": "u", "strike": "s"}
_SAFE_SCHEMES = ("http://", "https://", "mailto:")


def to_html(document: dict[str, Any]) -> str:
    """Return the HTML of an ADF document."""
    return "".join(_node_html(node) for node in document["content"])


def _node_html(node: dict[str, Any]) -> str:
    kind: str = node["type"]
    if kind == "text":
        return _text_html(node)
    if kind in _EMPTY_TAGS:
        return f"<{_EMPTY_TAGS[kind]}>"
    inner = "".join(_node_html(child) for child in node.get("content", []))
    if kind == "codeBlock":
        return f"<pre><code>{inner}</code></pre>"
    if inner or kind in _BLOCK_TAGS:
        tag = _BLOCK_TAGS.get(kind, "div")
        return f"<{tag}>{inner}</{tag}>"
    attributes = node.get("attrs", {})
    return escape(str(attributes.get("text") or attributes.get("url") or attributes.get("shortName") or ""))


def _text_html(node: dict[str, Any]) -> str:
    html = escape(str(node["text"]))
    for mark in node.get("marks", []):
        tag = _MARK_TAGS.get(mark["type"])
        if tag:
            html = f"<{tag}>{html}</{tag}>"
    address = link_of(node)
    if address.lower().startswith(_SAFE_SCHEMES):
        html = f'<a href="{escape(address)}" rel="noreferrer noopener">{html}</a>'
    return html
