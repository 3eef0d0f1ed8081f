"""One adverse-event report out of its parts, whoever wrote them down: openFDA's nested record or MAUDE's joined files.

A report has columns of its own, devices, texts, patients and device problems. The row of the lake has the columns of
one device (the one that was asked for), the texts behind one another, and what all patients had.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from include.postmarket.sources.cells import is_null_word
from include.postmarket.sources.json_text import joined
from include.postmarket.sources.same_device import Devices

#: MAUDE's sequence_number_outcome codes (openFDA, maude enums); those that say nothing are left out of `outcomes`.
OUTCOMES = {
    "L": "Life Threatening",
    "H": "Hospitalization",
    "S": "Disability",
    "C": "Congenital Anomaly",
    "R": "Required Intervention",
    "O": "Other",
    "D": "Death",
    "U": "",
    "I": "",
    "A": "",
    "*": "",
}
_SAYS_NOTHING = frozenset({"INVALID DATA", "UNKNOWN", "NO INFORMATION", "NOT APPLICABLE"})

#: What makes a patient's entry more than a placeholder: problem codes are also hung on entries without a patient.
_OF_A_PATIENT = (
    "sequence_number_outcome",
    "sequence_number_treatment",
    "patient_age",
    "patient_sex",
    "patient_weight",
    "patient_ethnicity",
    "patient_race",
)
_NUMBERED = re.compile(r"^\d+\s*\.\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A report as its writer split it: cells by MAUDE's names, each device and each patient apart."""

    own: dict[str, str]
    devices: Sequence[dict[str, str]] = ()
    texts: Sequence[str] = ()
    patients: Sequence[Mapping[str, Any]] = ()
    problems: Sequence[str] = field(default_factory=tuple)


def row_cells(parts: Parts, wanted: Devices) -> dict[str, str] | None:
    """Give the cells of the report's row, None when none of its devices is the one asked for.

    Texts are joined whatever patient they name: their patient numbers start at 0 in some records and at 1 in others.
    """
    device = wanted.chosen(parts.devices)
    if device is None:
        return None
    seen = distinct_patients(parts.patients)
    return {
        **device,
        **parts.own,  # its own date_received, not the device's
        "foi_text": "\n\n".join(filter(None, parts.texts)),
        "product_problems": joined(list(parts.problems)),
        "outcomes": "; ".join(dict.fromkeys(o for p in seen for o in outcomes(p.get("sequence_number_outcome")))),
        "patients": str(len(seen)) if parts.patients else "",
    }


def distinct_patients(patients: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Give each patient once, without placeholders.

    openFDA repeats the same patient, and lists entries that hold a sequence number and problem codes only.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for patient in patients:
        if any(_filled(patient.get(name)) for name in _OF_A_PATIENT):
            found.setdefault(joined(patient.get("patient_sequence_number")), patient)
    return list(found.values())


def outcomes(value: Any) -> list[str]:
    """Give the outcomes that a patient's entry names, in words, each once.

    Their spellings: ``"1. L; 2. R"``, ``["1. L"]``, ``"1, Life Threatening, 2, Required Intervention"`` and
    ``["Death"]``.
    """
    return list(dict.fromkeys(filter(None, (_outcome(item) for item in _items(value)))))


def _outcome(item: str) -> str:
    word = _NUMBERED.sub("", item.strip())
    if not word or word.isdecimal() or word.upper() in _SAYS_NOTHING:
        return ""
    return OUTCOMES.get(word.upper(), word)


def _items(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        yield from re.split(r"[;,]", str(item)) if item is not None else ()


def _filled(value: Any) -> bool:
    return any(not is_null_word(item) and item.strip() for item in _items(value))
