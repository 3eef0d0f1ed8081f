"""What people decided, in numbered versions, and the signatures under each version (21 CFR 11.50, 11.70, G5)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from include.postmarket.model.canonical import plain
from include.postmarket.model.errors import InputError, IntegrityError
from include.postmarket.model.signature import Decision, Signature, Subject
from include.postmarket.records.audit import lock
from include.postmarket.records.codec import decode
from include.postmarket.records.engine import reading, writing
from include.postmarket.records.sealed import Act, add_rows
from include.postmarket.records.signing_tables import decisions, signature_withdrawals, signatures
from include.postmarket.records.tables import audit

WHERE = "decisions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A signature taken back: it stays on record and no longer counts."""

    signature_id: str
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A decision with every signature on it, and which of them were withdrawn."""

    decision: Decision
    signatures: tuple[Signature, ...]
    withdrawn: tuple[Withdrawal, ...]

    @property
    def valid(self) -> tuple[Signature, ...]:
        """The signatures that count: on exactly this content (its hash is computed anew) and not withdrawn."""
        gone = {w.signature_id for w in self.withdrawn}
        return tuple(s for s in self.signatures if s.record_sha256 == self.decision.sha256 and s.id not in gone)


class Decisions:
    """Decisions and signatures, append-only; a later version of a decision is a record without signatures."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def decide(self, draft: Decision) -> Decision:
        """Write a decision as the next version of its subject, and give it with its number.

        ``draft.version`` is the number that the person decided on top of (0: the first). The same decision of the same
        person twice is written once. Raises IntegrityError when another one was written meanwhile.
        """
        with writing(self._engine) as connection:
            lock(connection)
            last = _latest(connection, draft.subject, draft.subject_id)
            if last is not None and (last.user_id, last.content) == (draft.user_id, _plain(draft.content)):
                return last
            if draft.version != (last.version if last else 0):
                raise IntegrityError(
                    f"{draft.subject.value} {draft.subject_id} was decided anew meanwhile",
                    where=WHERE,
                    todo="look at the newest version and decide again",
                )
            made = Decision(
                subject=draft.subject,
                subject_id=draft.subject_id,
                version=draft.version + 1,
                user_id=draft.user_id,
                at=draft.at,
                content=_plain(draft.content),
            )
            row = {
                "subject": made.subject.value,
                "subject_id": made.subject_id,
                "version": made.version,
                "sha256": made.sha256,
                "decided_at": made.at,
                "decision": made,
            }
            act = Act(at=made.at, actor=made.user_id, action=f"decide {made.subject.value}", subject=_name(made))
            add_rows(connection, decisions, [row], act)
            return made

    def sign(self, signature: Signature, session: str) -> Signature:
        """Write a signature on the newest version of its subject, and give it; twice the same is written once.

        Raises IntegrityError when the record it was made for is not the newest version or has another content, when
        the clock is behind the trail, and InputError when the person has signed this version already.
        """
        with writing(self._engine) as connection:
            lock(connection)
            last = _latest(connection, signature.subject, signature.subject_id)
            if last is None or (last.version, last.sha256) != (signature.version, signature.record_sha256):
                raise IntegrityError(
                    f"{signature.subject.value} {signature.subject_id} is no longer what was to be signed",
                    where=WHERE,
                    todo="look at the newest version and sign that",
                )
            same = [s for s in _signatures(connection, last) if s.user_id == signature.user_id]
            if same:
                return _the_same(same[0], signature)
            _check_clock(connection, signature.at)
            row = {
                "signature_id": signature.id,
                "subject": signature.subject.value,
                "subject_id": signature.subject_id,
                "version": signature.version,
                "user_id": signature.user_id,
                "meaning": signature.meaning.value,
                "signed_at": signature.at,
                "session": session,
                "signature": signature,
            }
            act = Act(at=signature.at, actor=signature.user_id, action="sign", subject=_name(last))
            add_rows(connection, signatures, [row], act)
            return signature

    def withdraw(self, withdrawal: Withdrawal) -> None:
        """Take a signature back, with a reason; twice is written once. Raises InputError for one that is unknown."""
        if not withdrawal.reason.strip():
            raise InputError("no reason is given", where=WHERE, todo="say why; it stays on record")
        with writing(self._engine) as connection:
            lock(connection)
            known = select(signatures.c.signature_id).where(signatures.c.signature_id == withdrawal.signature_id)
            if connection.execute(known).scalar() is None:
                raise InputError(
                    f"there is no signature {withdrawal.signature_id[:12]}",
                    where=WHERE,
                    todo="take its id from the list",
                )
            gone = select(signature_withdrawals.c.by).where(
                signature_withdrawals.c.signature_id == withdrawal.signature_id
            )
            if connection.execute(gone).scalar() is not None:
                return
            row = {
                "signature_id": withdrawal.signature_id,
                "withdrawn_at": withdrawal.at,
                "by": withdrawal.by,
                "reason": withdrawal.reason,
            }
            act = Act(
                at=withdrawal.at, actor=withdrawal.by, action="withdraw signature", subject=withdrawal.signature_id
            )
            add_rows(connection, signature_withdrawals, [row], act)

    def signer_of(self, signature_id: str) -> str | None:
        """Give the id of who made a signature, None when there is none of that id."""
        wanted = select(signatures.c.user_id).where(signatures.c.signature_id == signature_id)
        with reading(self._engine) as connection:
            found: str | None = connection.execute(wanted).scalar()
            return found

    def latest(self, subject: Subject, subject_id: str) -> Signed | None:
        """Give the newest version of a decision with its signatures, None when nothing was decided."""
        with reading(self._engine) as connection:
            last = _latest(connection, subject, subject_id)
            return None if last is None else _signed(connection, last)

    def versions(self, subject: Subject, subject_id: str) -> tuple[Signed, ...]:
        """Give all versions of a decision, oldest first, each with its own signatures."""
        with reading(self._engine) as connection:
            wanted = select(decisions.c.decision).where(
                decisions.c.subject == subject.value, decisions.c.subject_id == subject_id
            )
            stored = connection.execute(wanted.order_by(decisions.c.version)).scalars().all()
            return tuple(_signed(connection, decode(Decision, value)) for value in stored)

    def newest(self, subject: Subject) -> tuple[Signed, ...]:
        """Give the newest version of every decision of a kind, in the order they were first decided."""
        with reading(self._engine) as connection:
            stored = connection.execute(
                select(decisions.c.decision).where(decisions.c.subject == subject.value).order_by(decisions.c.audit)
            ).scalars()
            last = {d.subject_id: d for d in (decode(Decision, value) for value in stored)}
            return tuple(_signed(connection, decision) for decision in last.values())


def _latest(connection: Connection, subject: Subject, subject_id: str) -> Decision | None:
    wanted = select(decisions.c.decision).where(
        decisions.c.subject == subject.value, decisions.c.subject_id == subject_id
    )
    stored = connection.execute(wanted.order_by(decisions.c.version.desc()).limit(1)).scalar()
    return None if stored is None else decode(Decision, stored)


def _signed(connection: Connection, decision: Decision) -> Signed:
    made = _signatures(connection, decision)
    gone = connection.execute(
        select(signature_withdrawals).where(signature_withdrawals.c.signature_id.in_([s.id for s in made]))
    )
    return Signed(
        decision=decision,
        signatures=made,
        withdrawn=tuple(
            Withdrawal(signature_id=w.signature_id, at=w.withdrawn_at, by=w.by, reason=w.reason) for w in gone
        ),
    )


def _signatures(connection: Connection, decision: Decision) -> tuple[Signature, ...]:
    wanted = select(signatures.c.signature_id, signatures.c.signature).where(
        signatures.c.subject == decision.subject.value,
        signatures.c.subject_id == decision.subject_id,
        signatures.c.version == decision.version,
    )
    found = []
    for row in connection.execute(wanted.order_by(signatures.c.audit)):
        signature = decode(Signature, row.signature)
        about = (signature.subject, signature.subject_id, signature.version)
        if signature.id != row.signature_id or about != (decision.subject, decision.subject_id, decision.version):
            raise IntegrityError(
                f"signature {row.signature_id[:12]} is not as it was made, or of another record",
                where=WHERE,
                todo="run `audit verify`; a person has to look",
            )
        found.append(signature)
    return tuple(found)


def _the_same(known: Signature, again: Signature) -> Signature:
    if (known.meaning, known.record_sha256) == (again.meaning, again.record_sha256):
        return known
    raise InputError(
        f"{again.user_id} has signed this version already, as {known.meaning}",
        where=WHERE,
        todo="another person has to give the other signature",
    )


def _check_clock(connection: Connection, at: datetime) -> None:
    newest = connection.execute(select(audit.c.at).order_by(audit.c.seq.desc()).limit(1)).scalar()
    if newest is not None and at < newest:
        raise IntegrityError(
            f"the clock says {at.isoformat(timespec='seconds')}, the last record is of "
            f"{newest.isoformat(timespec='seconds')}",
            where="clock of this machine",
            todo="set the clock right; a signature with a moment before its record cannot stand",
        )


def _plain(content: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = plain(content)
    return made


def _name(decision: Decision) -> str:
    return f"{decision.subject.value} {decision.subject_id} version {decision.version}"
