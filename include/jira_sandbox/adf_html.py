"""A document as HTML. Everything that came from outside is escaped; only http(s) and mailto links become links."""

from html import escape
from typing import Any

from include.jira_sandbox.adf import link_of

_BLOCK_TAGS = {
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
    inner = "".join(_node_html(child) for child in node.get("content", []))
    kind = node["type"]
    match kind:
        case "text":
            return _text_html(node)
        case "hardBreak":
            return "<br>"
        case "rule":
            return "<hr>"
        case "heading":
            # The page itself uses the first three levels.
            return f"<h4>{inner}</h4>"
        case "codeBlock":
            return f"<pre><code>{inner}</code></pre>"
        case _ if kind in _BLOCK_TAGS:
            return f"<{_BLOCK_TAGS[kind]}>{inner}</{_BLOCK_TAGS[kind]}>"
        case _ if inner:
            return f"<div>{inner}</div>"
        case _:
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
