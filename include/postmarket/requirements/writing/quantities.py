"""Rules about numbers: each needs a unit, and in the response a limit or a tolerance."""

import re
from collections.abc import Iterator

from include.postmarket.requirements.writing.note import Mark, Rule
from include.postmarket.requirements.writing.sentence import Sentence

_NUMBER = re.compile(r"(?<![\w.,:/#-])[-+±−]?\s?\d+(?:[.,]\d+)*(?![\w:/])(?!-\w)(?!\.\d)")
#: Words behind a number that are no unit: it stands alone.
_NO_UNIT = re.compile(
    r"\s*(?:[.;:,)]|$|(?:and|or|then|of|per|in|to|at|for|by|from|when|while|if|the|a|as|with|is|are)\b)"
)
_LEADING = re.compile(
    r"(?:within|at least|at most|more than|less than|above|below|exceeds?|under|over|up to|by|every|of|between|to|±|"
    r"about|and|than|for|after|until|from|is|reaches)\s*$",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:level|version|class|type|step|chapter|clause|part|number|no\.?|phase|grade|category|annex|"
    r"table|figure|section|mode|ISO|IEC|EN|ASTM|AAMI|ISTA|DIN|IEEE|USP|FDA|CFR)\s*$",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"\s*(?:to|and|or|-|–|through)\s+[-+±−]?\d+(?:[.,]\d+)*\s*(?=[%°‰]|[^\W\d])(?!(?:and|or|then|of|per|in|to)\b)"
)
_QUANTITY = re.compile(
    r"(?<![\w.,:/#-])\d+(?:[.,]\d+)*\s?"
    r"(?:%(?! (?:safe|reliable|secure))|°C|°F|°|K\b|[kmµμn]?m\b|[kmµμn]?s\b|min\b|h\b|"
    r"seconds?\b|minutes?\b|hours?\b|[mkMG]?Hz\b|dB(?:\(A\))?|[mkµμ]?[VAWJN]\b|"
    r"[kM]?Pa\b|mbar\b|bar\b|mmHg\b|cmH2O\b|[mµμ]?L(?:/(?:h|min|s|kg))?\b|"
    r"[mkµμn]?g(?:/dL|/L|/mL)?\b|ppm\b|rpm\b|[kM]?Ω|"
    r"degrees?\b|breaths?\b|beats?\b|mmol/L|mS/cm|lx\b|Gy\b|kGy\b|drops?\b)"
)  # fmt: skip
_BOUND = re.compile(
    r"\b(?:at least|at most|no (?:more|less|later|earlier|longer|fewer|greater) than|"
    r"not (?:more|less|exceed\w*)|less than|"
    r"more than|fewer than|greater than|longer than|shorter than|within|up to|between|above|below|"
    r"or (?:less|more|below|above|fewer)|exceeds?|exceeding|minimum|maximum|min\.|max\.|error of|accuracy|tolerance|"
    r"range|limit\w*|only|under|over|per cent of)\b"
    r"|±|\+/-|[<>≤≥]|\d\S*(?:\s\S{1,6})?\s(?:to|-|–)\s[-+]?\d",
    re.IGNORECASE,
)
#: With these verbs a number is the condition of a test, or how long something is kept, not a value to be produced.
_CONDITIONS = re.compile(
    r"^\s*(?:\w+ly\s+)?(?:not\s+)?(?:withstand|tolerate|resist|survive|meet|store|keep|retain|record|mute|log|"
    r"run|operate|count|show|display|offer|ask|load|be (?:stored|kept|retained))\b",
    re.IGNORECASE,
)


def unit(sentence: Sentence) -> Iterator[Mark]:
    """Find numbers behind a limit or comparison that have no unit; counts of things have their noun."""
    text = sentence.text
    for match in _NUMBER.finditer(text):
        before, behind = text[: match.start()], text[match.end() :]
        if _NAMED.search(before) or not _NO_UNIT.match(behind) or _RANGE.match(behind):
            continue
        if _LEADING.search(before) or match[0].startswith(("±", "+", "-")):
            start = match.start() + len(match[0]) - len(match[0].lstrip())
            yield Mark(
                rule=Rule.UNIT, start=start, end=match.end(), message=f"'{match[0].strip()}' has no unit",
                suggestion="write the unit behind the number; in a range at both ends",
            )  # fmt: skip


def tolerance(sentence: Sentence) -> Iterator[Mark]:
    """Find an exact value in a response that has no limit, range or tolerance."""
    start = sentence.response_start
    response = sentence.text[start:]
    if not sentence.shalls or _BOUND.search(response) or _CONDITIONS.match(response):
        return
    quantities = _QUANTITY.finditer(response)
    found = next((match for match in quantities if not _NAMED.search(response[: match.start()])), None)
    if found:
        yield Mark(
            rule=Rule.TOLERANCE, start=start + found.start(), end=start + found.end(),
            message=f"'{found[0]}' has neither limit nor tolerance",
            suggestion="give a limit (at least, at most, within) or a tolerance (± with unit)",
        )  # fmt: skip
