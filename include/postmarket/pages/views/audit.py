"""The audit page: the latest records of the trail, and whether the whole of it holds."""

from dataclasses import dataclass
from datetime import datetime

from include.postmarket.pages.reading import Reading
from include.postmarket.records.audit import AuditRecord
from include.postmarket.records.chain import Break
from include.postmarket.records.engine import reading as records_reading
from include.postmarket.records.verification import verify

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


def audit_page(reading: Reading) -> AuditPage:
    """Give the latest records."""
    return AuditPage(records=reading.house.audit.latest(LATEST))


def verified(reading: Reading) -> Verified:
    """Verify the whole trail and every sealed row (G6)."""
    with records_reading(reading.house.engine) as connection:
        return Verified(at=reading.ports.now(), broken=verify(connection))
