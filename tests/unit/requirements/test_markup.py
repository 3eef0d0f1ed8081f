"""Formatted values as plain text."""

import pytest

from include.postmarket.requirements.markup import plain_text, xhtml_text
from include.postmarket.requirements.xml_tree import parse_xml


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("  plain  ", "plain"),
        ("p < 0.05 and <50 ms> hold", "p < 0.05 and <50 ms> hold"),
        ("<p>One<br/>two &amp; three</p><p>four</p>", "One\ntwo & three\nfour"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<table><tr><td>x</td><td>1</td></tr><tr><td>y</td><td>2</td></tr></table>", "x | 1\ny | 2"),
        ("<div>kept<script>alert(1)</script><style>p{}</style></div>", "kept"),
        ("<p>see <img src='a.png'></p>", "see [object: a.png]"),
        ("<p>never closed <b>bold", "never closed bold"),
    ],
)
def test_html(value: str, expected: str) -> None:
    """Breaks, lists and tables keep their shape; scripts go; what is no tag stays."""
    assert plain_text(value) == expected


def test_wrapped_xhtml() -> None:
    """Line breaks within a paragraph are blanks, as in a browser."""
    assert xhtml_text(parse_xml(b"<div><p>one\n   two</p>\n<p>three</p></div>", "x")) == "one two\nthree"
