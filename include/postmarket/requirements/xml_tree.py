"""XML that others wrote, as a plain tree with the line of every element.

defusedxml refuses entities that the file declares and fetches nothing; depth and number of elements are bounded here.
Namespaces are dropped: tools disagree about them, and the names of ReqIF, XHTML and JUnit do not collide.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.xmlreader import InputSource

from defusedxml import DefusedXmlException
from defusedxml.expatreader import create_parser

from include.postmarket.requirements.reading import fatal

_DEEPEST = 200  # XHTML tables in lists in tables reach some thirty
_MOST = 5_000_000  # elements


@dataclass(slots=True)
class Element:
    """An element: ``text`` is what stands before its first child, ``tail`` what follows its end."""

    tag: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    tail: str = ""
    children: list["Element"] = field(default_factory=list)

    def first(self, *path: str) -> "Element | None":
        """Give the first element at a path of tags, None when there is none."""
        found: Element | None = self
        for tag in path:
            found = next((c for c in found.children if c.tag == tag), None) if found is not None else None
        return found

    def under(self, *path: str) -> list["Element"]:
        """Give the children of the first element at a path, none when it is absent."""
        found = self.first(*path)
        return found.children if found is not None else []

    def walk(self) -> Iterator["Element"]:
        """Give this element and all below, in the order of the file."""
        stack = [self]
        while stack:
            element = stack.pop()
            yield element
            stack += reversed(element.children)


def parse_xml(content: bytes, file: str) -> Element:
    """Give the root element of XML. Raises FaultyContentError with the line where it cannot be read on."""
    handler = _Builder(file)
    parser: Any = create_parser()
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(handler)
    source = InputSource()
    source.setByteStream(io.BytesIO(content))
    try:
        parser.parse(source)
    except DefusedXmlException as error:
        line = parser.getLineNumber() or 0
        raise fatal(
            f"declares entities, which are refused ({type(error).__name__}): export it without", file, line
        ) from None
    except SAXParseException as error:
        raise fatal(f"is no whole XML: {error.getMessage()}", file, error.getLineNumber() or 0) from None
    except (SAXException, LookupError, ValueError) as error:
        raise fatal(f"is no readable XML ({type(error).__name__})", file, parser.getLineNumber() or 0) from None
    return handler.root.children[0]


class _Builder(ContentHandler):
    def __init__(self, file: str) -> None:
        super().__init__()
        self.root = Element("", {}, 0)
        self._file = file
        self._open = [self.root]
        self._count = 0
        self._locator: Any = None

    def setDocumentLocator(self, locator: Any) -> None:  # noqa: N802 - the name is SAX's
        self._locator = locator

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: Any) -> None:  # noqa: N802, ARG002
        line = self._locator.getLineNumber()
        self._count += 1
        if len(self._open) > _DEEPEST:
            raise fatal(f"is nested deeper than {_DEEPEST} levels", self._file, line)
        if self._count > _MOST:
            raise fatal(f"has more than {_MOST:,} elements: export it in parts", self._file, line)
        element = Element(name[1], {key[1]: value for key, value in attrs.items()}, line)
        self._open[-1].children.append(element)
        self._open.append(element)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:  # noqa: N802, ARG002
        self._open.pop()

    def characters(self, content: str) -> None:
        element = self._open[-1]
        if element.children:
            element.children[-1].tail += content
        else:
            element.text += content
