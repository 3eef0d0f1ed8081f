"""Rules about the form of a requirement: shall, the order of EARS, one obligation each."""

import re
from collections.abc import Iterator

from include.postmarket.requirements.writing.note import Mark, Rule
from include.postmarket.requirements.writing.sentence import Sentence

_MODAL = re.compile(r"\b(must|should|will|may|can|could|needs? to|ha(?:s|ve) to|is to|are to)\b", re.IGNORECASE)
_BEHIND = re.compile(
    r"\s(when|while|if|whenever|as soon as|once(?= (?:the|a|an|it)\b))\s"
    r"|\s(after) (?:\d\S* \w+ without|having)\b"
    r"|(?<!\d )(?<!\d\w )(?<!min )\b(after) (?:the|a|an|no) (?:\w+ ){1,3}?(?:has|have|had|is|are|was|were)\b",
    re.IGNORECASE,
)
_IF = re.compile(r"^\s*if\b", re.IGNORECASE)
_THEN = re.compile(r"\bthen\b", re.IGNORECASE)
#: An ``if`` of these is a clause of escape, which has a rule of its own.
_ESCAPE_IF = re.compile(
    r"\b(?:if|when|as) (?:possible|necessary|practicable|applicable|required|needed|appropriate|time)\b",
    re.IGNORECASE,
)


def no_shall(sentence: Sentence) -> Iterator[Mark]:
    """Find a text that obliges nobody: it has no ``shall``."""
    if sentence.shalls:
        return
    modal = _MODAL.search(sentence.text)
    start, end = modal.span() if modal else (0, len(sentence.text))
    told = f"'{modal[1]}' instead of 'shall'" if modal else "no 'shall'"
    yield Mark(
        rule=Rule.NO_SHALL, start=start, end=end, message=f"{told}: it fits no pattern of EARS",
        suggestion="write: [While <state>,] [when <event>,] the <system> shall <response>",
    )  # fmt: skip


def ears_order(sentence: Sentence) -> Iterator[Mark]:
    """Find a condition behind the response, and an ``If`` without ``then``."""
    if not sentence.shalls:
        return
    text = sentence.text
    if _IF.match(text) and not _THEN.search(text[: sentence.shalls[0]]) and not _ESCAPE_IF.match(text.lstrip()):
        yield Mark(
            rule=Rule.EARS_ORDER, start=0, end=2, message="'If' without 'then'",
            suggestion="write: If <unwanted>, then the <system> shall <response>; for a normal event use 'When'",
        )  # fmt: skip
    behind = _BEHIND.search(text, sentence.response_start)
    if behind and not _ESCAPE_IF.match(text[behind.start() :].lstrip()):
        number = next(n for n in (1, 2, 3) if behind[n])
        word, start = behind[number].lower(), behind.start(number)
        yield Mark(
            rule=Rule.EARS_ORDER, start=start, end=start + len(word),
            message=f"the condition ('{word}') stands behind the response",
            suggestion="put it first: When <event> / While <state> / If <unwanted>, then the <system> shall ...",
        )  # fmt: skip


def several_shall(sentence: Sentence) -> Iterator[Mark]:
    """Find more than one obligation in one requirement."""
    if len(sentence.shalls) > 1:
        start = sentence.shalls[1]
        yield Mark(
            rule=Rule.SEVERAL_SHALL, start=start, end=start + len("shall"),
            message=f"{len(sentence.shalls)} times 'shall' in one requirement",
            suggestion="write one requirement for each, with an id of its own",
        )  # fmt: skip
