"""Who acts: a person who proves who they are, and in whose right they act (21 CFR 11.10(d), (g), 11.200)."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from include.postmarket.model.role import Role
from include.postmarket.records.signer_account import Account
from include.postmarket.records.signers import RefusedError, authority
from include.postmarket.records.signing_sessions import Session
from include.postmarket.steps.house import House

WHERE = "signing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who acts, and by what they prove it: id and password, or the password in a session that they opened."""

    user_id: str
    password: str
    session: Session | None = None

    def __repr__(self) -> str:
        """Show who it is and never the password."""
        return f"Person({self.user_id!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A person who is who they say, the roles they may act in, and in whose right each (empty: their own)."""

    user_id: str
    roles: tuple[Role, ...]
    right: dict[Role, str]


def proven(house: House, person: Person, roles: AbstractSet[Role], now: datetime) -> Proven:
    """Give the person with the roles, of those asked for, that they may act in.

    Raises RefusedError when they cannot prove who they are (the attempt is on record) or have none of the roles.
    """
    account = _account(house, person, now)
    everyone = house.signers.all()
    right = {role: whose for role in sorted(roles) if (whose := authority(account, role, everyone, now)) is not None}
    if not right:
        raise RefusedError(
            f"{person.user_id} may not do this: it takes {' or '.join(sorted(role.value for role in roles))}",
            where=WHERE,
            todo="ask someone with that role, or an administrator to grant it",
        )
    return Proven(user_id=account.user_id, roles=tuple(right), right=right)


def proven_alone(house: House, person: Person, now: datetime) -> str:
    """Give the id of a person who proves who they are, whatever their roles. Raises RefusedError as `proven` does."""
    return _account(house, person, now).user_id


def _account(house: House, person: Person, now: datetime) -> Account:
    if person.session is not None:
        return house.signing_sessions.authenticate(person.session, person.password, now)
    return house.signers.authenticate(person.user_id, person.password, now)
