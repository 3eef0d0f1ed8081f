"""The risk page: proposed changes of the risk file, before and after, and what each still waits for."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from include.postmarket.model.risk import Matrix, RiskUpdate
from include.postmarket.pages.reading import Reading
from include.postmarket.pages.words import NOT_GIVEN, conceal, heading, number, words
from include.postmarket.steps.carrying_out import risk_updates_as_they_stand

_ROWS = (
    ("p1", "P1: the hazardous situation occurs"),
    ("p2", "P2: it then leads to the harm"),
    ("p_harm", "Probability of harm (P1 × P2)"),
    ("ci_low", "95 % interval of it, from"),
    ("ci_high", "95 % interval of it, to"),
)
_QUESTIONS = {
    "new_hazard": "Is there a hazard that the risk file does not know?",
    "risk_no_longer_acceptable": "Is the risk no longer acceptable?",
    "overall_residual_risk": "Is the overall residual risk no longer acceptable?",
    "state_of_the_art_changed": "Has the state of the art changed?",
}


class Standing(StrEnum):
    """How far an update has come; the value is what a reader sees."""

    UNDECIDED = "waits for a decision and a signature"
    DECIDED = "decided, waits for a signature"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One of the four questions of ISO 14971:2019 10.3, its answer, and what the data say of it."""

    text: str
    answer: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateView:
    """A proposed change as people read it; ``rows`` are (what, before, after)."""

    update: RiskUpdate
    standing: Standing
    title: str
    chain: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, str, str], ...]
    acceptability: tuple[str, str]
    questions: tuple[Question, ...]
    evidence: tuple[tuple[str, str], ...]
    label: str
    decision: str
    rationale: str
    signal_title: str
    signatures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPage:
    """The updates that wait, and those that are signed."""

    waiting: tuple[UpdateView, ...]
    signed: tuple[UpdateView, ...]


def risk_page(reading: Reading) -> RiskPage:
    """Give all risk updates, the newest first."""
    views = [view_of(reading, update) for update in reversed(risk_updates_as_they_stand(reading.house))]
    return RiskPage(
        waiting=tuple(v for v in views if v.standing is not Standing.SIGNED),
        signed=tuple(v for v in views if v.standing is Standing.SIGNED),
    )


def standing(update: RiskUpdate) -> Standing:
    """Say how far an update has come: an answer that is still undetermined is one that nobody has given."""
    if update.record.get("signatures"):
        return Standing.SIGNED
    answers = _part(update.record, "question_answers")
    undecided = any(answers.get(name, "undetermined") == "undetermined" for name in _QUESTIONS)
    return Standing.UNDECIDED if undecided else Standing.DECIDED


def view_of(reading: Reading, update: RiskUpdate) -> UpdateView:
    """Give an update for reading; what the record does not hold is said to be not given."""
    record, kept = update.record, reading.signals.get(update.signal_id)
    dossier = reading.house.dossiers.get(kept.signal.plan_id) if kept else None
    matrix = dossier.risk_file.matrix if dossier else None
    subgroup = kept.signal.subgroup if kept else ""
    risk, accept = _part(record, "risk_ref"), _part(record, "acceptability")
    return UpdateView(
        update=update,
        standing=standing(update),
        title=_text(risk, "hazard"),
        chain=tuple(
            (words(name).capitalize(), _text(risk, name))
            for name in ("hazard", "sequence_of_events", "hazardous_situation", "harm")
        ),
        rows=tuple(_rows(_part(record, "before"), _part(record, "after"), matrix)),
        acceptability=(_text(accept, "before"), _text(accept, "after")),
        questions=tuple(_questions(_part(record, "question_answers"))),
        evidence=tuple((k, conceal(v, subgroup, None)) for k, v in _evidence(_part(record, "evidence"))),
        label=str(_part(record, "evidence").get("data_label", "")),
        decision=words(record.get("decision") or "nothing is proposed"),
        rationale=_text(record, "decision_rationale"),
        signal_title=heading(kept.signal.title, subgroup) if kept else update.signal_id,
        signatures=tuple(_signature(made) for made in record.get("signatures") or ()),
    )


def _signature(made: Mapping[str, Any]) -> str:
    """Give a signature with all that has to stand beside it (21 CFR 11.50)."""
    signed, name, user = (_text(made, part) for part in ("signed_utc", "printed_name", "user_id"))
    return f"{_text(made, 'meaning')}: {name} ({user}), {signed.replace('T', ' ').replace('Z', '')} UTC"


def _rows(before: Mapping[str, Any], after: Mapping[str, Any], matrix: Matrix | None) -> list[tuple[str, str, str]]:
    rows = [("Severity", _severity(before, matrix), _severity(after, matrix))]
    rows += [(told, _number(before, name), _number(after, name)) for name, told in _ROWS]
    rows.append(("Probability level", _number(before, "p_level"), _number(after, "p_level")))
    rows.append(("How it was estimated", words(_text(before, "method")), words(_text(after, "method"))))
    return rows


def _severity(side: Mapping[str, Any], matrix: Matrix | None) -> str:
    level = side.get("severity")
    names = matrix.severities if matrix else ()
    if isinstance(level, int) and 0 < level <= len(names):
        return f"{level} ({names[level - 1]})"
    return NOT_GIVEN if level is None else str(level)


def _questions(answers: Mapping[str, Any]) -> list[Question]:
    said = _part(answers, "evidence")
    return [
        Question(text=text, answer=str(answers.get(name, "undetermined")), evidence=_text(said, name))
        for name, text in _QUESTIONS.items()
    ]


def _evidence(evidence: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give what the estimate rests on; record keys are on the signal's page."""
    unit = words(evidence.get("exposure_unit") or "")
    return [
        ("Events", _number(evidence, "events")),
        ("Exposure", f"{_number(evidence, 'exposure')} {unit}".strip()),
        ("First day", _text(evidence, "window_start")),
        ("Last day", _text(evidence, "window_end")),
        ("Under-reporting factor", _number(evidence, "under_reporting_factor")),
        ("Limits of the evidence", _text(evidence, "limitations")),
    ]


def _part(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = record.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(record: Mapping[str, Any], name: str) -> str:
    return str(record.get(name) or NOT_GIVEN)


def _number(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return number(float(value)) if isinstance(value, int | float) else NOT_GIVEN
