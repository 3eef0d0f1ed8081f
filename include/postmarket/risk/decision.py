"""What a person decides of a drafted risk update, and the risk file that a signed one leads to.

Deciding fills in the record and leaves it unsigned; signing binds the filled-in record (`records`); revising applies a
signed one. A new version of the risk file never overwrites the one before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from include.postmarket.model.errors import InputError, IntegrityError
from include.postmarket.model.risk import RiskFile, RiskItem, RiskUpdate
from include.postmarket.risk.assessment import QUESTIONS


class Answer(StrEnum):
    """An answer to one of the four questions of ISO 14971:2019 10.3."""

    YES = "yes"
    NO = "no"
    UNDETERMINED = "undetermined"


class Decision(StrEnum):
    """What follows from the review (10.4), by the names of the risk update record."""

    NO_CHANGE = "no_change"
    ESTIMATE_UPDATED = "estimate_updated"
    NEW_RISK_ADDED = "new_risk_added"
    CONTROL_NEEDED = "control_needed"
    CAPA = "capa"
    FSCA = "fsca"
    STOP_SHIPMENT = "stop_shipment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A person's answers by question, decision and rationale."""

    answers: Mapping[str, Answer]
    decision: Decision
    rationale: str


def decide(update: RiskUpdate, verdict: Verdict) -> RiskUpdate:
    """Give the update with the person's verdict in its record; the software's proposal stays beside it.

    Raises InputError, naming every fault, when a question is not answered, there is no rationale, "no change" is
    decided though an answer is not "no" (10.4 asks for a review), an estimate is updated that could not be made, or the
    record is signed already: a signed record is never changed, the next signal drafts the next one.
    """
    faults = _faults(update, verdict)
    if faults:
        raise InputError(
            f"the verdict cannot stand: {'; '.join(faults)}",
            where=f"risk update {update.id}",
            todo="answer all four questions of ISO 14971 10.3 and decide by the answers",
        )
    record = update.record
    answers: dict[str, Any] = {question: verdict.answers[question].value for question in QUESTIONS}
    proposal = {"decision": record["decision"], "rationale": record["decision_rationale"]}
    drafted = record["question_answers"]
    filled = record | {
        "question_answers": answers | {"evidence": drafted["evidence"], "proposed": drafted.get("proposed", proposal)},
        "decision": verdict.decision.value,
        "decision_rationale": verdict.rationale,
    }
    return replace(update, record=filled)


def revise(risk_file: RiskFile, update: RiskUpdate, version: str) -> RiskFile:
    """Give the next version of the risk file after a signed update whose decision is to update the estimate.

    P1 becomes the estimated mean, and its worth as a prior the exposure behind the posterior: evidence of a later
    update must then begin after this one's window, or the same events count twice. That the signature is valid is for
    `records` to say. Raises InputError for an update that is not signed or decides something else, and IntegrityError
    when the risk file has moved on since the draft.
    """
    record = update.record
    if not record["signatures"] or record["decision"] != Decision.ESTIMATE_UPDATED or not update.estimable:
        raise InputError(
            f"risk update {update.id} is not a signed update of an estimate",
            where=f"risk file {risk_file.id}@{risk_file.version}",
            todo="have it decided and signed first; other decisions are carried out by people",
        )
    drafted = record["before"]
    current = [item for item in risk_file.items if item.id == update.risk_id]
    in_force = [(item.severity, item.p1, item.p2) for item in current]
    if record["risk_ref"]["risk_file_version"] != risk_file.version or in_force != [
        (drafted["severity"], drafted["p1"], drafted["p2"])
    ]:
        raise IntegrityError(
            f"risk update {update.id} was drafted on version {record['risk_ref']['risk_file_version']}",
            where=f"risk file {risk_file.id}@{risk_file.version}",
            todo="draft the update again from the risk file in force",
        )
    items = tuple(_updated(item, record["after"]) if item.id == update.risk_id else item for item in risk_file.items)
    return replace(risk_file, version=version, items=items)


def _updated(item: RiskItem, after: dict[str, Any]) -> RiskItem:
    return replace(item, p1=after["p1"], prior_exposure=after["posterior_exposure"])


def _faults(update: RiskUpdate, verdict: Verdict) -> list[str]:
    faults = [f"{question} is not answered" for question in QUESTIONS if question not in verdict.answers]
    faults += [f"{name} is not one of the questions" for name in sorted(set(verdict.answers) - set(QUESTIONS))]
    open_answers = [question for question, answer in verdict.answers.items() if answer is not Answer.NO]
    if not verdict.rationale.strip():
        faults.append("no rationale")
    if verdict.decision is Decision.NO_CHANGE and open_answers:
        faults.append(f"no change, though {', '.join(sorted(open_answers))} is not answered with no")
    if verdict.decision is Decision.ESTIMATE_UPDATED and not update.estimable:
        faults.append(f"there is no estimate to update: {update.reason}")
    if update.record["signatures"]:
        faults.append("the record is signed already")
    return faults
