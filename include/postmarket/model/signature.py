"""Decisions of people and the signatures under them (21 CFR Part 11, subparts B and C)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from include.postmarket.model.canonical import digest
from include.postmarket.model.role import Role


class Subject(StrEnum):
    """What a decision is about."""

    PLAN = "plan"
    RISK_UPDATE = "risk_update"
    SIGNAL = "signal"


class Meaning(StrEnum):
    """What a signature says (21 CFR 11.50(a)(3))."""

    AUTHORSHIP = "authorship"
    REVIEW = "review"
    APPROVAL = "approval"
    RESPONSIBILITY = "responsibility"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One version of what a person decided about one thing; another version is another record.

    ``content`` is the whole of what is signed: the filled-in risk update, the move of a signal, the plan.
    """

    subject: Subject
    subject_id: str
    version: int
    user_id: str
    at: datetime
    content: dict[str, Any]

    @property
    def sha256(self) -> str:
        """The hash that a signature covers: the canonical record with its id and version (21 CFR 11.70)."""
        return digest([self.subject, self.subject_id, self.version, self.content])


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature on one version of one record, with all that it has to show (21 CFR 11.50).

    ``at`` is in UTC and ``zone`` the time zone the signer was in. ``role`` is what the signer acted as, ``for_user``
    whom by delegation (empty: in their own right), ``policy`` the version of the accountability policy shown.
    """

    subject: Subject
    subject_id: str
    version: int
    record_sha256: str
    user_id: str
    printed_name: str
    at: datetime
    zone: str
    meaning: Meaning
    role: Role
    for_user: str
    policy: str

    @property
    def id(self) -> str:
        """The identity of the signature: the hash of all it says, so that no part of it can be exchanged."""
        return digest(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """One signature that a decision needs before it is in force."""

    meaning: Meaning
    role: Role


#: The signatures of a plan and of a risk update: author and approver, who are two people (21 CFR 11.10(g)).
NEEDED: dict[Subject, tuple[Needed, ...]] = {
    Subject.PLAN: (
        Needed(meaning=Meaning.AUTHORSHIP, role=Role.OWNER),
        Needed(meaning=Meaning.APPROVAL, role=Role.QUALITY_APPROVER),
    ),
    Subject.RISK_UPDATE: (
        Needed(meaning=Meaning.AUTHORSHIP, role=Role.RISK),
        Needed(meaning=Meaning.APPROVAL, role=Role.QUALITY_APPROVER),
    ),
}
