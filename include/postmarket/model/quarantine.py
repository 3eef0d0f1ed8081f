"""What a person decides about rows that wait in quarantine: released, repaired or rejected, with a reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from include.postmarket.model.batch import Outcome
from include.postmarket.model.canonical import digest
from include.postmarket.model.errors import InputError, IntegrityError

#: What a decision says in place of a value that never leaves the lake (G4); the landed document holds the value.
KEPT_INSIDE = "(kept inside the lake)"


class Verdict(StrEnum):
    """What becomes of the rows."""

    RELEASE = "release"  # they are used as they are, whatever rule they broke
    REPAIR = "repair"  # they are used with corrected values, and break no rule any more
    REJECT = "reject"  # they are never used


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Who decides, why and when."""

    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One corrected value, spelled as text; None where there is none."""

    row: int
    column: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision about rows of one batch; each row is decided once.

    ``became`` is the batch that holds the rows from then on, empty where they were rejected. ``document`` is the hash
    of what was landed for it.
    """

    batch: str
    verdict: Verdict
    rows: tuple[int, ...]
    changes: tuple[Change, ...]
    grounds: Grounds
    became: str
    document: str

    @property
    def id(self) -> str:
        """The id: the same decision of the same moment is the same one."""
        return digest([self.batch, self.verdict, self.rows, self.changes, self.grounds])[:32]


def refuse_decided(decision: Decision, earlier: Iterable[Decision]) -> None:
    """Do nothing when no earlier decision of the same batch names one of the rows. Raises InputError otherwise."""
    for known in earlier:
        if twice := sorted(set(known.rows) & set(decision.rows)):
            raise InputError(
                f"{len(twice)} row(s) were decided before, the first is row {twice[0]}",
                where=f"batch {decision.batch}",
                todo=f"see the decision of {known.grounds.by} ({known.verdict.value}, {known.grounds.at:%Y-%m-%d}); "
                "it stands",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where all rows of a source are now (G1: pulled = accepted + waiting + rejected + superseded)."""

    pulled: int
    accepted: int
    waiting: int
    rejected: int
    superseded: int


def standing(outcomes: Sequence[Outcome], decisions: Sequence[Decision]) -> Standing:
    """Give where the rows of a source are, after what people decided about those that waited.

    Rows of the desk's own batches were pulled before, by the batch they waited in, and count once. Raises
    IntegrityError when a row would be in two places or in none.
    """
    decided = sum(len(d.rows) for d in decisions)
    found = Standing(
        pulled=sum(o.pulled for o in outcomes if not o.landing.media.by_hand),
        accepted=sum(o.accepted for o in outcomes),
        waiting=sum(o.quarantined for o in outcomes) - decided,
        rejected=sum(len(d.rows) for d in decisions if d.verdict is Verdict.REJECT),
        superseded=sum(o.superseded for o in outcomes),
    )
    if found.pulled != found.accepted + found.waiting + found.rejected + found.superseded:
        raise IntegrityError(
            f"{found.pulled} rows pulled, but {found.accepted} accepted + {found.waiting} in quarantine + "
            f"{found.rejected} rejected + {found.superseded} superseded",
            where="batch index",
            todo="stop and find out who changed it: `python -m include.postmarket audit verify`",
        )
    return found
