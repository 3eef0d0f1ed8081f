"""The signers of a site: who may sign, with which password, and what happened to their accounts (21 CFR 11.100-11.300).

Append-only like every record. A failed attempt is written in a transaction of its own, so that the refusal of what it
was tried for does not take it back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, select, text

from include.postmarket.model.errors import InputError
from include.postmarket.model.role import Role
from include.postmarket.records.audit import Entry, append
from include.postmarket.records.codec import decode
from include.postmarket.records.engine import reading, writing
from include.postmarket.records.passwords import hash_password, matches
from include.postmarket.records.sealed import Act, add_rows
from include.postmarket.records.signer_account import (
    Account,
    SignerEvent,
    SignerEventKind,
    SigningPolicy,
    account_of,
    check_new_password,
    why_not_sign,
)
from include.postmarket.records.signing_tables import signer_events

WHERE = "signers"


class RefusedError(InputError):
    """Who asks could not be told to be who they say, or may not do this; the attempt is on record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A new signer: ``identity_proof`` says what their identity was verified by (21 CFR 11.100(b))."""

    user_id: str
    printed_name: str
    identity_proof: str
    first_password: str


class Signers:
    """The accounts, append-only."""

    def __init__(self, engine: Engine, policy: SigningPolicy | None = None) -> None:
        self._engine = engine
        self.policy = policy or SigningPolicy()

    def all(self) -> tuple[Account, ...]:
        """Give every account there ever was, by id."""
        with reading(self._engine) as connection:
            query = select(signer_events.c.event, signer_events.c.secret).order_by(signer_events.c.number)
            by_user: dict[str, list[SignerEvent]] = {}
            for row in connection.execute(query):
                event = _event(row)
                by_user.setdefault(event.user_id, []).append(event)
        return tuple(account_of(by_user[user], self.policy) for user in sorted(by_user))

    def account(self, user_id: str) -> Account | None:
        """Give one account, None when there never was one of that id."""
        with reading(self._engine) as connection:
            events = _events(connection, user_id)
        return account_of(events, self.policy) if events else None

    def events(self, user_id: str) -> tuple[SignerEvent, ...]:
        """Give what happened to one account, oldest first."""
        with reading(self._engine) as connection:
            return _events(connection, user_id)

    def enrol(self, new: Enrolment, by: str, now: datetime) -> Account:
        """Open an account with a first password, which its owner has to change before it can sign.

        Raises InputError for an id that was ever used, or a field that is empty.
        """
        for name, value in (
            ("user id", new.user_id),
            ("printed name", new.printed_name),
            ("proof", new.identity_proof),
        ):
            if not value.strip() or value != value.strip():
                raise InputError(f"the {name} is empty or has blanks around it", where=WHERE, todo=f"give the {name}")
        check_new_password(new.first_password, new.user_id, self.policy)
        with writing(self._engine) as connection:
            _lock_user(connection, new.user_id)
            if _events(connection, new.user_id):
                raise InputError(
                    f"there is or was a signer {new.user_id!r}",
                    where=WHERE,
                    todo="ids are never reused; choose another",
                )
            opened = SignerEvent(
                user_id=new.user_id,
                kind=SignerEventKind.ENROLLED,
                at=now,
                by=by,
                reason="enrolled",
                printed_name=new.printed_name,
                identity_proof=new.identity_proof,
            )
            first = SignerEvent(
                user_id=new.user_id,
                kind=SignerEventKind.FIRST_PASSWORD,
                at=now,
                by=by,
                reason="enrolled",
                secret=hash_password(new.first_password),
            )
            _tell(connection, [opened, first])
            return account_of(_events(connection, new.user_id), self.policy)

    def tell(self, event: SignerEvent) -> Account:
        """Write what an administrator or the owner did to an account.

        Raises InputError when there is no such account, it is disabled, or no reason is given.
        """
        with writing(self._engine) as connection:
            _lock_user(connection, event.user_id)
            account = self._known(connection, event.user_id)
            if account.disabled:
                raise InputError(
                    f"the account of {event.user_id} is disabled for good", where=WHERE, todo="enrol another id"
                )
            if not event.reason.strip():
                raise InputError("no reason is given", where=WHERE, todo="say why; it stays on record")
            _tell(connection, [event])
            return account_of(_events(connection, event.user_id), self.policy)

    def set_first_password(self, user_id: str, password: str, by: str, now: datetime) -> None:
        """Set a password that the owner has to change before it can sign: a reset ends no lock by itself."""
        check_new_password(password, user_id, self.policy)
        self.tell(
            SignerEvent(
                user_id=user_id,
                kind=SignerEventKind.FIRST_PASSWORD,
                at=now,
                by=by,
                reason="password reset",
                secret=hash_password(password),
            )
        )

    def choose_password(self, user_id: str, old: str, new: str, now: datetime) -> None:
        """Take a password that its owner chose, on the old one.

        Raises RefusedError when the old one is wrong or the account locked or disabled, InputError for a new one that
        is too weak or was used lately.
        """
        self._authenticate(user_id, old, now)
        check_new_password(new, user_id, self.policy)
        with writing(self._engine) as connection:
            _lock_user(connection, user_id)
            account = self._known(connection, user_id)
            if any(matches(stored, new) for stored in account.passwords[: self.policy.remembered]):
                raise InputError(
                    f"it is one of the last {self.policy.remembered} passwords",
                    where=f"signer {user_id}",
                    todo="choose another one",
                )
            _tell(
                connection,
                [
                    SignerEvent(
                        user_id=user_id,
                        kind=SignerEventKind.OWN_PASSWORD,
                        at=now,
                        by=user_id,
                        reason="chosen by its owner",
                        secret=hash_password(new),
                    )
                ],
            )

    def authenticate(self, user_id: str, password: str, now: datetime) -> Account:
        """Give the account of a person who is who they say and may sign now.

        Raises RefusedError, with the attempt on record, for a wrong id or password (which of the two is not said), and
        for an account that is locked, disabled, or has a password that is too old or not its owner's own.
        """
        account = self._authenticate(user_id, password, now)
        reason = why_not_sign(account, self.policy, now)
        if reason:
            raise RefusedError(reason, where=f"signer {user_id}", todo="mend that first; nothing was signed")
        return account

    def _authenticate(self, user_id: str, password: str, now: datetime) -> Account:
        with writing(self._engine) as connection:
            _lock_user(connection, user_id)  # guesses of one account go one after the other, or five locks none
            events = _events(connection, user_id)
            account = account_of(events, self.policy) if events else None
            stored = account.passwords[0] if account and account.passwords else ""
            right = matches(stored, password)
            usable = account is not None and not account.locked and not account.disabled
            if account is None:
                _tell_of_stranger(connection, now)
            elif not (right and usable):
                _tell(connection, [_attempt(account.user_id, SignerEventKind.FAILED, now)])
            elif account.failures:
                _tell(connection, [_attempt(account.user_id, SignerEventKind.AUTHENTICATED, now)])
            after = account_of(_events(connection, user_id), self.policy) if account else None
        if account is not None and usable and right:
            return account
        if after is not None and (after.locked or after.disabled):
            raise RefusedError(
                why_not_sign(after, self.policy, now),
                where=f"signer {user_id}",
                todo="ask an administrator; every attempt is on record",
            )
        raise RefusedError(
            "user id or password is wrong", where=WHERE, todo="try again; failed attempts are on record and lock"
        )

    def _known(self, connection: Connection, user_id: str) -> Account:
        events = _events(connection, user_id)
        if not events:
            raise InputError(f"there is no signer {user_id!r}", where=WHERE, todo="enrol them first")
        return account_of(events, self.policy)


def authority(account: Account, role: Role, lenders: Sequence[Account], now: datetime) -> str | None:
    """Say in whose right an account acts as a role: "" in its own, a lender's id by delegation, None in nobody's.

    A lender who was locked out may still have lent; one who is disabled or has lost the role has not.
    """
    if role in account.roles:
        return ""
    for lender in lenders:
        lent = any(d.role is role and d.to_user == account.user_id for d in lender.lent(now))
        if lent and role in lender.roles and not lender.disabled:
            return lender.user_id
    return None


def _attempt(user_id: str, kind: SignerEventKind, now: datetime) -> SignerEvent:
    return SignerEvent(user_id=user_id, kind=kind, at=now, by=user_id, reason="sign-in")


def _events(connection: Connection, user_id: str) -> tuple[SignerEvent, ...]:
    query = select(signer_events.c.event, signer_events.c.secret).where(signer_events.c.user_id == user_id)
    return tuple(_event(row) for row in connection.execute(query.order_by(signer_events.c.number)))


def _event(row: Row[Any, str]) -> SignerEvent:
    return replace(decode(SignerEvent, row.event), secret=row.secret)


def _tell(connection: Connection, events: Sequence[SignerEvent]) -> None:
    for event in events:
        told = replace(event, secret="")
        row = {"user_id": event.user_id, "at": event.at, "event": told, "secret": event.secret}
        act = Act(at=event.at, actor=event.by, action=f"signer {event.kind.replace('_', ' ')}", subject=event.user_id)
        add_rows(connection, signer_events, [row], act)


def _tell_of_stranger(connection: Connection, now: datetime) -> None:
    """Put an attempt with an unknown id on record, without the id: people type passwords into the wrong field."""
    entry = Entry(
        at=now.astimezone(UTC), actor="unknown", action="signer unknown", kind="security", subject="", payload={}
    )
    append(connection, entry)


def _lock_user(connection: Connection, user_id: str) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:user, 0))"), {"user": f"signer {user_id}"})
