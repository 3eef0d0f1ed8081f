"""Documents: which are sound, and the way between them and text."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.jira_sandbox.adf import from_text, is_document, to_text
from include.jira_sandbox.adf_html import to_html


def text(words: str, *marks: dict[str, Any]) -> dict[str, Any]:
    """Return a text node."""
    return {"type": "text", "text": words, **({"marks": list(marks)} if marks else {})}


def node(kind: str, *children: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    """Return a node with children."""
    return {"type": kind, "content": list(children), **({"attrs": attributes} if attributes else {})}


def document(*blocks: dict[str, Any]) -> dict[str, Any]:
    """Return a document."""
    return {"type": "doc", "version": 1, "content": list(blocks)}


@pytest.mark.parametrize(
    "value",
    [
        document(),
        document(node("paragraph", text("x"))),
        document({"type": "paragraph"}),
        document({"type": "rule"}),
        document(node("bulletList", node("listItem", node("paragraph", text("x"))))),
    ],
)
def test_sound_documents(value: Any) -> None:
    """Blocks of known kinds with their words are taken."""
    assert is_document(value) is True


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        {},
        {"type": "doc", "version": 1},
        {"type": "doc", "version": 2, "content": []},
        document(text("at the root")),
        document(node("paragraph", text(""))),
        document(node("paragraph", {"type": "text"})),
        document(node("unheardOf")),
        document(node("paragraph", node("unheardOf"))),
        document({"type": "paragraph", "content": "x"}),
        document({"type": "paragraph", "attrs": []}),
        document(node("paragraph", {"type": "text", "text": "x", "marks": [1]})),
        document({"type": ["paragraph"]}),
    ],
)
def test_unsound_documents(value: Any) -> None:
    """Empty text, unknown nodes, text at the root and wrong shapes are refused, as by Atlassian's own schema."""
    assert is_document(value) is False


def test_to_text() -> None:
    """The words are kept, with wiki marks for headings, lists, code, tables and links."""
    link = {"type": "link", "attrs": {"href": "https://x.example"}}
    value = document(
        node("heading", text("Title"), level=2),
        node("paragraph", text("a"), {"type": "hardBreak"}, text("b", link)),
        node("orderedList", node("listItem", node("paragraph", text("one"))), node("listItem", node("paragraph"))),
        node("codeBlock", text("x = 1")),
        {"type": "rule"},
        node("table", node("tableRow", node("tableCell", node("paragraph", text("1"))), node("tableCell"))),
    )

    expected = "h2. Title\n\na\n[b|https://x.example]\n\n# one\n# \n\n{code}\nx = 1\n{code}\n\n----\n\n|1||"
    assert expected == to_text(value)


def test_from_text() -> None:
    """An empty line ends a paragraph, any other line end is a hard break."""
    expected = document(
        node("paragraph", text("a"), {"type": "hardBreak"}, text("b")),
        node("paragraph", text("c")),
    )

    assert expected == from_text("a\r\nb\r\n\r\n\r\nc\n")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_makes_a_sound_document(words: str) -> None:
    """Every text becomes a document that would be taken, whose HTML holds no element of the text's own."""
    made = from_text(words)

    assert is_document(made)
    assert not set("<>") & set(to_html(made).replace("<p>", "").replace("</p>", "").replace("<br>", ""))


@given(st.lists(st.text("abc <&|*#", min_size=1).filter(str.strip), min_size=1))
def test_paragraphs_survive_the_way_there_and_back(blocks: list[str]) -> None:
    """A text of plain paragraphs is the same after both conversions."""
    words = "\n\n".join(blocks)

    assert words == to_text(from_text(words))
