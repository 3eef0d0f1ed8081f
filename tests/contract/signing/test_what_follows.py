"""What a complete decision leads to: the next version of a risk file, the move of a signal; and nothing before (G5)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from include.postmarket.model.errors import InputError, IntegrityError, UnavailableError
from include.postmarket.model.role import Role
from include.postmarket.model.signal import SignalState
from include.postmarket.model.signature import Meaning, Subject
from include.postmarket.records.engine import reading
from include.postmarket.records.signers import RefusedError
from include.postmarket.records.verification import verify
from include.postmarket.risk.decision import Decision
from include.postmarket.signals.lifecycle import TransitionRefusedError
from include.postmarket.steps.carrying_out import carry_out, waiting
from include.postmarket.steps.deciding import Move, decide_risk_update, move_signal
from include.postmarket.steps.signing import Request, sign
from tests.contract.signing.people import ANSWERS, NOW, PLAN, RISK, VERDICT, Office, drafted, enrol, person

pytestmark = pytest.mark.postgres


def move(office: Office, user: str, target: SignalState, code: str = "") -> object:
    """Let a person move the office's signal."""
    wanted = Move(signal_id=office.signal.id, target=target, reason="read the cases", code=code)
    return move_signal(office.house, person(user), wanted, NOW)


def state(office: Office) -> SignalState:
    """Give the state of the office's signal."""
    kept = office.house.signals.signal(office.signal.id)
    assert kept is not None
    return kept.state


def sign_move(office: Office, user: str, meaning: Meaning, version: int) -> None:
    """Let a person sign the move that waits."""
    request = Request(subject=Subject.SIGNAL, subject_id=office.signal.id, version=version, meaning=meaning, zone="UTC")
    sign(office.house, person(user), request, NOW)


def p1_in_force(office: Office) -> tuple[str, float]:
    """Give the version of the risk file in force and P1 of the risk."""
    found = office.house.risk_file(PLAN)
    return found.version, next(i.p1 for i in found.items if i.id == RISK)


def test_the_risk_file_changes_with_the_last_signature_and_not_before(office: Office) -> None:
    """Drafted, decided, signed by the author: nothing. Signed by the approver: the next version, once."""
    written = p1_in_force(office)
    decide_risk_update(office.house, person("anna"), office.update.id, VERDICT, NOW)
    sign(office.house, person("anna"), office.request(Meaning.AUTHORSHIP), NOW)
    before = p1_in_force(office)
    sign(office.house, person("boris"), office.request(Meaning.APPROVAL), NOW)
    version, p1 = p1_in_force(office)
    with reading(office.house.engine) as connection:
        broken = verify(connection)

    assert before == written
    assert p1 == office.update.record["after"]["p1"] != written[1]
    assert version != written[0]
    assert office.house.dossier(PLAN).risk_file.version == written[0]
    assert carry_out(office.house, NOW) == []
    assert waiting(office.house) == []
    assert broken is None


def test_no_change_is_signed_and_leaves_the_file_alone(office: Office) -> None:
    """A review that ends with no change needs its signatures too; the file keeps its version."""
    written = p1_in_force(office)
    quiet = replace(VERDICT, answers=ANSWERS, decision=Decision.NO_CHANGE)
    decide_risk_update(office.house, person("anna"), office.update.id, quiet, NOW)
    missing = [[n.role for n in w.missing] for w in waiting(office.house)]
    sign(office.house, person("anna"), office.request(Meaning.AUTHORSHIP), NOW)
    sign(office.house, person("boris"), office.request(Meaning.APPROVAL), NOW)

    assert missing == [[Role.RISK, Role.QUALITY_APPROVER]]
    assert waiting(office.house) == []
    assert p1_in_force(office) == written


def test_an_update_of_a_risk_that_changed_meanwhile_is_refused(office: Office) -> None:
    """Two updates of one risk, drafted on one version: the second would count on numbers no longer in force."""
    other = replace(office.signal, fingerprint="f" * 32)
    office.house.signals.open([other], NOW - timedelta(hours=2))
    second = drafted(office.house, other, events=90)
    office.house.risk_updates.propose([second], NOW - timedelta(hours=1))
    decide_risk_update(office.house, person("anna"), second.id, VERDICT, NOW)
    decide_risk_update(office.house, person("anna"), office.update.id, VERDICT, NOW)
    for user, meaning in (("anna", Meaning.AUTHORSHIP), ("boris", Meaning.APPROVAL)):
        sign(office.house, person(user), office.request(meaning), NOW)
    in_force = p1_in_force(office)
    for user, meaning in (("anna", Meaning.AUTHORSHIP), ("boris", Meaning.APPROVAL)):
        sign(office.house, person(user), replace(office.request(meaning), subject_id=second.id), NOW)

    assert p1_in_force(office) == in_force
    assert ["was drafted on version" in w.obstacle for w in waiting(office.house)] == [True]
    with pytest.raises(IntegrityError, match="has changed since"):
        decide_risk_update(office.house, person("anna"), second.id, replace(VERDICT, rationale="Again."), NOW)


def test_a_risk_file_changed_by_hand_without_a_new_version_is_found(office: Office) -> None:
    """After a signed update, the written file of the same version has to be the one that the update was signed on."""
    decide_risk_update(office.house, person("anna"), office.update.id, VERDICT, NOW)
    for user, meaning in (("anna", Meaning.AUTHORSHIP), ("boris", Meaning.APPROVAL)):
        sign(office.house, person(user), office.request(meaning), NOW)
    file = office.house.settings.plans / PLAN / office.house.dossier(PLAN).plan.risk_file
    file.write_text(file.read_text().replace("    p2: ", "    p2: 0.123 # ", 1))
    del office.house.dossiers

    with pytest.raises(IntegrityError, match="changed without a new version"):
        office.house.risk_file(PLAN)


def test_a_signal_walks_to_its_signed_end(office: Office) -> None:
    """Reviewer, medical and risk, approver, owner, approver: each step by those who may, signed where it must be."""
    enrol(office.house, "mia", Role.MEDICAL)
    move(office, "dina", SignalState.VALIDATED)
    move(office, "dina", SignalState.PRIORITISED)
    move(office, "dina", SignalState.ASSESSED)
    assert state(office) is SignalState.PRIORITISED
    sign_move(office, "mia", Meaning.REVIEW, 1)
    assert state(office) is SignalState.PRIORITISED
    sign_move(office, "anna", Meaning.REVIEW, 1)
    assert state(office) is SignalState.ASSESSED
    move(office, "anna", SignalState.ACTION_DECIDED, "monitor")
    sign_move(office, "boris", Meaning.APPROVAL, 2)
    move(office, "anna", SignalState.MONITORED)
    move(office, "anna", SignalState.CLOSED_CONFIRMED)
    assert state(office) is SignalState.MONITORED
    sign_move(office, "chloe", Meaning.APPROVAL, 3)
    last = office.house.signals.events(office.signal.id)[-1]

    assert state(office) is SignalState.CLOSED_CONFIRMED
    assert last.reason == "read the cases (anna, chloe)"
    assert waiting(office.house) == []


def test_steps_cannot_be_skipped_and_codes_are_asked_for(office: Office) -> None:
    """11.10(f): closing before assessing is refused; so is a refusal without its code, and a wrong role."""
    with pytest.raises(TransitionRefusedError, match="cannot go from detected to closed_confirmed"):
        move(office, "boris", SignalState.CLOSED_CONFIRMED)
    with pytest.raises(TransitionRefusedError, match="code"):
        move(office, "dina", SignalState.NOT_VALIDATED, "boring")
    with pytest.raises(RefusedError, match="it takes signal_reviewer"):
        move(office, "boris", SignalState.VALIDATED)
    with pytest.raises(InputError, match="no signal"):
        move_signal(
            office.house, person("dina"), Move(signal_id="SIG-x", target=SignalState.VALIDATED, reason="x"), NOW
        )

    assert state(office) is SignalState.DETECTED


class _Down:
    """Records that do not answer when they are asked for versions of risk files."""

    def has(self, _update_id: str) -> bool:
        """Fail as the records do when their server is down."""
        raise UnavailableError("the server is down", where="records", todo="try again")


def test_what_is_down_is_no_obstacle_of_a_decision(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records that do not answer are an error to be tried again, and not told as what stands in a decision's way."""
    decide_risk_update(office.house, person("anna"), office.update.id, VERDICT, NOW)
    monkeypatch.setitem(office.house.__dict__, "risk_files", _Down())

    with pytest.raises(UnavailableError):
        waiting(office.house)


def test_a_kill_between_signature_and_effect_is_made_good(office: Office) -> None:
    """The signature is there and the process died: whoever runs next carries it out."""
    decide_risk_update(office.house, person("anna"), office.update.id, VERDICT, NOW)
    sign(office.house, person("anna"), office.request(Meaning.AUTHORSHIP), NOW)
    found = office.house.decisions.latest(Subject.RISK_UPDATE, office.update.id)
    assert found is not None
    approval = replace(
        found.valid[0],
        user_id="boris",
        printed_name="Dr. Boris Example",
        meaning=Meaning.APPROVAL,
        role=Role.QUALITY_APPROVER,
    )
    office.house.decisions.sign(approval, "")
    written = p1_in_force(office)
    done = carry_out(office.house, NOW)

    assert done == [f"risk file {office.house.risk_file(PLAN).id} is at version {office.house.risk_file(PLAN).version}"]
    assert p1_in_force(office) != written
    assert carry_out(office.house, NOW) == []
