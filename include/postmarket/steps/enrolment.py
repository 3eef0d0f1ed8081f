"""Who may sign: an administrator, who can never sign, opens and changes accounts (21 CFR 11.10(d), 11.200(a)(3)).

The first account of a site is that of its first administrator; it is opened by whoever sets the site up, and that is on
record like everything else.
"""

from dataclasses import dataclass
from datetime import datetime

from include.postmarket.model.errors import InputError
from include.postmarket.model.role import Role
from include.postmarket.records.signer_account import Account, SignerEvent, SignerEventKind
from include.postmarket.records.signers import Enrolment, RefusedError
from include.postmarket.steps.house import House
from include.postmarket.steps.people import Person, proven

WHERE = "signers"
FIRST = "whoever set up the site"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an administrator, or the owner, wants done to an account; which fields count depends on the kind."""

    user_id: str
    kind: SignerEventKind
    reason: str
    role: Role | None = None
    training: str = ""
    to_user: str = ""
    until: datetime | None = None


def enrol_first_administrator(house: House, new: Enrolment, now: datetime) -> Account:
    """Open the first account of a site, as administrator. Raises RefusedError once there is any account."""
    if house.signers.all():
        raise RefusedError("the site has signers already", where=WHERE, todo="ask an administrator to enrol you")
    house.signers.enrol(new, FIRST, now)
    return house.signers.tell(
        SignerEvent(
            user_id=new.user_id,
            kind=SignerEventKind.GRANTED,
            at=now,
            by=FIRST,
            reason="first administrator",
            role=Role.ADMINISTRATOR,
        )
    )


def enrol(house: House, administrator: Person, new: Enrolment, now: datetime) -> Account:
    """Open an account with a first password; raises as `Signers.enrol` does, RefusedError for who may not."""
    by = proven(house, administrator, {Role.ADMINISTRATOR}, now).user_id
    return house.signers.enrol(new, by, now)


def reset_password(house: House, administrator: Person, user_id: str, password: str, now: datetime) -> None:
    """Set a first password again, which its owner has to change; raises RefusedError for who may not."""
    by = proven(house, administrator, {Role.ADMINISTRATOR}, now).user_id
    house.signers.set_first_password(user_id, password, by, now)


def change_account(house: House, administrator: Person, change: Change, now: datetime) -> Account:
    """Grant or revoke a role, unlock, or disable an account.

    Raises RefusedError for who may not, InputError for a change of one's own account, a role that cannot be granted,
    and a person who would hold both the administration and a right to sign.
    """
    by = proven(house, administrator, {Role.ADMINISTRATOR}, now).user_id
    account = house.signers.account(change.user_id)
    fault = _fault(account, change, by)
    if fault:
        raise InputError(fault, where=f"signer {change.user_id}", todo="ask another administrator, or another person")
    return house.signers.tell(_event(change, by, now))


def lend_role(house: House, owner: Person, change: Change, now: datetime) -> Account:
    """Let the owner of a role lend it to another person until a moment, or take it back.

    Raises RefusedError unless the owner holds the role themselves, InputError for a borrower who is unknown, the
    administrator, or the owner, and for an end that lies in the past.
    """
    if change.role is None or change.role in {Role.ADMINISTRATOR, Role.SYSTEM}:
        raise InputError("that role cannot be lent", where=WHERE, todo="lend one that signs")
    acting = proven(house, owner, {change.role}, now)
    if acting.right[change.role]:
        raise InputError("a role that is lent cannot be lent on", where=WHERE, todo="ask its owner to lend it")
    if change.kind is SignerEventKind.DELEGATED:
        borrower = house.signers.account(change.to_user)
        if (
            borrower is None
            or borrower.disabled
            or Role.ADMINISTRATOR in borrower.roles
            or change.to_user == owner.user_id
        ):
            raise InputError(
                f"{change.to_user!r} cannot take the role", where=WHERE, todo="name another signer who is enrolled"
            )
        if change.until is None or change.until <= now:
            raise InputError("the end of the delegation is not in the future", where=WHERE, todo="give a later day")
    return house.signers.tell(_event(change, owner.user_id, now))


def _fault(account: Account | None, change: Change, by: str) -> str:
    if change.user_id == by:
        return "nobody changes their own account"
    if change.kind is not SignerEventKind.GRANTED or account is None:
        return ""
    if change.role is None or change.role is Role.SYSTEM:
        return "that role cannot be granted"
    both = account.roles.keys() | {change.role}
    if Role.ADMINISTRATOR in both and len(both) > 1:
        return "an administrator cannot sign, and a signer cannot be administrator"
    return ""


def _event(change: Change, by: str, now: datetime) -> SignerEvent:
    return SignerEvent(
        user_id=change.user_id,
        kind=change.kind,
        at=now,
        by=by,
        reason=change.reason,
        role=change.role,
        training=change.training,
        to_user=change.to_user,
        until=change.until,
    )
