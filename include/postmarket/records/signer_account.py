"""What the recorded events of a signer add up to: who it is, what they may do, and whether they may sign now.

Accounts are never changed and never removed, only told more of: an id is one person's for ever (21 CFR 11.100(a)).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from include.postmarket.model.errors import InputError
from include.postmarket.model.role import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningPolicy:
    """The site's controls for passwords and sessions (21 CFR 11.200, 11.300).

    ``version`` names the accountability text that is shown at signing (11.10(j)). Times in days, hours and minutes.
    """

    version: str = "1"
    failures_before_lock: int = 5
    password_days: int = 180
    least_length: int = 12
    remembered: int = 5
    session_idle_minutes: int = 15
    session_hours: int = 8


#: What a signer accepts with every signature; a change of the words is a new `SigningPolicy.version`.
ACCOUNTABILITY = (
    "By signing I take responsibility for this record in the meaning stated. My electronic signature is the legally "
    "binding equivalent of my handwritten one. I have not shared my password with anyone."
)


class SignerEventKind(StrEnum):
    """What happened to an account."""

    ENROLLED = "enrolled"
    GRANTED = "granted"
    REVOKED = "revoked"
    FIRST_PASSWORD = "first_password"  # noqa: S105 - set by an administrator, to be changed before it can sign
    OWN_PASSWORD = "own_password"  # noqa: S105 - chosen by its owner
    FAILED = "failed"
    AUTHENTICATED = "authenticated"
    UNLOCKED = "unlocked"
    DELEGATED = "delegated"
    DELEGATION_ENDED = "delegation_ended"
    DISABLED = "disabled"
    SESSION_OPENED = "session_opened"
    SESSION_ENDED = "session_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerEvent:
    """One thing that happened to an account, and who did it.

    ``role`` and ``training`` belong to a grant, ``role``, ``to_user`` and ``until`` to a delegation; ``printed_name``
    and ``identity_proof`` to the enrolment. ``secret`` is the argon2id hash of a password, or the SHA-256 of a
    session's token; it is never shown.
    """

    user_id: str
    kind: SignerEventKind
    at: datetime
    by: str
    reason: str
    role: Role | None = None
    training: str = ""
    to_user: str = ""
    until: datetime | None = None
    printed_name: str = ""
    identity_proof: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """A role lent to another person until a moment."""

    role: Role
    to_user: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A signer as of now. ``roles`` maps each role to the training record it was granted on (empty: none named).

    ``passwords`` are the hashes of the passwords so far, newest first; ``chosen`` says whether the newest one is the
    owner's own.
    """

    user_id: str
    printed_name: str
    identity_proof: str
    roles: dict[Role, str]
    delegations: tuple[Delegation, ...]
    passwords: tuple[str, ...] = field(repr=False)
    chosen: bool
    password_since: datetime | None
    failures: int
    locked: bool
    disabled: bool

    def lent(self, now: datetime) -> tuple[Delegation, ...]:
        """Give what this person has lent to others and not taken back."""
        return tuple(d for d in self.delegations if d.until > now)


def account_of(events: Iterable[SignerEvent], policy: SigningPolicy) -> Account:
    """Add up the events of one signer, oldest first."""
    enrolled, *later = events
    found = _Fold(policy.failures_before_lock)
    for event in later:
        found.take(event)
    return Account(
        user_id=enrolled.user_id,
        printed_name=enrolled.printed_name,
        identity_proof=enrolled.identity_proof,
        roles=found.roles,
        delegations=tuple(found.delegations),
        passwords=tuple(found.passwords),
        chosen=found.chosen,
        password_since=found.password_since,
        failures=found.failures,
        locked=found.locked,
        disabled=found.disabled,
    )


def why_not_sign(account: Account, policy: SigningPolicy, now: datetime) -> str:
    """Say why the account may not sign now, whatever the password; empty when it may."""
    if account.disabled:
        return "the account is disabled"
    if account.locked:
        return f"the account is locked after {policy.failures_before_lock} failed attempts; an administrator unlocks it"
    if not account.passwords:
        return "the account has no password yet"
    if not account.chosen:
        return "the password was set by an administrator; choose your own first"
    if account.password_since is None or now - account.password_since > timedelta(days=policy.password_days):
        return f"the password is older than {policy.password_days} days; choose a new one first"
    return ""


def check_new_password(password: str, user_id: str, policy: SigningPolicy) -> None:
    """Raise InputError unless a password is long enough, varied, and not made of the user id."""
    faults = []
    if len(password) < policy.least_length:
        faults.append(f"it has {len(password)} characters, {policy.least_length} are asked for")
    if len(password) > 256:
        faults.append("it has more than 256 characters")
    if len(set(password)) < 6:
        faults.append("it is made of fewer than six different characters")
    if user_id.casefold() in password.casefold():
        faults.append("it holds the user id")
    if faults:
        raise InputError(
            f"the password cannot be taken: {'; '.join(faults)}",
            where=f"signer {user_id}",
            todo="choose another one, for example four words of your own",
        )


class _Fold:
    """The state of an account while its events are added up."""

    def __init__(self, failures_before_lock: int) -> None:
        self._most = failures_before_lock
        self.roles: dict[Role, str] = {}
        self.delegations: list[Delegation] = []
        self.passwords: list[str] = []
        self.chosen = False
        self.password_since: datetime | None = None
        self.failures = 0
        self.locked = False
        self.disabled = False

    def take(self, event: SignerEvent) -> None:
        """Add one event."""
        match event.kind:
            case SignerEventKind.GRANTED if event.role is not None:
                self.roles[event.role] = event.training
            case SignerEventKind.REVOKED if event.role is not None:
                self.roles.pop(event.role, None)
                self._end_delegation(event.role)
            case SignerEventKind.FIRST_PASSWORD | SignerEventKind.OWN_PASSWORD:
                self.passwords.insert(0, event.secret)
                self.chosen = event.kind is SignerEventKind.OWN_PASSWORD
                self.password_since = event.at
            case SignerEventKind.DELEGATED if event.role is not None and event.until is not None:
                self.delegations.append(Delegation(role=event.role, to_user=event.to_user, until=event.until))
            case SignerEventKind.DELEGATION_ENDED if event.role is not None:
                self._end_delegation(event.role)
            case _:
                self._take_attempt(event)

    def _take_attempt(self, event: SignerEvent) -> None:
        match event.kind:
            case SignerEventKind.FAILED:
                self.failures += 1
                self.locked = self.locked or self.failures >= self._most
            case SignerEventKind.AUTHENTICATED | SignerEventKind.SESSION_OPENED:
                self.failures = 0
            case SignerEventKind.UNLOCKED:
                self.failures, self.locked = 0, False
            case SignerEventKind.DISABLED:
                self.disabled = True
            case _:
                pass  # the end of a session says nothing of the account

    def _end_delegation(self, role: Role) -> None:
        self.delegations = [d for d in self.delegations if d.role is not role]
