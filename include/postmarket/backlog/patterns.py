"""Patterns that give away personal data, and what must not be mistaken for it (DOMAIN.md section 9).

The identifiers are those of the HIPAA safe harbor, 45 CFR 164.514(b)(2)(i)(A)-(R), that a pattern can reach. Bare names
cannot be found by any pattern: that is why `outbound` lets nothing pass that is not on its list in the first place.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pattern:
    """One kind of identifier. ``loose`` ones could also be a lot, a model or a version: words saying so spare them."""

    kind: str
    regex: re.Pattern[str]
    loose: bool = False


def _strict(kind: str, regex: str) -> Pattern:
    return Pattern(kind, re.compile(regex, re.IGNORECASE))


def _cased(kind: str, regex: str) -> Pattern:
    return Pattern(kind, re.compile(regex))


def _loose(kind: str, regex: str) -> Pattern:
    return Pattern(kind, re.compile(regex, re.IGNORECASE), loose=True)


_VALUE = r"(?:\s*(?:no\.?|number|num\.?|id|#))?\s*(?:is\b|was\b|[:=#])?\s*"  # "MRN: ", "serial number is ", "S/N #"
_CODE = r"(?=[A-Z0-9./-]*\d)[A-Z0-9][A-Z0-9./-]{3,}"  # four or more, with a digit: "SN 88121", "PX-44Z19"
_DIALLED = r"\(?\+?\d[\d\s()/.-]{4,}\d"
_PERSON = r"(?:male|female|man|woman|patient|boy|girl|infant|child)\b"
_STREET = r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct)\b"

PATTERNS: tuple[Pattern, ...] = (
    _strict("e-mail address", r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b"),
    _strict("phone number", r"(?<![\w.])(?:\+?\d{1,3}[\s.-]?)?(?:\(\d{3}\)\s?|\d{3}[\s.-])\d{3}[\s.-]\d{4}(?!\w)"),
    _strict("phone number", r"(?<!\w)\+\d{1,3}[\s.()/-]*\d(?:[\s.()/-]*\d){6,}"),
    _strict("phone or fax number", r"\b(?:tel|telephone|phone|fax|mobile|cell)\b\.?" + _VALUE + _DIALLED),
    _strict("social security number", r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"),
    _strict(
        "medical record number",
        r"\b(?:mrn|medical record|patient (?:id|no\.?|number)|chart|hospital (?:id|no\.?|number))\b" + _VALUE + _CODE,
    ),
    _strict(
        "account, plan or licence number",
        r"\b(?:account|acct|policy|insurance|beneficiary|medicare|medicaid|licen[cs]e|passport|npi)\b" + _VALUE + _CODE,
    ),
    _strict("serial number", r"(?<![\w/])(?:s/n|sn|serial)\b" + _VALUE + _CODE),
    _strict("serial number in a UDI", r"\(21\)\s*[!-~]{1,20}"),
    _strict("date of birth", r"\b(?:dob|d\.o\.b\.?|date of birth|birth ?date|born(?: on)?)\b\W{0,3}\d"),
    _strict("written date", r"(?<![\w/.])\d{1,2}([/.])\d{1,2}\1(?:19|20)\d{2}(?![\w/])"),
    _strict("age of a person", r"\b\d{1,3}[\s-]?(?:years?|yrs?|months?|weeks?)[\s-]?old\s+" + _PERSON),
    _strict("age of a person", r"\b\d{1,3}\s?(?:y/o|yo|y\.o\.)(?!\w)"),
    _cased("name of a person", r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau)\b\.?\s+[A-Z][\w'-]+"),
    _cased(
        "name of a person",
        r"\b(?i:patient|nurse|physician|doctor|surgeon|caregiver|reporter|complainant)(?i:\s+name)?\s*[:=]?\s+"
        r"(?!(?:Call|Data|Device|Harm|Information|Interface|Monitor|Problem|Sample)\b)[A-Z][a-z'-]+\s+(?:[A-Z]\.?\s+)?[A-Z][a-z'-]+",
    ),
    _strict("name of a person", r"\b(?:patient|reporter|contact|customer|first|last|full)[\s_-]name\s*[:=]\s*\S"),
    _cased("street address", r"\b\d{1,5}\s+(?:[A-Z][\w'.-]+\s+){1,3}" + _STREET),
    _strict("web address", r"\b(?:https?://|www\.)\S+"),
    _loose("IP address", r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.])"),
    _loose("long number", r"(?<![\w.,-])\d{9,13}(?![\w.,-])"),
    _loose("serial-like code", r"(?<![\w-])(?=[A-Z0-9-]*[A-Z])(?=(?:[A-Z-]*\d){6})[A-Z0-9][A-Z0-9-]{8,}(?![\w-])"),
)

#: Our own marks, whatever they look like: full hashes, UUIDs, signal ids, ISO dates and times.
_OWN = re.compile(
    r"(?<!\w)(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|SIG-[0-9a-f]{10}-\d+"
    r"|\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:[+-]\d{2}:?\d{2}|Z)?)?|\d{8}T\d{6}Z?)(?!\w)"
)

#: Words that say that the code after them names a kind of device, not one device: spared from the loose patterns only.
_PRODUCT = re.compile(
    r"\b(?:lot|batch|udi(?:[\s-]di)?|di|gtin|gmdn|model|type|ref|catalogu?e?|version|firmware|software|release)"
    r"(?:\s+(?:no\.?|number|code))?\s*[:=#]?\s*[A-Z0-9][A-Z0-9./-]*|\(01\)\d{14}|\(10\)[A-Z0-9-]{1,20}",
    re.IGNORECASE,
)

_GAP = "\N{SYMBOL FOR SPACE}"  # stands for what was spared: belongs to no pattern


def _without(text: str, spared: re.Pattern[str]) -> str:
    return spared.sub(_GAP, text)


def personal_data(text: str, product_words: Iterable[str] = ()) -> tuple[str, ...]:
    """Give the kinds of personal data that a text seems to hold, in the order of `PATTERNS`, each once.

    ``product_words`` are names the plan itself fixes (products, models, UDI-DIs, versions, requirement ids); they
    count as whole words only and from three characters on. What was found is never repeated: a finding may be logged.
    """
    words = sorted({word for word in product_words if len(word) >= 3}, key=len, reverse=True)
    if words:
        text = _without(text, re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, words)) + r")(?!\w)"))
    text = _without(text, _OWN)
    kinds = []
    for pattern in PATTERNS:
        looked_at = _without(text, _PRODUCT) if pattern.loose else text
        if pattern.regex.search(looked_at) and pattern.kind not in kinds:
            kinds.append(pattern.kind)
    return tuple(kinds)
