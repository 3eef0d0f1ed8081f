"""Findings of the rules as files for other programs: SARIF 2.1.0, which code hosts and editors show at the line."""

import json
from collections.abc import Sequence
from typing import Any

from include.postmarket.requirements.writing.note import GUIDE, MEANINGS, Note, Rule

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif_text(notes: Sequence[Note]) -> str:
    """Give notes as SARIF: file and line where the requirement stood, its id, and the characters within its text."""
    rules = [_rule(rule) for rule in Rule]
    driver = {"name": "postmarket requirements check", "rules": rules}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": [_result(note) for note in notes]}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    told: dict[str, Any] = {"id": rule.value, "shortDescription": {"text": MEANINGS[rule]}}
    return told | ({"properties": {"incose": GUIDE[rule]}} if rule in GUIDE else {})


def _result(note: Note) -> dict[str, Any]:
    place: dict[str, Any] = {"logicalLocations": [{"name": note.requirement, "kind": "requirement"}]}
    if note.file:
        physical: dict[str, Any] = {"artifactLocation": {"uri": note.file.replace("\\", "/")}}
        place["physicalLocation"] = physical | ({"region": {"startLine": note.line}} if note.line else {})
    return {
        "ruleId": note.rule.value,
        "ruleIndex": list(Rule).index(note.rule),
        "level": "note" if note.rule is Rule.NOT_EVALUATED else "warning",
        "message": {"text": f"{note.requirement}: {note.message}. {note.suggestion}"},
        "locations": [place],
        "properties": {"start": note.start, "end": note.end, "suggestion": note.suggestion},
    }
