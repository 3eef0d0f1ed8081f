"""The pages under docs/ and the Markdown files of the root, as tests read them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

_FENCE = re.compile(r"^```(?P<kind>[a-z]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One Markdown file."""

    path: Path
    text: str

    @property
    def prose(self) -> str:
        """The text without its code blocks."""
        return _FENCE.sub("", self.text)

    def blocks(self, kind: str) -> Iterator[str]:
        """Give the code blocks of a kind, as ``yaml``."""
        return (found["text"] for found in _FENCE.finditer(self.text) if found["kind"] == kind)

    def section(self, heading: str) -> str:
        """Give what stands under a heading, up to the next heading."""
        return re.split(r"^#+ ", self.text.split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def read_page(path: Path) -> Page:
    """Give one page."""
    return Page(path=path, text=path.read_text(encoding="utf-8"))


def read_pages() -> list[Page]:
    """Give every page that users and contributors read."""
    return [read_page(path) for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])]
