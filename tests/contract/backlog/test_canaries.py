"""G4 end to end: canaries in everything a signal touches never reach the stand-in, a log or an error trace."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from include.postmarket.backlog.comments import write_comments
from include.postmarket.backlog.desk import Desk
from include.postmarket.backlog.filing import file_tickets
from include.postmarket.backlog.memory import MemoryLedger
from include.postmarket.backlog.report import Result
from include.postmarket.backlog.settings import FilingSettings
from include.postmarket.backlog.text import plan_comment, plan_ticket, product_words
from tests.contract.backlog.conftest import Site
from tests.contract.jira_sandbox.conftest import TOKEN
from tests.unit.backlog.worlds import CHAIN, EVIDENCE, PLAN, detection, signal

CANARIES = ("Jane Roe", "jane.roe@example.org", "00482213", "617-555-0123", "PX44Z19-000177")
NARRATIVE = "Nurse Jane Roe (jane.roe@example.org, 617-555-0123): patient MRN 00482213, S/N PX44Z19-000177."


def everything_the_stand_in_holds(site: Site) -> bytes:
    """Give the bytes of its database, write-ahead log included."""
    arguments = site.running.process.args
    assert isinstance(arguments, list)
    data = Path(str(arguments[arguments.index("--data") + 1]))
    return b"".join(path.read_bytes() for path in sorted(data.parent.glob(f"{data.name}*")))


@pytest.mark.requirement("G4")
def test_canaries_stay_inside(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """Where they may lie they are not taken along; where they must not, ticket and comment are blocked."""
    caplog.set_level(logging.DEBUG)
    desk = Desk(
        settings=FilingSettings(site=site.running.url, product_words=product_words(PLAN, CHAIN)),
        tracker=site.client(),
        ledger=MemoryLedger(),
        now=site.clock.now,
        sleep=site.clock.sleep,
    )
    alarm = detection(details={"last": NARRATIVE}, record_ids=CANARIES, reason=NARRATIVE)
    honest = signal(opened_by=alarm)
    leaking = signal(epoch=2, opened_by=alarm, title=f"Late alarm. {NARRATIVE}")
    plans = [replace(plan_ticket(one, PLAN, CHAIN, EVIDENCE), requirement_issues=()) for one in (honest, leaking)]
    report = file_tickets(desk, plans)
    comments = [plan_comment(honest, alarm, "2026-04"), plan_comment(honest, alarm, "2026-05")]
    comments[1] = replace(comments[1], lines=(NARRATIVE,))
    desk.ledger.plan_comments(site.running.url, comments, site.clock.now())
    written = write_comments(desk)
    outside = everything_the_stand_in_holds(site).decode(errors="replace")
    told = f"{report} {written} {caplog.text}"

    assert [outcome.result for outcome in report.outcomes] == [Result.FILED, Result.PARKED]
    assert [outcome.result for outcome in written] == ["written", "blocked"]
    assert "Undelivered insulin" in outside
    assert [canary for canary in (*CANARIES, TOKEN) if canary in outside or canary in told] == []
