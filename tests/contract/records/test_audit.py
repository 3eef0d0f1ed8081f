"""The audit trail on a real server: what was done to it behind our back is found, and the right record is named (G6).

The tamperer here is a superuser who switches the triggers off, and in the harder cases knows how the hashes are made.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import date

import psycopg
import pytest
from sqlalchemy import Engine

from include.postmarket.model.period import Period
from include.postmarket.records.audit import Audit, AuditRecord, Entry
from include.postmarket.records.chain import Break, Fault
from include.postmarket.records.codec import encode
from include.postmarket.records.detection_log import DetectionLog, Run
from include.postmarket.records.engine import reading
from include.postmarket.records.signal_book import SignalBook
from include.postmarket.records.tables import METADATA
from include.postmarket.records.ticket_ledger import TicketLedger
from include.postmarket.records.verification import audit_verify, verify
from tests.postgres import RecordsDatabase
from tests.unit.records import samples
from tests.unit.records.samples import NOW, SITE, STAMP

pytestmark = pytest.mark.postgres
Tamper = Callable[[psycopg.Connection], object]
BENT = "UPDATE detections SET detection = replace(detection::text, '12.0', '1.0')::json"
DOUBLED = (
    "INSERT INTO detections (run_id, key, fingerprint, detection, audit) "
    "SELECT run_id, 'new', fingerprint, detection, audit FROM detections LIMIT 1"
)


def told(engine: Engine, count: int) -> list[AuditRecord]:
    """Write a trail of some records and give them."""
    audit = Audit(engine)
    return [
        audit.tell(
            Entry(at=NOW, actor="ann", action="look", kind="page", subject=f"S-{i}", payload={"n": i, "share": 0.5})
        )
        for i in range(1, count + 1)
    ]


def found_after(records: RecordsDatabase, engine: Engine, *tampering: Tamper) -> Break | None:
    """Let a superuser without triggers tamper, then verify."""
    with records.superuser() as connection:
        connection.execute("SET session_replication_role = replica")  # switches triggers and foreign keys off
        for tamper in tampering:
            tamper(connection)
    with reading(engine) as reader:
        return verify(reader)


def sql(statement: str) -> Tamper:
    """Give a tampering by a statement."""
    return lambda connection: connection.execute(statement.encode())


def rewrite(record: AuditRecord, **changes: object) -> AuditRecord:
    """Give a record with other content and a hash that fits it."""
    changed = replace(record, **changes)  # type: ignore[arg-type]
    return replace(changed, hash=changed.expected_hash())


def put(*forged: AuditRecord) -> Tamper:
    """Give a tampering that puts records in the place of those with their numbers."""

    def tamper(connection: psycopg.Connection) -> None:
        connection.execute("DELETE FROM audit WHERE seq = ANY(%s)", [[r.seq for r in forged]])
        for record in forged:
            values = asdict(record) | {"payload": encode(record.payload)}
            names = ", ".join(values)
            marks = ", ".join(f"%({name})s" for name in values)
            connection.execute(f"INSERT INTO audit ({names}) VALUES ({marks})".encode(), values)

    return tamper


def test_a_trail_that_nobody_touched_holds(engine: Engine) -> None:
    """Records come back as they were told, numbered from 1, each with the hash of the one before; all is well."""
    made = told(engine, 5)
    with reading(engine) as connection:
        broken = audit_verify(connection)

    assert broken is None
    assert tuple(made) == Audit(engine).records()
    assert tuple(made[2:4]) == Audit(engine).records(after=2, limit=2)
    assert (made[3],) == Audit(engine).of_subject("page", "S-4")
    assert [r.hash for r in made[:-1]] == [r.previous for r in made[1:]]


def test_an_empty_trail_holds(engine: Engine) -> None:
    """Nothing was written and nothing is missing."""
    with reading(engine) as connection:
        assert verify(connection) is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "at + interval '1 microsecond'"),
        ("actor", "'bob'"),
        ("action", "'approve'"),
        ("kind", "'Page'"),
        ("subject", "'S-9'"),
        ("payload", '\'{"n":3,"share":0.51}\''),
        ("payload", '\'{"n":3,"share":0.50}\''),  # the same meaning, another byte
        ("payload", '\'{"n": 3,"share":0.5}\''),
        ("payload", "'[]'"),
        ("previous", "repeat('a', 64)"),
        ("hash", "repeat('a', 64)"),
    ],
)
def test_one_altered_field_is_found(records: RecordsDatabase, engine: Engine, column: str, value: str) -> None:
    """Whatever is altered in a record, even one byte of one field, that record is named."""
    told(engine, 5)
    broken = found_after(records, engine, sql(f"UPDATE audit SET {column} = {value} WHERE seq = 3"))

    assert broken is not None
    assert (broken.seq, broken.fault) == (3, Fault.ALTERED)


@pytest.mark.parametrize("seq", [1, 5])
def test_the_first_and_the_last_record_are_not_special(records: RecordsDatabase, engine: Engine, seq: int) -> None:
    """An altered record is named at both ends of the chain too."""
    told(engine, 5)
    broken = found_after(records, engine, sql(f"UPDATE audit SET subject = 'S-9' WHERE seq = {seq}"))

    assert broken is not None
    assert (seq, Fault.ALTERED) == (broken.seq, broken.fault)


@pytest.mark.parametrize("seq", [1, 3, 5])
def test_a_removed_record_is_found(records: RecordsDatabase, engine: Engine, seq: int) -> None:
    """The first, a middle and the last record are missed by their number; without the head the last would not be."""
    told(engine, 5)
    broken = found_after(records, engine, sql(f"DELETE FROM audit WHERE seq = {seq}"))

    assert broken is not None
    assert (seq, Fault.MISSING) == (broken.seq, broken.fault)


def test_a_removed_trail_is_found(records: RecordsDatabase, engine: Engine) -> None:
    """When all are gone, the first is missed; when the head is gone too, that is said."""
    told(engine, 2)
    broken = found_after(records, engine, sql("DELETE FROM audit"))
    headless = found_after(records, engine, sql("DELETE FROM audit_head"))

    assert broken is not None
    assert headless is not None
    assert (broken.seq, broken.fault) == (1, Fault.MISSING)
    assert (headless.seq, headless.fault) == (0, Fault.MISSING)


@pytest.mark.parametrize("seq", [1, 3, 5])
def test_a_record_rewritten_with_a_fitting_hash_is_found(records: RecordsDatabase, engine: Engine, seq: int) -> None:
    """A forger who makes the hash anew is given away by the next record, or by the head: the forged one is named."""
    made = told(engine, 5)
    broken = found_after(records, engine, put(rewrite(made[seq - 1], actor="bob")))

    assert broken is not None
    assert (seq, Fault.ALTERED) == (broken.seq, broken.fault)


def test_two_neighbours_rewritten_with_fitting_hashes_are_found(records: RecordsDatabase, engine: Engine) -> None:
    """When the forger links two forged records to each other, the record after them gives the second away."""
    made = told(engine, 5)
    second = rewrite(made[1], actor="bob")
    third = rewrite(made[2], previous=second.hash)
    broken = found_after(records, engine, put(second, third))

    assert broken is not None
    assert (broken.seq, broken.fault) == (3, Fault.ALTERED)


def test_swapped_records_are_found(records: RecordsDatabase, engine: Engine) -> None:
    """Two records that changed places: the first of the two places is named."""
    made = told(engine, 5)
    broken = found_after(records, engine, put(replace(made[3], seq=2), replace(made[1], seq=4)))

    assert broken is not None
    assert (broken.seq, broken.fault) == (2, Fault.ALTERED)


def test_a_record_inserted_in_the_middle_is_found(records: RecordsDatabase, engine: Engine) -> None:
    """A forged record with a fitting hash, the later ones pushed up: the next one points past it, so it is named."""
    made = told(engine, 5)
    forged = rewrite(made[1], seq=3, previous=made[1].hash, actor="bob")
    pushed = [replace(r, seq=r.seq + 1) for r in made[2:]]
    unlinked = sql("ALTER TABLE audit DROP CONSTRAINT audit_previous_uq")  # which alone would refuse the insert
    broken = found_after(records, engine, unlinked, put(forged, *pushed))

    assert broken is not None
    assert (broken.seq, broken.fault) == (3, Fault.INSERTED)


@pytest.mark.parametrize("seq", [0, 6, 8])
def test_a_record_added_outside_the_chain_is_found(records: RecordsDatabase, engine: Engine, seq: int) -> None:
    """Before the first or after the last, with a fitting hash and link: nobody appended it."""
    made = told(engine, 5)
    broken = found_after(records, engine, put(rewrite(made[4], seq=seq, previous=made[4].hash)))
    expected = {0: (0, Fault.INSERTED), 6: (6, Fault.INSERTED), 8: (6, Fault.MISSING)}[seq]

    assert broken is not None
    assert expected == (broken.seq, broken.fault)


def test_the_first_of_several_is_named(records: RecordsDatabase, engine: Engine) -> None:
    """With three records tampered with, the earliest is the one to look at first."""
    told(engine, 9)
    broken = found_after(
        records,
        engine,
        sql("DELETE FROM audit WHERE seq = 8"),
        sql("UPDATE audit SET actor = 'bob' WHERE seq IN (4, 6)"),
    )

    assert broken is not None
    assert (broken.seq, broken.fault, broken.subject) == (4, Fault.ALTERED, "S-4")
    assert "audit: record 4 about S-4 is altered" in str(broken)


def test_writers_at_once_do_not_fork_the_chain(engine: Engine) -> None:
    """Eight writers of ten records each: eighty records in one chain without gap."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: told(engine, 10), range(8)))
    with reading(engine) as connection:
        broken = audit_verify(connection)

    assert broken is None
    assert list(range(1, 81)) == [r.seq for r in Audit(engine).records()]


@pytest.fixture(name="rows")
def fixture_rows(engine: Engine) -> None:
    """Write two detections, a signal and a ticket that was claimed: rows under seals."""
    run = Run(plan_id="pump", period=Period(date(2026, 3, 1)), stamp=STAMP)
    DetectionLog(engine).record(run, [samples.detection(), samples.detection("model=A")], NOW)
    SignalBook(engine).open([samples.signal()], NOW)
    TicketLedger(engine).plan(SITE, [samples.ticket_plan()], NOW)
    TicketLedger(engine).claim(SITE, samples.ticket_plan().dedupe_key, "", NOW)


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    ("table", "tampering", "fault"),
    [
        ("detections", "UPDATE detections SET key = 'x' WHERE number = 1", Fault.ALTERED),
        ("detections", BENT, Fault.ALTERED),
        ("detections", "DELETE FROM detections WHERE number = 2", Fault.MISSING),
        ("detections", "DELETE FROM detections", Fault.MISSING),
        ("detections", DOUBLED, Fault.INSERTED),
        ("runs", "UPDATE runs SET period_start = '2026-02-01'", Fault.ALTERED),
        ("signals", "UPDATE signals SET opened_at = opened_at - interval '1 day'", Fault.ALTERED),
        ("signals", "UPDATE signals SET audit = 1", Fault.INSERTED),
        ("signal_events", "DELETE FROM signal_events", Fault.MISSING),
        ("tickets", "UPDATE tickets SET state = 'filed', issue_id = '1'", Fault.ALTERED),
        ("tickets", "UPDATE tickets SET attempt = 0", Fault.ALTERED),
        ("tickets", "DELETE FROM tickets", Fault.MISSING),
    ],
)
def test_a_row_that_no_longer_fits_its_record_is_found(
    records: RecordsDatabase, engine: Engine, table: str, tampering: str, fault: Fault
) -> None:
    """The trail seals the rows it tells of: one that is changed, removed or added is found though the chain holds."""
    broken = found_after(records, engine, sql(tampering))

    assert broken is not None
    assert (table, fault) == (broken.table, broken.fault)


@pytest.mark.usefixtures("rows")
def test_a_working_row_put_back_to_an_earlier_state_is_found(records: RecordsDatabase, engine: Engine) -> None:
    """A ticket set back to planned, as its earlier record says, would be sent again: the later record gives it away."""
    broken = found_after(
        records,
        engine,
        sql(
            "UPDATE tickets SET state = 'planned', attempt = 0, "
            "audit = (SELECT min(seq) FROM audit WHERE kind = 'tickets')"
        ),
    )

    assert broken is not None
    assert broken.table == "tickets"


def test_every_table_of_records_is_sealed() -> None:
    """A new table without a seal would not be verified: all but the trail itself and its head have one."""
    unsealed = {name for name, table in METADATA.tables.items() if "audit" not in table.columns}

    assert {"audit", "audit_head"} == unsealed
