"""The audit page: the latest records of the trail, and whether the whole of it holds."""

from dataclasses import dataclass
from datetime import datetime

from include.postmarket.records.audit import AuditRecord
from include.postmarket.records.engine import reading
from include.postmarket.records.verification import Break, verify
from include.postmarket.steps.house import House

LATEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """The latest records, the newest first."""

    records: tuple[AuditRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The answer of a verification and its moment; ``broken`` is None when everything holds."""

    at: datetime
    broken: Break | None


def audit_page(house: House) -> AuditPage:
    """Give the latest records."""
    return AuditPage(records=house.audit.latest(LATEST))


def verified(house: House, now: datetime) -> Verified:
    """Verify the whole trail and every sealed row (G6)."""
    with reading(house.engine) as connection:
        return Verified(at=now, broken=verify(connection))
