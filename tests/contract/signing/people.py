"""A site with people who may sign, one signal of the infusion pump and the risk update drafted from it."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

from include.postmarket.model.batch import Label, Window
from include.postmarket.model.risk import RiskUpdate
from include.postmarket.model.role import Role
from include.postmarket.model.signal import Signal
from include.postmarket.model.signature import Meaning, Subject
from include.postmarket.records import passwords
from include.postmarket.records.signer_account import SignerEvent, SignerEventKind
from include.postmarket.records.signers import Enrolment
from include.postmarket.risk.decision import Answer, Decision, Verdict
from include.postmarket.risk.evidence import Evidence
from include.postmarket.risk.update import Occasion, draft_update
from include.postmarket.steps.house import House
from include.postmarket.steps.people import Person
from include.postmarket.steps.signing import Request
from tests.unit.records import samples

NOW = datetime(2026, 4, 2, 9, 0, tzinfo=UTC)
PLAN = "infusion-pump"
RISK = "IP-R01"
PEOPLE = {
    "anna": (Role.RISK, Role.OWNER),
    "boris": (Role.QUALITY_APPROVER,),
    "chloe": (Role.QUALITY_APPROVER, Role.MEDICAL),
    "dina": (Role.SIGNAL_REVIEWER,),
}
ANSWERS = dict.fromkeys(
    ("new_hazard", "risk_no_longer_acceptable", "overall_residual_risk", "state_of_the_art_changed"), Answer.NO
)
VERDICT = Verdict(
    answers=ANSWERS | {"risk_no_longer_acceptable": Answer.YES},
    decision=Decision.ESTIMATE_UPDATED,
    rationale="The field shows more failures than the design assumed.",
)


@dataclass(frozen=True, kw_only=True)
class Office:
    """The house, the signal and the update that the tests work on."""

    house: House
    signal: Signal
    update: RiskUpdate

    def request(self, meaning: Meaning, version: int = 1) -> Request:
        """Give the request to sign the risk update's decision."""
        return Request(
            subject=Subject.RISK_UPDATE,
            subject_id=self.update.id,
            version=version,
            meaning=meaning,
            zone="Europe/Berlin",
        )


def password_of(user_id: str) -> str:
    """Give the password that a person of these tests has chosen."""
    return f"correct horse battery {sum(map(ord, user_id))}"


def person(user_id: str) -> Person:
    """Give a person with the right password."""
    return Person(user_id=user_id, password=password_of(user_id))


def open_office(house: House) -> Office:
    """Enrol everyone, open the signal, and draft the risk update."""
    house.signers.enrol(enrolment("adam"), by="first", now=NOW - timedelta(days=3))
    grant(house, "adam", Role.ADMINISTRATOR)
    for user_id, roles in PEOPLE.items():
        enrol(house, user_id, *roles)
    signal = replace(
        samples.signal(),
        plan_id=PLAN,
        indicator_id="IP-POWER",
        requirements=("IP-REQ-001",),
        risks=(RISK,),
        stamp=replace(samples.STAMP, plan=f"{PLAN}@1.0"),
    )
    house.signals.open([signal], NOW - timedelta(days=1))
    update = drafted(house, signal)
    house.risk_updates.propose([update], NOW - timedelta(days=1))
    return Office(house=house, signal=signal, update=update)


def drafted(house: House, signal: Signal, events: int = 60) -> RiskUpdate:
    """Give the update of the power risk, drafted from so many failures in 100,000 device-days."""
    dossier = house.dossier(PLAN)
    item = next(i for i in house.risk_file(PLAN).items if i.id == RISK)
    evidence = Evidence(
        events=events,
        exposure=100_000.0,
        unit="device_days",
        window=Window(date(2026, 3, 1), date(2026, 4, 1)),
        record_keys=("C-1",),
        query_sha256="a" * 64,
        dataset_sha256="b" * 64,
        label=Label.SIMULATED,
        limitations="A test.",
    )
    moment = NOW - timedelta(days=1)
    occasion = Occasion(stamp=signal.stamp, detected_utc=moment, created_utc=moment)
    return draft_update(signal, item, house.risk_file(PLAN), dossier.requirements, evidence, occasion)


def enrolment(user_id: str) -> Enrolment:
    """Give the enrolment of a person with a first password."""
    return Enrolment(
        user_id=user_id,
        printed_name=f"Dr. {user_id.capitalize()} Example",
        identity_proof="passport seen by HR on 2026-03-01",
        first_password="a first password to change",
    )


def enrol(house: House, user_id: str, *roles: Role) -> None:
    """Enrol a person, grant the roles with a training record, and let them choose a password of their own."""
    house.signers.enrol(enrolment(user_id), by="adam", now=NOW - timedelta(days=2))
    for role in roles:
        grant(house, user_id, role)
    own = SignerEvent(
        user_id=user_id,
        kind=SignerEventKind.OWN_PASSWORD,
        at=NOW - timedelta(days=2),
        by=user_id,
        reason="chosen by its owner",
        secret=_hashed(password_of(user_id)),
    )
    house.signers.tell(own)


def grant(house: House, user_id: str, role: Role) -> None:
    """Grant a role on a training record."""
    event = SignerEvent(
        user_id=user_id,
        kind=SignerEventKind.GRANTED,
        at=NOW - timedelta(days=2),
        by="adam",
        reason="job description",
        role=role,
        training="TR-2026-7",
    )
    house.signers.tell(event)


@cache
def _hashed(password: str) -> str:
    """Hash each password once a run: the hash is slow on purpose."""
    return passwords.hash_password(password)
