"""Prints how long it takes to reconcile 100,000 open signals, each with its ticket and a later alarm, with the ledger.

    python -m benchmarks.ledger [SIGNALS]

A PostgreSQL of its own, filled by SQL (the rows are copies of one signal, so only their number is real), and thrown
away. Own CPU is this process; wall time holds the server's work as well, and whatever else the machine does.
"""

import shutil
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine, create_engine, text

from include.postmarket.backlog.text import plan_comment
from include.postmarket.model.period import Period
from include.postmarket.model.signal import Detection, Priority, Signal
from include.postmarket.model.stamp import Stamp
from include.postmarket.model.ticket import TicketPlan, TicketText
from include.postmarket.records import migration
from include.postmarket.records.embedded_postgres import Role, start
from include.postmarket.steps import planning
from include.postmarket.steps.house import House
from include.postmarket.steps.settings import ROOT, Settings

NOW = datetime(2026, 11, 25, tzinfo=UTC)
SITE = "jira"
#: Copies of the first row under new names; the audit number stays that of the first.
COPIES = (
    (
        "INSERT INTO signals SELECT 'SIG-' || n, md5(n::text), 1, plan_id, opened_at, signal, audit "
        "FROM signals, generate_series(2, :n) n WHERE signal_id = :first"
    ),
    (
        "INSERT INTO signal_events (event_id, signal_id, at, event, audit) SELECT event_id || n, 'SIG-' || n, at, "
        "event, audit FROM signal_events, generate_series(2, :n) n WHERE signal_id = :first"
    ),
    (
        "INSERT INTO tickets SELECT site, md5('t' || n), 'SIG-' || n, plan, planned_at, state, attempt, since, "
        "issue_id, issue_key, message, last_key_seen, audit "
        "FROM tickets, generate_series(2, :n) n WHERE signal_id = :first"
    ),
    (
        "INSERT INTO ticket_comments (site, event, dedupe_key, plan, planned_at, state, since, comment_id, audit) "
        "SELECT site, event || n, dedupe_key, plan, planned_at, state, since, comment_id, audit "
        "FROM ticket_comments, generate_series(2, :n) n"
    ),
)


def main(words: list[str]) -> None:
    """Fill, measure three times, print."""
    count = int(words[0]) if words else 100_000
    folder = Path(tempfile.mkdtemp(prefix="postmarket-benchmark-"))
    folder.chmod(0o755)
    server = start(folder / "postgres")
    try:
        server.create_database("postmarket")
        migration.migrate(server.url("postmarket", Role.OWNER))
        house = _house(folder, server.url("postmarket", Role.APP))
        _fill(house, create_engine(server.url("postmarket", Role.OWNER)), count)
        for _ in range(3):
            wall, cpu = time.perf_counter(), time.process_time()
            new = planning.plan_tickets(house, SITE, NOW)
            print(
                f"{count:,} signals, {len(new)} new: {time.perf_counter() - wall:.2f} s wall, "
                f"{time.process_time() - cpu:.2f} s own CPU"
            )
        house.engine.dispose()
    finally:
        server.stop()
        shutil.rmtree(folder)


def _house(folder: Path, url: str) -> House:
    plans = ROOT / "include" / "plans"
    return House(
        Settings(
            home=folder,
            database_url=url,
            lake=folder / "lake",
            plans=plans,
            sources=plans / "sources.yaml",
            site_url="http://127.0.0.1:8080",
        )
    )


def _fill(house: House, owner: Engine, count: int) -> None:
    """Write one signal with its ticket, a later alarm and its comment as the product does, then copy them."""
    signal, later = _signal(), _detection(4)
    house.signals.open([signal], NOW)
    event = house.signals.record_persistence(signal.id, later, signal.stamp, NOW)
    house.tickets.plan(SITE, [_ticket(signal)], NOW)
    house.tickets.plan_comments(SITE, [plan_comment(signal, later, event.id)], NOW)
    with owner.begin() as connection:
        for statement in COPIES:
            connection.execute(text(statement), {"n": count, "first": signal.id})
        connection.execute(text("ANALYZE"))  # as autovacuum would have done long before
    owner.dispose()


def _detection(month: int) -> Detection:
    return Detection(
        plan_id="infusion-pump",
        plan_version="1.0",
        indicator_id="IP-POWER",
        subgroup="software_version=3.2",
        period=Period(date(2026, month, 1)),
        method="rate_change",
        unit="complaints",
        evaluated=True,
        reason="",
        observed=35.0,
        expected=10.0,
        limit=22.0,
        exposure=65062.0,
        statistic=3.5,
        p_value=1e-6,
        adjusted_p=1e-5,
        alarm=True,
        record_ids=tuple(f"C-{number:06d}" for number in range(35)),
        details={},
    )


def _signal() -> Signal:
    stamp = Stamp(
        run_id="RUN-0123456789abcdef",
        as_of=date(2026, 4, 1),
        snapshot="a" * 64,
        plan="infusion-pump@1.0",
        plan_digest="b" * 64,
        code="c" * 64,
    )
    return Signal(
        fingerprint="0" * 32,
        epoch=1,
        plan_id="infusion-pump",
        indicator_id="IP-POWER",
        title="Battery and power complaints per device-day, by software version",
        subgroup="software_version=3.2",
        priority=Priority.HIGH,
        requirements=("IP-REQ-001",),
        risks=("IP-R01",),
        opened_by=_detection(3),
        stamp=stamp,
    )


def _ticket(signal: Signal) -> TicketPlan:
    words = TicketText(summary=signal.title, sections=(), table=(), link_back="http://127.0.0.1:8080/x")
    return TicketPlan(
        dedupe_key="d" * 32,
        signal_id=signal.id,
        project="PMS",
        issue_type="Bug",
        priority="High",
        labels=("pms",),
        link_type="Relates",
        requirement_issues=("REQ-1",),
        text=words,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
