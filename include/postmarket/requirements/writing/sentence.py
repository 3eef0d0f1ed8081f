"""How a requirement is built, after EARS (Mavin et al., RE'09): which pattern, and where its parts lie."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Pattern(StrEnum):
    """The patterns of EARS; complex combines at least two conditions."""

    UBIQUITOUS = "ubiquitous"
    EVENT = "event-driven"
    STATE = "state-driven"
    UNWANTED = "unwanted behaviour"
    OPTIONAL = "optional feature"
    COMPLEX = "complex"


_KEYWORDS = {"when": Pattern.EVENT, "while": Pattern.STATE, "if": Pattern.UNWANTED, "where": Pattern.OPTIONAL}
_KEYWORD = re.compile(r"(?:^|,\s+(?:and\s+)?)(when|while|if|where)\b", re.IGNORECASE)
_SHALL = re.compile(r"\bshall\b", re.IGNORECASE)
_ENGLISH = frozenset(["the", "a", "an", "of", "shall", "when", "while", "if", "to", "and", "is", "in", "for", "with",
                      "must", "should", "at", "by", "after", "from", "over", "below", "above", "or"])  # fmt: skip
_FOREIGN = frozenset(["der", "die", "das", "ein", "eine", "muss", "soll", "und", "wird", "wenn", "nicht", "mit", "bei",
                      "le", "la", "les", "doit", "une", "est", "et", "lorsque", "pour", "dans", "el", "los", "debe",
                      "cuando", "il", "deve", "quando", "het", "moet", "wanneer", "een"])  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text with the places of every ``shall``; the response is what follows the first one."""

    text: str
    shalls: tuple[int, ...]

    @property
    def response_start(self) -> int:
        """Give where the response begins: behind the first ``shall``, at 0 without one."""
        return self.shalls[0] + len("shall") if self.shalls else 0

    @property
    def pattern(self) -> Pattern | None:
        """Give the pattern of EARS, None when nothing is obliged."""
        if not self.shalls:
            return None
        found = [match[1].lower() for match in _KEYWORD.finditer(self.text[: self.shalls[0]])]
        if len(found) > 1:
            return Pattern.COMPLEX
        return _KEYWORDS[found[0]] if found else Pattern.UBIQUITOUS


def parse(text: str) -> Sentence:
    """Give a text with its parts."""
    return Sentence(text, tuple(match.start() for match in _SHALL.finditer(text)))


def is_english(text: str) -> bool:
    """Say whether the rules, which know English only, may judge a text; few words without a foreign one may."""
    words = [word.lower() for word in _WORD.findall(text)]
    letters = [character for character in text if character.isalpha()]
    if sum(ord(character) > 0x24F and character not in "µμΩΩ" for character in letters) > len(letters) / 4:
        return False
    return sum(word in _FOREIGN for word in words) <= sum(word in _ENGLISH for word in words)
