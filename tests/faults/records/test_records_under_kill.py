"""The records when a writer or the server dies in the middle: all of a transaction or nothing, and the chain holds."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Engine, text

from include.postmarket.model.errors import IntegrityError, UnavailableError
from include.postmarket.model.ticket import TicketState
from include.postmarket.records.audit import Audit, Entry, append
from include.postmarket.records.embedded_postgres import EmbeddedPostgres, Role, start
from include.postmarket.records.engine import connect, reading, writing
from include.postmarket.records.migration import migrate
from include.postmarket.records.ticket_ledger import TicketLedger
from include.postmarket.records.verification import verify
from tests.conftest import ROOT
from tests.postgres import RecordsDatabase
from tests.unit.records.samples import LATER, NOW, SITE, ticket_plan

pytestmark = pytest.mark.postgres
KEY = ticket_plan().dedupe_key
WRITER = """
import sys
from datetime import UTC, datetime
from include.postmarket.records.audit import Audit, Entry
from include.postmarket.records.engine import connect

audit = Audit(connect(sys.argv[1]))
number = 0
while True:
    number += 1
    audit.tell(Entry(at=datetime(2026, 4, 2, tzinfo=UTC), actor="a", action="b", kind="c", subject="d", payload={}))
    print(number, flush=True)
"""


@dataclass(frozen=True, slots=True)
class House:
    """A server of this test's own, which it may kill, with the records on it."""

    server: EmbeddedPostgres
    engine: Engine

    def kill_server(self) -> None:
        """Kill the server without warning."""
        psutil.Process(int((self.server.folder / "data" / "postmaster.pid").read_text().split()[0])).kill()


@pytest.fixture(name="house")
def fixture_house() -> Iterator[House]:
    """Give a server that may be killed; not below ``tmp_path``, see test_embedded_postgres."""
    folder = Path(tempfile.mkdtemp(prefix="postmarket-"))
    server = start(folder)
    server.create_database("records")
    migrate(server.url("records", Role.OWNER))
    engine = connect(server.url("records"))
    yield House(server, engine)
    engine.dispose()
    server.stop()
    shutil.rmtree(folder)


def entry(subject: str) -> Entry:
    """Give something to tell."""
    return Entry(at=NOW, actor="ann", action="look", kind="page", subject=subject, payload={})


def holds(engine: Engine) -> bool:
    """Say whether the whole of the records verifies."""
    with reading(engine) as connection:
        return verify(connection) is None


def test_a_server_killed_in_a_transaction_keeps_nothing_of_it(house: House) -> None:
    """The writer is told that the server is unavailable; after a new start the same engine works, the chain holds."""
    audit = Audit(house.engine)
    audit.tell(entry("before"))

    def write_while_the_server_dies() -> None:
        with writing(house.engine) as connection:
            append(connection, entry("lost"))
            house.kill_server()
            append(connection, entry("lost too"))

    with pytest.raises(UnavailableError):
        write_while_the_server_dies()
    with pytest.raises(UnavailableError):
        audit.records()

    start(house.server.folder)
    audit.tell(entry("after"))

    assert [r.subject for r in audit.records()] == ["before", "after"]
    assert holds(house.engine)


def test_what_a_writer_was_told_is_kept_when_the_server_is_killed(house: House) -> None:
    """Every record whose call returned is there after SIGKILL of the server; at most the one under way is more."""
    command = [sys.executable, "-c", WRITER, house.server.url("records")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as writer:
        if writer.stdout is None:
            raise RuntimeError
        told = [int(writer.stdout.readline()) for _ in range(25)]
        house.kill_server()
        told += [int(line) for line in writer.stdout]
    start(house.server.folder)
    kept = len(Audit(house.engine).records())

    assert kept in {told[-1], told[-1] + 1}
    assert holds(house.engine)


def test_a_killed_writer_leaves_no_lock_and_no_half(records: RecordsDatabase, engine: Engine) -> None:
    """SIGKILL of a process that writes all the time: the next writer goes on at once, in an unbroken chain."""
    for _ in range(3):
        command = [sys.executable, "-c", WRITER, records.url()]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
            if writer.stdout is None:
                raise RuntimeError
            for _ in range(5):
                writer.stdout.readline()
            os.kill(writer.pid, signal.SIGKILL)
        Audit(engine).tell(entry("after"))

    assert holds(engine)
    assert len(Audit(engine).of_subject("page", "after")) == 3


def test_a_claim_survives_the_server(house: House) -> None:
    """A claim that was answered is committed: after the kill the row is sending, and nobody else gets it."""
    ledger = TicketLedger(house.engine)
    ledger.plan(SITE, [ticket_plan()], NOW)
    ledger.claim(SITE, KEY, "PUMP-7", LATER)
    house.kill_server()
    start(house.server.folder)

    sending = ledger.entries(SITE, [TicketState.SENDING])

    assert [(e.plan, e.attempt, e.last_key_seen) for e in sending] == [(ticket_plan(), 1, "PUMP-7")]
    assert ledger.claim(SITE, KEY, "PUMP-7", LATER) is None


def test_an_error_in_a_transaction_takes_the_audit_record_with_it(engine: Engine) -> None:
    """Record and row are one: what fails after the record was written leaves neither."""

    def write_a_naive_moment() -> None:
        with writing(engine) as connection:
            append(connection, entry("lost"))
            append(connection, replace(entry("refused"), at=NOW.replace(tzinfo=None)))

    with pytest.raises(IntegrityError):
        write_a_naive_moment()

    assert Audit(engine).records() == ()
    assert holds(engine)


def test_a_frozen_writer_is_ended_by_the_server(engine: Engine) -> None:
    """Sessions carry the limits that keep a stopped process from holding the chain's lock for ever."""
    with reading(engine) as connection:
        limits = [
            connection.execute(text(f"SHOW {name}")).scalar()
            for name in ("lock_timeout", "idle_in_transaction_session_timeout", "TimeZone")
        ]

    assert limits == ["30s", "1min", "UTC"]


def test_a_writer_that_waits_too_long_is_told_to_try_again(engine: Engine) -> None:
    """While another transaction holds the chain, a writer with no patience gets UnavailableError, not a fork."""

    def write_with_little_patience() -> None:
        with writing(engine) as waiting:
            waiting.execute(text("SET LOCAL lock_timeout = '50ms'"))
            append(waiting, entry("second"))

    with writing(engine) as holder:
        append(holder, entry("first"))
        with pytest.raises(UnavailableError, match="LockNotAvailable"):
            write_with_little_patience()

    assert [r.subject for r in Audit(engine).records()] == ["first"]


def test_a_password_never_reaches_a_message(house: House) -> None:
    """Neither a server that is down nor a refused login shows the password or a value that was to be written."""
    house.server.stop()
    secret = house.server.url("records").split(":")[2].split("@")[0]
    said = []
    for attempt in (
        lambda: connect(house.server.url("records")),
        lambda: Audit(house.engine).tell(entry("Mrs Miller")),
    ):
        with pytest.raises(UnavailableError) as caught:
            attempt()
        said.append(f"{caught.value!r} {caught.value} {caught.value.__cause__}")

    assert secret not in " ".join(said)
    assert "Miller" not in " ".join(said)


def test_many_writers_and_readers_at_once(engine: Engine) -> None:
    """Eight threads plan, claim and file their tickets while others verify: every look finds whole records."""
    ledger = TicketLedger(engine)

    def work(number: int) -> bool:
        plan = ticket_plan(number)
        ledger.plan(SITE, [plan], NOW)
        ledger.claim(SITE, plan.dedupe_key, "", datetime(2026, 4, 2, tzinfo=UTC))
        ledger.filed(SITE, plan.dedupe_key, str(number), f"PUMP-{number}", LATER)
        return holds(engine)

    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(work, range(1, 17)))

    assert all(seen)
    assert len(ledger.entries(SITE, [TicketState.FILED])) == 16
