"""Signing: one person, one version of one record, one meaning (21 CFR 11.50, 11.70, 11.200)."""

from dataclasses import dataclass
from datetime import datetime

from include.postmarket.model.errors import InputError
from include.postmarket.model.signature import Meaning, Signature, Subject
from include.postmarket.records.decisions import Signed
from include.postmarket.steps.carrying_out import carry_out
from include.postmarket.steps.house import House
from include.postmarket.steps.needed import needed_of
from include.postmarket.steps.people import WHERE, Person, proven


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be signed: the version that the person read, its meaning, and the time zone they are in."""

    subject: Subject
    subject_id: str
    version: int
    meaning: Meaning
    zone: str


def sign(house: House, person: Person, request: Request, now: datetime) -> Signature:
    """Sign one version of a decision, then carry out what has become complete; gives the signature.

    Raises RefusedError when the person cannot prove who they are or has no authority for this meaning, InputError when
    the version is no longer the newest, the meaning is not needed, or author and approver would be one person.
    """
    found = house.decisions.latest(request.subject, request.subject_id)
    if found is None or found.decision.version != request.version:
        raise InputError(
            f"version {request.version} of {request.subject} {request.subject_id} is not the newest one",
            where=WHERE,
            todo="read the newest version and sign that",
        )
    needed = [n for n in needed_of(found.decision) if n.meaning is request.meaning]
    if not needed:
        meanings = ", ".join(dict.fromkeys(n.meaning.value for n in needed_of(found.decision)))
        raise InputError(
            f"{request.subject} {request.subject_id} needs no {request.meaning}",
            where=WHERE,
            todo=f"sign as {meanings}",
        )
    account = house.signers.account(person.user_id)
    _check_two_people(found, request, person.user_id)
    acting = proven(house, person, {n.role for n in needed}, now)
    already = {s.role for s in found.valid}
    role = next((r for r in acting.roles if r not in already), acting.roles[0])
    signature = Signature(
        subject=request.subject,
        subject_id=request.subject_id,
        version=request.version,
        record_sha256=found.decision.sha256,
        user_id=person.user_id,
        printed_name=account.printed_name if account else "",
        at=now,
        zone=request.zone,
        meaning=request.meaning,
        role=role,
        for_user=acting.right[role],
        policy=house.signers.policy.version,
    )
    made = house.decisions.sign(signature, person.session.mark if person.session else "")
    carry_out(house, now)
    return made


def _check_two_people(found: Signed, request: Request, user_id: str) -> None:
    """Refuse that who decided approves, and that one person gives two signatures (author and approver differ)."""
    others = {s.user_id for s in found.valid if s.meaning is not request.meaning}
    if request.meaning is Meaning.APPROVAL and user_id in {found.decision.user_id, *others}:
        raise InputError(
            f"{user_id} decided or signed this already and cannot approve it", where=WHERE, todo="ask another approver"
        )
