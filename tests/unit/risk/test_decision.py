"""People decide, sign, and only then the risk file changes."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from include.postmarket.model.errors import InputError, IntegrityError
from include.postmarket.model.risk import RiskUpdate
from include.postmarket.risk.assessment import QUESTIONS
from include.postmarket.risk.decision import Answer, Decision, Verdict, decide, revise
from include.postmarket.risk.update import draft_update
from tests.unit.risk.worlds import OCCASION, REQUIREMENTS, evidence, item, risk_file, signal

SIGNATURE = {
    "user_id": "qa-1",
    "printed_name": "Quality Lead",
    "signed_utc": "2026-02-02T09:00:00Z",
    "meaning": "approval",
    "record_sha256": "f" * 64,
}


def draft(**field: Any) -> RiskUpdate:
    """Draft the update of the example risk."""
    return draft_update(signal(), item(), risk_file(), REQUIREMENTS, evidence(**field), OCCASION)


def verdict(decision: Decision = Decision.ESTIMATE_UPDATED, **answers: Answer) -> Verdict:
    """Answer every question with no, unless told, and decide."""
    return Verdict(answers=dict.fromkeys(QUESTIONS, Answer.NO) | answers, decision=decision, rationale="As estimated.")


def signed(update: RiskUpdate) -> RiskUpdate:
    """Give the update with a signature in its record."""
    return replace(update, record=update.record | {"signatures": [SIGNATURE]})


def test_verdict_is_written_beside_the_proposal() -> None:
    """Answers, decision and rationale are the person's; what the software proposed and its evidence stay readable."""
    before = draft()
    record = decide(before, verdict(Decision.CAPA, risk_no_longer_acceptable=Answer.YES)).record

    assert record["question_answers"]["risk_no_longer_acceptable"] == "yes"
    assert (record["decision"], record["decision_rationale"]) == ("capa", "As estimated.")
    assert record["question_answers"]["proposed"]["decision"] == "estimate_updated"
    assert record["question_answers"]["evidence"] == before.record["question_answers"]["evidence"]
    assert before.record["decision"] == "estimate_updated"


def test_deciding_again_before_signing_keeps_the_softwares_proposal() -> None:
    """A changed mind does not turn the first verdict into the software's proposal."""
    twice = decide(decide(draft(), verdict(Decision.CAPA)), verdict(Decision.FSCA))

    assert twice.record["question_answers"]["proposed"]["decision"] == "estimate_updated"
    assert twice.record["decision"] == "fsca"


@pytest.mark.shared
def test_decided_and_signed_record_follows_the_schema(shared: Path) -> None:
    """Whatever is decided, the record that is signed is a valid risk update record."""
    schema = json.loads((shared / "domain/rules/risk_update_record.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())

    for decision in Decision:
        record = signed(decide(draft(), verdict(decision))).record

        assert [error.message for error in validator.iter_errors(record)] == []


@pytest.mark.parametrize("answer", [Answer.YES, Answer.UNDETERMINED])
@pytest.mark.parametrize("question", QUESTIONS)
def test_no_change_needs_four_noes(question: str, answer: Answer) -> None:
    """One yes asks for a review (10.4), and an open question is no no (G8)."""
    with pytest.raises(InputError, match=f"no change, though {question} is not answered with no"):
        decide(draft(), verdict(Decision.NO_CHANGE, **{question: answer}))


def test_no_change_with_four_noes_stands() -> None:
    """A person may keep the estimate against the proposal, with a rationale."""
    assert decide(draft(), verdict(Decision.NO_CHANGE)).record["decision"] == "no_change"


def test_all_faults_of_a_verdict_are_named_at_once() -> None:
    """A missing answer, an invented question and an empty rationale are told together."""
    wrong = Verdict(answers={"weather": Answer.NO}, decision=Decision.CAPA, rationale=" ")

    with pytest.raises(InputError) as refused:
        decide(draft(), wrong)

    for fault in (*(f"{question} is not answered" for question in QUESTIONS), "weather is not", "no rationale"):
        assert fault in refused.value.what


def test_estimate_that_was_not_made_cannot_be_updated() -> None:
    """Reporting counts lead to any decision of a person but this one."""
    with pytest.raises(InputError, match="there is no estimate to update: no exposure"):
        decide(draft(exposure=None), verdict())

    assert decide(draft(exposure=None), verdict(Decision.CAPA)).record["decision"] == "capa"


def test_signed_record_is_never_changed() -> None:
    """The next signal drafts the next update."""
    with pytest.raises(InputError, match="signed already"):
        decide(signed(draft()), verdict())


def test_signed_update_gives_the_next_version() -> None:
    """P1 becomes the mean of Gamma(14, 140000), worth 140,000 device days; other items and the old file stay."""
    other = item(id="RISK-2")
    file = risk_file(item(), other)
    update = draft_update(signal(), item(), file, REQUIREMENTS, evidence(), OCCASION)

    revised = revise(file, signed(decide(update, verdict())), "4")

    assert revised.version == "4"
    assert pytest.approx((1e-4, 140_000.0)) == (revised.items[0].p1, revised.items[0].prior_exposure)
    assert revised.items[1] == other
    assert file.items[0] == item()


def test_unsigned_update_changes_nothing() -> None:
    """No signature, no change (G5)."""
    with pytest.raises(InputError, match="is not a signed update of an estimate"):
        revise(risk_file(), decide(draft(), verdict()), "4")


def test_other_decision_changes_no_estimate() -> None:
    """A signed CAPA is carried out by people; the estimate stays."""
    with pytest.raises(InputError, match="is not a signed update of an estimate"):
        revise(risk_file(), signed(decide(draft(), verdict(Decision.CAPA))), "4")


def test_update_drafted_on_an_older_version_is_refused() -> None:
    """Two updates drafted on one version: the second has to be drafted again, or it would undo the first."""
    update = signed(decide(draft(), verdict()))

    with pytest.raises(IntegrityError, match="was drafted on version 3"):
        revise(replace(risk_file(), version="4"), update, "5")
    with pytest.raises(IntegrityError, match="was drafted on version 3"):
        revise(risk_file(item(p1=9e-5)), update, "4")
