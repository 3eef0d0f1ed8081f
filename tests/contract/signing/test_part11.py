"""21 CFR Part 11, control by control: what must not be possible is tried, and refused (the negative tests).

The controls are those of the project's `part11_controls.csv`; the clause stands in each test's docstring.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import psycopg
import pytest

from include.postmarket.model.errors import InputError, IntegrityError
from include.postmarket.model.role import Role
from include.postmarket.model.signature import Meaning, Subject
from include.postmarket.records.decisions import Withdrawal
from include.postmarket.records.engine import reading
from include.postmarket.records.signer_account import SignerEvent, SignerEventKind
from include.postmarket.records.signers import RefusedError
from include.postmarket.records.verification import verify
from include.postmarket.steps.deciding import decide_risk_update, is_released, propose_plan
from include.postmarket.steps.people import Person
from include.postmarket.steps.signing import Request, sign
from tests.contract.signing.people import (
    NOW,
    PLAN,
    VERDICT,
    Office,
    enrol,
    enrolment,
    password_of,
    person,
)
from tests.postgres import RecordsDatabase

pytestmark = pytest.mark.postgres
WRONG = "not the password at all"


def decided(office: Office) -> None:
    """Let the risk manager decide the update."""
    decide_risk_update(office.house, person("anna"), office.update.id, VERDICT, NOW)


def event(user_id: str, kind: SignerEventKind) -> SignerEvent:
    """Give an event that the administrator tells of an account."""
    return SignerEvent(user_id=user_id, kind=kind, at=NOW, by="adam", reason="as asked")


def lent(until: datetime) -> SignerEvent:
    """Give the event that the approver lends the role to the reviewer until a moment."""
    kind = SignerEventKind.DELEGATED
    return replace(event("boris", kind), role=Role.QUALITY_APPROVER, to_user="dina", until=until)


def test_an_altered_signature_is_named(office: Office, records: RecordsDatabase) -> None:
    """11.10(a): one stored byte is altered, and the verification names the record."""
    decided(office)
    sign(office.house, person("anna"), office.request(Meaning.AUTHORSHIP), NOW)
    with records.superuser() as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE signatures SET signature = replace(signature::text, 'Anna', 'Boris')::json")

    with reading(office.house.engine) as connection:
        broken = verify(connection)

    assert broken is not None
    assert (broken.table, broken.subject) == ("signatures", f"risk_update {office.update.id} version 1")
    with pytest.raises(IntegrityError, match="not as it was made"):
        office.house.decisions.latest(Subject.RISK_UPDATE, office.update.id)


def test_a_stranger_and_a_wrong_role_are_refused(office: Office) -> None:
    """11.10(d), (g): who is not enrolled, and who has not the role, can neither decide nor sign."""
    with pytest.raises(RefusedError, match="user id or password is wrong"):
        decide_risk_update(office.house, person("nobody"), office.update.id, VERDICT, NOW)
    with pytest.raises(RefusedError, match="it takes risk"):
        decide_risk_update(office.house, person("dina"), office.update.id, VERDICT, NOW)
    decided(office)
    with pytest.raises(RefusedError, match="it takes quality_approver"):
        sign(office.house, person("dina"), office.request(Meaning.APPROVAL), NOW)

    assert office.house.decisions.latest(Subject.RISK_UPDATE, office.update.id).signatures == ()  # type: ignore[union-attr]


def test_earlier_decisions_stay_readable(office: Office) -> None:
    """11.10(e): after three decisions, each of them can still be read as it was."""
    reasons = ["First.", "Second.", "Third."]
    for reason in reasons:
        decide_risk_update(office.house, person("anna"), office.update.id, replace(VERDICT, rationale=reason), NOW)
    kept = office.house.decisions.versions(Subject.RISK_UPDATE, office.update.id)

    assert [(k.decision.version, k.decision.content["record"]["decision_rationale"]) for k in kept] == list(
        enumerate(reasons, 1)
    )


@pytest.mark.parametrize("statement", ["UPDATE signatures SET user_id = 'x'", "DELETE FROM signatures"])
def test_a_signature_cannot_be_cut_out(office: Office, records: RecordsDatabase, statement: str) -> None:
    """11.70: not even the superuser's plain statement changes or removes a signature."""
    decided(office)
    sign(office.house, person("anna"), office.request(Meaning.AUTHORSHIP), NOW)

    with records.superuser() as connection, pytest.raises(psycopg.errors.RaiseException, match="superseded"):
        connection.execute(statement.encode())


def test_a_signature_is_of_one_record_and_one_version(office: Office) -> None:
    """11.70: moved to another record it is not taken, and a new version of the record is not signed by the old one."""
    decided(office)
    made = sign(office.house, person("anna"), office.request(Meaning.AUTHORSHIP), NOW)
    propose_plan(office.house, person("anna"), PLAN, NOW)
    moved = replace(made, subject=Subject.PLAN, subject_id=PLAN)
    with pytest.raises(IntegrityError, match="no longer what was to be signed"):
        office.house.decisions.sign(moved, "")
    decide_risk_update(office.house, person("anna"), office.update.id, replace(VERDICT, rationale="Anew."), NOW)
    newest = office.house.decisions.latest(Subject.RISK_UPDATE, office.update.id)

    assert newest is not None
    assert (newest.decision.version, newest.valid) == (2, ())
    with pytest.raises(IntegrityError, match="no longer what was to be signed"):
        office.house.decisions.sign(made, "")
    with pytest.raises(InputError, match="not the newest"):
        sign(office.house, person("boris"), office.request(Meaning.APPROVAL), NOW)


def test_author_and_approver_are_two_people(office: Office) -> None:
    """11.10(g): who decided or signed as author cannot approve, even with both roles; two approvals are not needed."""
    enrol(office.house, "emil", Role.RISK, Role.QUALITY_APPROVER)
    decide_risk_update(office.house, person("emil"), office.update.id, VERDICT, NOW)
    with pytest.raises(InputError, match="cannot approve it"):
        sign(office.house, person("emil"), office.request(Meaning.APPROVAL), NOW)
    sign(office.house, person("emil"), office.request(Meaning.AUTHORSHIP), NOW)
    with pytest.raises(InputError, match="cannot approve it"):
        sign(office.house, person("emil"), office.request(Meaning.APPROVAL), NOW)

    assert not office.house.risk_files.has(office.update.id)


def test_signature_shows_all_it_must(office: Office) -> None:
    """11.50(a): printed name, moment, time zone and meaning, with role and policy; bound to the hash of the record."""
    decided(office)
    made = sign(office.house, person("anna"), office.request(Meaning.AUTHORSHIP), NOW)
    kept = office.house.decisions.latest(Subject.RISK_UPDATE, office.update.id)

    assert kept is not None
    assert kept.valid == (made,)
    assert (made.printed_name, made.at, made.zone) == ("Dr. Anna Example", NOW, "Europe/Berlin")
    assert (made.meaning, made.role, made.for_user, made.policy) == (Meaning.AUTHORSHIP, Role.RISK, "", "1")
    assert made.record_sha256 == kept.decision.sha256


def test_ids_are_never_reused(office: Office) -> None:
    """11.100(a): the id of a person who has left cannot be given to another."""
    office.house.signers.tell(event("dina", SignerEventKind.DISABLED))

    with pytest.raises(InputError, match="is or was a signer"):
        office.house.signers.enrol(enrolment("dina"), by="adam", now=NOW)


@pytest.mark.parametrize("field", ["user_id", "printed_name", "identity_proof"])
def test_no_one_is_enrolled_without_proof_of_who_they_are(office: Office, field: str) -> None:
    """11.100(b): id, printed name and proof of identity have to be there."""
    with pytest.raises(InputError, match="is empty"):
        office.house.signers.enrol(replace(enrolment("fritz"), **{field: " "}), by="adam", now=NOW)


def test_later_signings_of_a_session_take_the_password_and_a_new_session_both(office: Office) -> None:
    """11.200(a)(1): within the session the password alone, after its end id and password again."""
    signers, sessions = office.house.signers, office.house.signing_sessions
    session = sessions.open("anna", password_of("anna"), NOW)
    decided(office)
    inside = Person(user_id="anna", password=password_of("anna"), session=session)
    sign(office.house, inside, office.request(Meaning.AUTHORSHIP), NOW + timedelta(minutes=10))

    assert sessions.authenticate(session, password_of("anna"), NOW + timedelta(minutes=20)).user_id == "anna"
    with pytest.raises(RefusedError, match="wrong"):
        sessions.authenticate(session, WRONG, NOW + timedelta(minutes=20))
    with pytest.raises(RefusedError, match="session has ended"):
        sessions.authenticate(session, password_of("anna"), NOW + timedelta(minutes=26))
    forged = replace(session, token="guessed")
    with pytest.raises(RefusedError, match="session has ended"):
        sessions.authenticate(forged, password_of("anna"), NOW + timedelta(minutes=11))
    sessions.end(session, NOW + timedelta(minutes=12))
    with pytest.raises(RefusedError, match="session has ended"):
        sessions.authenticate(session, password_of("anna"), NOW + timedelta(minutes=13))
    assert session.token not in str(signers.events("anna"))


def test_an_administrator_cannot_sign_for_someone(office: Office) -> None:
    """11.200(a)(2), (3): a password that an administrator set signs nothing before its owner has changed it."""
    decided(office)
    office.house.signers.set_first_password("anna", "set by adam himself", by="adam", now=NOW)
    misused = Person(user_id="anna", password="set by adam himself")

    with pytest.raises(RefusedError, match="choose your own first"):
        sign(office.house, misused, office.request(Meaning.AUTHORSHIP), NOW)
    office.house.signers.choose_password("anna", "set by adam himself", "one of my very own", NOW)
    sign(office.house, Person(user_id="anna", password="one of my very own"), office.request(Meaning.AUTHORSHIP), NOW)


def test_an_old_password_signs_nothing(office: Office) -> None:
    """11.300(b): a password is good for 180 days; the last five cannot come back."""
    decided(office)
    later = NOW + timedelta(days=179)
    with pytest.raises(RefusedError, match="older than 180 days"):
        sign(office.house, person("anna"), office.request(Meaning.AUTHORSHIP), later)
    with pytest.raises(InputError, match="one of the last 5"):
        office.house.signers.choose_password("anna", password_of("anna"), password_of("anna"), later)


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaaaa", "anna is my name here", "x" * 300])
def test_weak_passwords_are_refused(office: Office, password: str) -> None:
    """11.300: too short, too plain, made of the id, or too long to be one."""
    with pytest.raises(InputError, match="cannot be taken"):
        office.house.signers.choose_password("anna", password_of("anna"), password, NOW)


def test_a_disabled_account_signs_nothing_more(office: Office) -> None:
    """11.300(c): a person who has left, or lost control of the password, is disabled for good."""
    decided(office)
    office.house.signers.tell(event("anna", SignerEventKind.DISABLED))

    with pytest.raises(RefusedError, match="disabled"):
        sign(office.house, person("anna"), office.request(Meaning.AUTHORSHIP), NOW)
    with pytest.raises(InputError, match="disabled for good"):
        office.house.signers.tell(event("anna", SignerEventKind.UNLOCKED))


def test_five_failures_lock_and_are_on_record(office: Office) -> None:
    """11.300(d): the fifth wrong password locks; then even the right one is refused until an administrator unlocks."""
    decided(office)
    for _ in range(5):
        with pytest.raises(RefusedError):
            sign(office.house, Person(user_id="anna", password=WRONG), office.request(Meaning.AUTHORSHIP), NOW)
    with pytest.raises(RefusedError, match="locked"):
        sign(office.house, person("anna"), office.request(Meaning.AUTHORSHIP), NOW)
    told = [r.action for r in office.house.audit.of_subject("signer_events", "anna")]
    office.house.signers.tell(event("anna", SignerEventKind.UNLOCKED))

    assert told.count("signer failed") == 6
    assert sign(office.house, person("anna"), office.request(Meaning.AUTHORSHIP), NOW).user_id == "anna"


def test_an_unknown_id_is_told_apart_by_nobody_but_the_trail(office: Office) -> None:
    """11.300(d): the refusal is the same, the attempt is on record, and what was typed as id is not."""
    with pytest.raises(RefusedError) as stranger:
        office.house.signers.authenticate("my secret password", WRONG, NOW)
    with pytest.raises(RefusedError) as known:
        office.house.signers.authenticate("boris", WRONG, NOW)
    security = office.house.audit.of_kind("security", NOW)

    assert str(stranger.value) == str(known.value)
    assert [(r.actor, r.action, r.subject) for r in security] == [("unknown", "signer unknown", "")]


def test_delegation_lends_a_role_for_a_time(office: Office) -> None:
    """A lent role signs in the lender's right, until its end or until it is taken back; both are on record."""
    until = NOW + timedelta(days=7)
    office.house.signers.tell(lent(until))
    decided(office)
    sign(office.house, person("anna"), office.request(Meaning.AUTHORSHIP), NOW)
    with pytest.raises(RefusedError, match="it takes quality_approver"):
        sign(office.house, person("dina"), office.request(Meaning.APPROVAL), until + timedelta(minutes=1))
    made = sign(office.house, person("dina"), office.request(Meaning.APPROVAL), until - timedelta(minutes=1))

    assert (made.role, made.for_user) == (Role.QUALITY_APPROVER, "boris")


def test_delegation_ends_with_the_lenders_role(office: Office) -> None:
    """Who has lost a role, or was disabled, has lent it to nobody."""
    office.house.signers.tell(lent(NOW + timedelta(days=7)))
    office.house.signers.tell(replace(event("boris", SignerEventKind.REVOKED), role=Role.QUALITY_APPROVER))
    decided(office)

    with pytest.raises(RefusedError, match="it takes quality_approver"):
        sign(office.house, person("dina"), office.request(Meaning.APPROVAL), NOW)


def test_a_withdrawn_signature_stays_and_no_longer_counts(office: Office) -> None:
    """Withdrawal is recorded with who, when and why; the decision then waits for the signature again."""
    decided(office)
    made = sign(office.house, person("anna"), office.request(Meaning.AUTHORSHIP), NOW)
    for reason in ("", "signed the wrong one"):
        withdrawal = Withdrawal(signature_id=made.id, at=NOW, by="anna", reason=reason)
        if reason:
            office.house.decisions.withdraw(withdrawal)
        else:
            with pytest.raises(InputError, match="no reason"):
                office.house.decisions.withdraw(withdrawal)
    kept = office.house.decisions.latest(Subject.RISK_UPDATE, office.update.id)

    assert kept is not None
    assert (kept.signatures, kept.valid) == ((made,), ())
    assert [(w.by, w.reason) for w in kept.withdrawn] == [("anna", "signed the wrong one")]


def test_a_clock_moved_back_signs_nothing(office: Office) -> None:
    """A signature with a moment before the last record cannot stand."""
    decided(office)

    with pytest.raises(IntegrityError, match="the clock says"):
        sign(office.house, person("anna"), office.request(Meaning.AUTHORSHIP), NOW - timedelta(hours=1))


def test_two_signers_at_once_and_a_repeated_signing(office: Office) -> None:
    """The same signing again gives the same signature; another meaning by the same person is refused."""
    decided(office)
    first = sign(office.house, person("anna"), office.request(Meaning.AUTHORSHIP), NOW)
    again = sign(office.house, person("anna"), office.request(Meaning.AUTHORSHIP), NOW + timedelta(seconds=5))

    assert again == first
    with pytest.raises(InputError, match="needs no review"):
        sign(office.house, person("anna"), office.request(Meaning.REVIEW), NOW)


def test_a_plan_is_released_by_owner_and_approver(office: Office) -> None:
    """G5: no released plan without both signatures on exactly the plan that is loaded."""
    house = office.house
    propose_plan(house, person("anna"), PLAN, NOW)
    request = Request(subject=Subject.PLAN, subject_id=PLAN, version=1, meaning=Meaning.AUTHORSHIP, zone="UTC")
    sign(house, person("anna"), request, NOW)

    assert not is_released(house, PLAN)
    sign(house, person("boris"), replace(request, meaning=Meaning.APPROVAL), NOW)
    assert is_released(house, PLAN)
    text = (house.settings.plans / PLAN / "plan.yaml").read_text()
    (house.settings.plans / PLAN / "plan.yaml").write_text(text.replace("alpha: 0.002", "alpha: 0.02", 1))
    del house.dossiers
    assert not is_released(house, PLAN)
