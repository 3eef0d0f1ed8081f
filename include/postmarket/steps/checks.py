"""Look into what was recorded: the report of a batch's checks, and whether the audit trail holds."""

from include.postmarket.checks.evidence import report_html
from include.postmarket.model.errors import InputError
from include.postmarket.records.engine import reading
from include.postmarket.records.verification import Break, audit_verify
from include.postmarket.steps.house import House


def report(house: House, batch: str) -> str:
    """Give the readable report (HTML, no network needed) of a batch's checks.

    Raises InputError when there is no such batch.
    """
    outcome = house.batches.outcome(batch)
    evidence = house.evidence.results(outcome.evidence) if outcome else None
    if evidence is None:
        raise InputError(
            f"there is no accepted or stopped batch {batch!r}",
            where="batch index",
            todo="take the id from `python -m include.postmarket status --json`, key sources",
        )
    return report_html(evidence)


def verify_audit(house: House) -> Break | None:
    """Give the first record of the audit trail that does not hold, None when all do."""
    with reading(house.engine) as connection:
        return audit_verify(connection)
