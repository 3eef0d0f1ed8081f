"""Look into what was recorded: the report of a batch's checks, and whether the audit trail holds."""

from datetime import datetime
from pathlib import Path

from include.postmarket.checks.evidence import report_html
from include.postmarket.model.errors import InputError, IntegrityError
from include.postmarket.records import checkpoints
from include.postmarket.records.bundle import Bundle, export
from include.postmarket.records.chain import Break
from include.postmarket.records.checkpoints import Checkpoint
from include.postmarket.records.engine import reading
from include.postmarket.records.verification import audit_verify, head_of, links, verify
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
    """Give the first record of the trail, or row under its seal, that does not hold; None when all do."""
    with reading(house.engine) as connection:
        return verify(connection)


def verify_against_checkpoints(house: House, folder: Path, public_key: Path) -> Break | None:
    """Give the first checkpoint that the chain does not pass through, None when it passes through all of them."""
    known = checkpoints.read(folder, public_key)
    with reading(house.engine) as connection:
        return checkpoints.first_contradiction(links(connection), known)


def write_checkpoint(house: House, folder: Path, now: datetime) -> Checkpoint:
    """Sign where the chain ends now and keep that outside the database; the key lies in the home of the site.

    Raises IntegrityError when the chain does not hold: what is broken is not to be vouched for.
    """
    with reading(house.engine) as connection:
        broken = audit_verify(connection)
        head = head_of(connection)
    if broken is not None or head is None:
        raise IntegrityError(
            f"the trail does not hold: {broken}", where="audit trail", todo="a person has to look first"
        )
    return checkpoints.write(folder, house.settings.home / "keys", head, now)


def export_audit(house: House, folder: Path, now: datetime) -> Bundle:
    """Write the trail and every sealed row into a folder that can be verified without the database."""
    with reading(house.engine) as connection:
        return export(connection, folder, now)
