"""Continuous signing: both components at the first signing, the password at the later ones (21 CFR 11.200(a)(1))."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, select

from include.postmarket.records.engine import reading
from include.postmarket.records.signer_account import Account, SignerEvent, SignerEventKind
from include.postmarket.records.signers import RefusedError, Signers
from include.postmarket.records.signing_tables import signatures


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A continuous period of signing, begun with id and password; ``token`` is known to its owner only."""

    user_id: str
    token: str

    @property
    def mark(self) -> str:
        """What the records keep of the token."""
        return hashlib.sha256(self.token.encode()).hexdigest()


class SigningSessions:
    """The sessions of all signers; one ends by idleness, by age, or because its owner ends it."""

    def __init__(self, engine: Engine, signers: Signers) -> None:
        self._engine = engine
        self._signers = signers

    def open(self, user_id: str, password: str, now: datetime) -> Session:
        """Begin a session with both components (21 CFR 11.200(a)(1)(i)); raises as `Signers.authenticate` does."""
        self._signers.authenticate(user_id, password, now)
        session = Session(user_id=user_id, token=secrets.token_urlsafe(32))
        event = SignerEvent(
            user_id=user_id,
            kind=SignerEventKind.SESSION_OPENED,
            at=now,
            by=user_id,
            reason="signing session",
            secret=session.mark,
        )
        self._signers.tell(event)
        return session

    def end(self, session: Session, now: datetime) -> None:
        """End a session: the next signing needs both components again."""
        event = SignerEvent(
            user_id=session.user_id,
            kind=SignerEventKind.SESSION_ENDED,
            at=now,
            by=session.user_id,
            reason="signing session",
            secret=session.mark,
        )
        self._signers.tell(event)

    def authenticate(self, session: Session, password: str, now: datetime) -> Account:
        """Give the account of a session that still runs, on the password alone (11.200(a)(1)(i), later signings).

        Raises RefusedError when the session was never opened, has ended, or is too old: sign in with id and password.
        """
        events = [e for e in self._signers.events(session.user_id) if e.secret == session.mark]
        with reading(self._engine) as connection:
            last_signed = connection.execute(
                select(signatures.c.signed_at)
                .where(signatures.c.session == session.mark)
                .order_by(signatures.c.signed_at.desc())
                .limit(1)
            ).scalar()
        opened = [e for e in events if e.kind is SignerEventKind.SESSION_OPENED]
        ended = [e for e in events if e.kind is SignerEventKind.SESSION_ENDED]
        if not opened or ended or not self._runs(opened[0].at, last_signed, now):
            raise RefusedError(
                "the signing session has ended", where=f"signer {session.user_id}", todo="sign in with id and password"
            )
        return self._signers.authenticate(session.user_id, password, now)

    def _runs(self, opened: datetime, last_signed: datetime | None, now: datetime) -> bool:
        last = max(opened, last_signed or opened)
        idle, whole = (
            timedelta(minutes=self._signers.policy.session_idle_minutes),
            timedelta(hours=self._signers.policy.session_hours),
        )
        return timedelta(0) <= now - last <= idle and now - opened <= whole
