"""XHTML and HTML values as plain text: paragraphs, lists and tables keep their breaks, nothing else is kept."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from include.postmarket.requirements.xml_tree import Element

_BLOCKS = frozenset(
    {"p", "div", "ul", "ol", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "dl", "dt", "dd"}
)
_SILENT = frozenset({"script", "style", "head"})
_TAG = re.compile(
    r"</?(?:p|div|span|br|b|i|u|em|strong|ul|ol|li|table|tr|td|font|a|h[1-6])(?:\s[^<>]*)?/?>", re.IGNORECASE
)


def xhtml_text(element: Element) -> str:
    """Give the text of an XHTML element; embedded objects and images show as ``[object: name]``."""
    return _tidy("".join(_pieces(element)))


def embedded(element: Element) -> list[str]:
    """Give the names of the pictures and files that an XHTML value embeds: they are not taken."""
    found = [e for e in element.walk() if e.tag in {"object", "img"}]
    return [e.attributes.get("data") or e.attributes.get("src") or "unnamed" for e in found]


def plain_text(value: str) -> str:
    """Give a value as text when it holds HTML tags, as many tools write into plain fields; else the value, stripped.

    Only well-known tags count: ``p < 0.05`` and ``<50 ms>`` stay as they are.
    """
    if not _TAG.search(value):
        return value.strip()
    reader = _Html()
    reader.feed(value)
    reader.close()
    return _tidy("".join(reader.pieces))


def _pieces(element: Element) -> Iterator[str]:
    """Walk without recursion of our own beyond the depth that `xml_tree` allows."""
    if element.tag in _SILENT:
        return
    if element.tag in {"object", "img"}:
        yield f"[object: {embedded(element)[0]}]"
        return
    yield _opening(element.tag)
    yield _flow(element.text)
    for child in element.children:
        yield from _pieces(child)
        yield _flow(child.tail)
    if element.tag in _BLOCKS:
        yield "\n"


def _flow(text: str) -> str:
    """Line breaks within a text are blanks, as in a browser."""
    return re.sub(r"\s+", " ", text)


def _opening(tag: str) -> str:
    if tag == "li":
        return "\n- "
    if tag in {"td", "th"}:
        return " | "
    return "\n" if tag in _BLOCKS or tag == "br" else ""


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag == "img":
            self.pieces.append(f"[object: {dict(attrs).get('src') or 'unnamed'}]")
        self.pieces.append(_opening(tag))

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(_flow(data))


def _tidy(text: str) -> str:
    lines = (re.sub(r"[ \t\xa0\r]+", " ", line).strip().removeprefix("| ") for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
