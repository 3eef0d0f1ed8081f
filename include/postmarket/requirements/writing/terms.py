"""The rule about abbreviations that nobody defined, and the reading of a glossary."""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from include.postmarket.requirements.content import read_bytes, text_of
from include.postmarket.requirements.reading import fatal
from include.postmarket.requirements.writing.note import Mark, Rule
from include.postmarket.requirements.writing.sentence import Sentence

_ABBREVIATION = re.compile(
    r"(?<![\w/-])(?:[A-Z][A-Za-z0-9]*[A-Z][A-Za-z0-9]*(?:-\d+)?|[A-Z][a-z]?/[A-Z]|[A-Z]+\d+[A-Z0-9]*)(?![\w])"
)
#: Publishers of standards need no definition: the number behind names the document.
_STANDARD = re.compile(r"^(?:ISO|IEC|EN|DIN|ASTM|AAMI|IEEE|ISTA|USP|ANSI|CISPR|ITU)$")
_UNIT = re.compile(
    r"^(?:[kmMG]?Pa|[kMG]?Hz|dB|mL|dL|cmH2O|mmHg|kV|mV|MV|mA|kW|MW|mW|mJ|kJ|kN|kGy|mS|GB|MB|kB|TB|kΩ|MΩ|N|MHz|VA|Ah|mAh)$"
)
#: Words of a screen or a key are names, not abbreviations: in quotes, or several capitals in a row.
_NAMES = re.compile(r"\"[^\"]*\"|“[^”]*”|\b[A-Z]{4,}(?: [A-Z]{4,})+\b")
_LONGEST = 5  # capital letters; longer words in capitals are names of states and keys
_INTRODUCED = re.compile(r"\b((?:[A-Za-z]\w*[ -]){0,8}[a-z]\w+)\s+\(([A-Z][\w/-]*[A-Z\d][\w/-]*)\)")


def undefined(sentence: Sentence, defined: Collection[str]) -> Iterator[Mark]:
    """Find abbreviations that are in no glossary, each once; units and publishers of standards need none."""
    seen: set[str] = set()
    names = [match.span() for match in _NAMES.finditer(sentence.text)]
    for match in _ABBREVIATION.finditer(sentence.text):
        word = match[0]
        if any(start <= match.start() < end for start, end in names) or (word.isalpha() and len(word) > _LONGEST):
            continue
        if word in seen or word in defined or _UNIT.match(word) or _STANDARD.match(word.partition("-")[0]):
            continue
        seen.add(word)
        yield Mark(
            rule=Rule.UNDEFINED, start=match.start(), end=match.end(), message=f"'{word}' is not in the glossary",
            suggestion="add it to the glossary, or write it out",
        )  # fmt: skip


def introduced(texts: Iterable[str]) -> frozenset[str]:
    """Give the abbreviations that texts define themselves, as in ``continuous glucose monitor (CGM)``.

    One of the words before has to begin with the first letter: ``oxygen (DISS)`` defines nothing.
    """
    found = (match for text in texts for match in _INTRODUCED.finditer(text))
    return frozenset(match[2] for match in found if match[2][0].lower() in _initials(match[1], len(match[2])))


def _initials(words: str, last: int) -> list[str]:
    return [word[0].lower() for word in re.split(r"[ -]+", words)[-last:] if word]


def load_glossary(path: Path) -> frozenset[str]:
    """Give the terms of a glossary, CSV with a column ``term``. Raises FaultyContentError when it has none."""
    rows = list(csv.reader(io.StringIO(text_of(read_bytes(path), str(path)), newline="")))
    heading = [name.strip().lower() for name in rows[0]]
    if "term" not in heading:
        raise fatal("has no column 'term'", str(path), 1)
    place = heading.index("term")
    return frozenset(row[place].strip() for row in rows[1:] if len(row) > place and row[place].strip())
