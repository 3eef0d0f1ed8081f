"""Every repository on a real server: what is written comes back equal, and writing it twice changes nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select

from include.postmarket.model.batch import Snapshot, Source
from include.postmarket.model.effect import Effect
from include.postmarket.model.errors import InputError, IntegrityError, UnavailableError
from include.postmarket.model.period import Period
from include.postmarket.model.quarantine import Verdict
from include.postmarket.model.register import Difference, ImportRecord, Item, Link, LinkKey
from include.postmarket.model.signal import SignalState
from include.postmarket.records.batch_index import BatchIndex
from include.postmarket.records.decisions import Decisions, Withdrawal
from include.postmarket.records.detection_log import DetectionLog, Run
from include.postmarket.records.effect_results import EffectResults
from include.postmarket.records.engine import connect, reading
from include.postmarket.records.evidence import Evidence
from include.postmarket.records.power_log import PowerLog
from include.postmarket.records.register import Register
from include.postmarket.records.requirement_book import REQUIREMENTS, Arrival, Clearing, RequirementBook
from include.postmarket.records.risk_files import RiskFiles
from include.postmarket.records.risk_updates import RiskUpdates
from include.postmarket.records.signal_book import EventKind, KeptSignal, SignalBook
from include.postmarket.records.signers import Signers
from include.postmarket.records.tables import METADATA
from include.postmarket.records.ticket_ledger import TicketLedger
from include.postmarket.records.ticket_standings import TicketStandings
from include.postmarket.records.verification import verify
from tests.postgres import RecordsDatabase
from tests.unit.records import samples
from tests.unit.records.samples import LATER, NOW, SITE, STAMP

pytestmark = pytest.mark.postgres
RUN = Run(plan_id="pump", period=Period(date(2026, 3, 1)), stamp=STAMP)


def counted(engine: Engine) -> dict[str, int]:
    """Give the number of rows of every table."""
    with reading(engine) as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in METADATA.tables.items()
        }


def write_all(engine: Engine) -> None:
    """Write one of everything, as a whole run does."""
    BatchIndex(engine).publish(samples.outcome(), samples.NOW)
    BatchIndex(engine).decide(samples.decision(), samples.outcome("2" * 64))
    Evidence(engine).keep({"suite": "complaints", "success": True}, NOW)
    Evidence(engine).keep_snapshot(Snapshot(as_of=date(2026, 4, 1), batches=("b", "a")), NOW)
    DetectionLog(engine).record(RUN, [samples.detection(), samples.detection("model=A")], NOW)
    PowerLog(engine).record("POW-1", STAMP.run_id, samples.power(), NOW)
    SignalBook(engine).open([samples.signal()], NOW)
    SignalBook(engine).record_persistence(samples.signal().id, samples.detection(month=4), STAMP, NOW)
    SignalBook(engine).record_move(
        samples.signal().id, SignalState.DETECTED, SignalState.VALIDATED, "evidence reviewed", NOW
    )
    RiskUpdates(engine).propose([samples.risk_update()], NOW)
    Register(engine).load_requirements([samples.requirement()], NOW)
    Register(engine).load_risk_file(samples.risk_file(), NOW)
    write_signatures(engine)
    _write_register(engine)
    ledger = TicketLedger(engine)
    ledger.plan(SITE, [samples.ticket_plan()], NOW)
    ledger.claim(SITE, samples.ticket_plan().dedupe_key, "PUMP-1", NOW)
    ledger.filed(SITE, samples.ticket_plan().dedupe_key, "10001", "PUMP-2", NOW)
    ledger.plan_comments(SITE, [samples.comment_plan()], NOW)
    ledger.comment_done(SITE, samples.comment_plan().event, "20001", NOW)
    TicketStandings(engine).record([samples.standing()])
    TicketStandings(engine).decide(samples.rejection_decision())
    EffectResults(engine).record(samples.effect())


def write_signatures(engine: Engine) -> None:
    """Write a signer, a decision, a signature that is withdrawn, and a version of a risk file."""
    if Signers(engine).account("anna") is None:
        Signers(engine).enrol(samples.enrolment(), "adam", NOW)
    decided = Decisions(engine).decide(samples.decision_to_sign())
    made = Decisions(engine).sign(samples.signature(decided), "")
    Decisions(engine).withdraw(Withdrawal(signature_id=made.id, at=NOW, by="anna", reason="a test"))
    written = samples.risk_file()
    RiskFiles(engine).bring_in_force(written, samples.risk_file("2", p1=2e-6), "RU-1", NOW)


def _write_register(engine: Engine) -> None:
    item = Item(id="R-2", text="The motor shall brake.", links=(Link(role="refines", target="R-1"),))
    record = ImportRecord(
        register="pump", sequence=1, format="csv", source="r.csv", sha256="ab", generator="postmarket", new=1,
        changed=0,
        removed=0, listed=("r.csv:2: warning: something",),
    )  # fmt: skip
    key = LinkKey(register="pump", item="R-2", role="refines", target="R-1")
    book = RequirementBook(engine)
    book.take(
        Arrival(record=record, part=REQUIREMENTS, difference=Difference(new=(item,)), stamps={key: "old"}, after=0), NOW
    )
    book.clear([Clearing(key=key, stamp="new", by="A. Reviewer", reason="same brake")], NOW)

    assert book.items("pump") == {"R-2": item}
    assert book.imports("pump") == (record,)
    assert [(stamp.stamp, stamp.sequence) for stamp in book.stamps("pump").values()] == [("new", 2)]


def test_everything_twice_changes_nothing_twice(engine: Engine) -> None:
    """A retry of a whole run adds no row anywhere, not even to the audit trail, and all of it verifies (G10)."""
    write_all(engine)
    once = counted(engine)
    write_all(engine)

    with reading(engine) as connection:
        broken = verify(connection)

    assert once == counted(engine)
    assert 0 not in once.values()
    assert broken is None


def test_what_is_said_of_a_ticket_comes_back_and_only_news_is_kept(engine: Engine) -> None:
    """A standing like the last one is no news, a return to an earlier one is; an undecided effect is asked again."""
    standings, effects = TicketStandings(engine), EffectResults(engine)
    first = samples.standing()
    other = replace(first, standing=replace(first.standing, status="Done", category="done"))
    written = [standings.record([kept]) for kept in (first, first, other, first)]
    undecided = replace(samples.effect(), result=replace(samples.effect().result, effect=Effect.NOT_EVALUATED))
    longer = replace(samples.effect(), result=replace(samples.effect().result, months=4))
    told = [effects.record(kept) for kept in (undecided, undecided, longer, samples.effect())]

    assert written == [(first,), (), (other,), (first,)]
    assert standings.all() == (first, other, first)
    assert standings.of_ticket(SITE, first.dedupe_key) == first == standings.latest(SITE)[first.dedupe_key]
    assert standings.decide(samples.rejection_decision())
    assert standings.decision(SITE, first.dedupe_key) == samples.rejection_decision()
    assert told == [True, False, True, False]
    assert effects.all() == (undecided, longer)


def test_batches_come_back_in_the_order_of_acceptance(engine: Engine) -> None:
    """Outcomes are numbered by source from 1, and the order of publishing is kept whatever the hashes."""
    index = BatchIndex(engine)
    ours = [samples.outcome(sha) for sha in ("f" * 64, "0" * 64, "8" * 64)]
    other = samples.outcome("1" * 64, Source.REPORTS)
    for outcome in (ours[0], other, *ours[1:], ours[0]):
        index.publish(outcome, samples.NOW)

    assert tuple(ours) == index.outcomes(Source.COMPLAINTS)
    assert tuple(enumerate(ours, start=1)) == index.sequence(Source.COMPLAINTS)
    assert ((1, other),) == index.sequence(Source.REPORTS)
    assert other == index.outcome(other.landing.batch)
    assert index.outcome("unknown") is None


def test_another_outcome_of_a_published_batch_is_refused(engine: Engine) -> None:
    """Two settlements of the same bytes that differ are for a person; the published one stays."""
    index = BatchIndex(engine)
    index.publish(samples.outcome(), samples.NOW)

    with pytest.raises(IntegrityError, match="another outcome"):
        index.publish(replace(samples.outcome(), accepted=8, quarantined=1), samples.NOW)

    assert (samples.outcome(),) == index.outcomes(Source.COMPLAINTS)


def test_decisions_come_back_with_the_batch_they_made(engine: Engine) -> None:
    """A decision and its batch are published together, once; a row that was decided is refused with nothing written."""
    index, made = BatchIndex(engine), samples.outcome("2" * 64)
    index.publish(samples.outcome(), NOW)
    index.decide(samples.decision(), made)
    again = replace(samples.decision(), verdict=Verdict.REJECT, became="")

    with pytest.raises(InputError, match="decided before"):
        index.decide(again, samples.outcome("3" * 64))

    assert (samples.outcome(), made) == index.outcomes(Source.COMPLAINTS)
    assert (samples.decision(),) == index.decisions(Source.COMPLAINTS)
    assert () == index.decisions(Source.REPORTS)


def test_what_was_published_at_a_moment(engine: Engine) -> None:
    """Batches are asked for as of a moment; a clock that runs behind does not put a batch before an earlier one."""
    index = BatchIndex(engine)
    first, second = samples.outcome("0" * 64), samples.outcome("1" * 64)
    index.publish(first, LATER)
    index.publish(second, NOW)

    assert () == index.outcomes(Source.COMPLAINTS, NOW)
    assert (first, second) == index.outcomes(Source.COMPLAINTS, LATER)


def test_a_source_is_settled_by_one_at_a_time(engine: Engine, records: RecordsDatabase) -> None:
    """A second process waits for the first, another source does not, and a failure inside gives the source back."""
    other = connect(records.url())
    with BatchIndex(engine).alone(Source.COMPLAINTS):
        with BatchIndex(other).alone(Source.REPORTS):
            pass
        with pytest.raises(UnavailableError, match="accepting rows of complaints"), impatient(other):
            pass
    with pytest.raises(KeyError), BatchIndex(engine).alone(Source.COMPLAINTS):
        raise KeyError
    with impatient(other):
        pass
    other.dispose()


@contextmanager
def impatient(engine: Engine) -> Iterator[None]:
    """Ask for the complaints on a session that waits a fifth of a second for a lock."""

    def hurry(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute("SET lock_timeout = '200ms'")
        connection.commit()

    event.listen(engine, "checkout", hurry)
    try:
        with BatchIndex(engine).alone(Source.COMPLAINTS):
            yield
    finally:
        event.remove(engine, "checkout", hurry)


def test_evidence_and_snapshots_are_found_by_their_hash(engine: Engine) -> None:
    """Check results and snapshots come back under the hash that the model gives them, batches in their order."""
    evidence = Evidence(engine)
    results = {"rules": [{"rule": "x", "share": 0.1 + 0.2, "nul": "a\u0000b"}], "success": False}
    snapshot = Snapshot(as_of=date(2026, 4, 1), batches=("b", "a"))

    assert results == evidence.results(evidence.keep(results, NOW))
    assert snapshot == evidence.snapshot(evidence.keep_snapshot(snapshot, NOW))
    assert evidence.results("unknown") is None
    assert evidence.snapshot("unknown") is None


def test_a_number_without_a_spelling_is_refused(engine: Engine) -> None:
    """Nan cannot be computed again from JSON: it is refused, and nothing of the run is kept."""
    log = DetectionLog(engine)

    with pytest.raises(IntegrityError, match="JSON spelling"):
        log.record(RUN, [replace(samples.detection(), statistic=float("nan"))], NOW)

    assert log.run(STAMP.run_id) is None


def test_detections_come_back_by_run_and_by_fingerprint(engine: Engine) -> None:
    """A run's detections keep their order; a fingerprint's history holds every run's answer."""
    log = DetectionLog(engine)
    found = [samples.detection("model=B"), samples.detection(), samples.detection("model=A", observed=None)]
    again = Run(plan_id="pump", period=Period(date(2026, 4, 1)), stamp=samples.other_stamp("detect-2026-04"))

    assert log.record(RUN, found, NOW) == 3
    assert log.record(again, [samples.detection(month=4)], LATER) == 1
    assert tuple(found) == log.detections(STAMP.run_id)
    assert (RUN, again) == log.runs("pump")
    assert ((RUN, found[1]), (again, samples.detection(month=4))) == log.history(found[1].fingerprint)


def test_a_run_that_gives_another_answer_is_stopped(engine: Engine) -> None:
    """The same run, tried again, must give the same bits (G2): another number, stamp or period is refused."""
    log = DetectionLog(engine)
    log.record(RUN, [samples.detection()], NOW)

    with pytest.raises(IntegrityError, match="two answers"):
        log.record(RUN, [replace(samples.detection(), expected=0.3)], LATER)
    with pytest.raises(IntegrityError, match="two answers"):
        log.record(RUN, [samples.detection("x"), samples.detection("x", observed=1.0)], LATER)
    with pytest.raises(IntegrityError, match="another stamp"):
        log.record(replace(RUN, stamp=replace(STAMP, code="c")), [], LATER)

    assert (samples.detection(),) == log.detections(STAMP.run_id)


def test_a_run_may_be_completed_by_a_retry(engine: Engine) -> None:
    """A retry that brings more than the first try adds only what is missing."""
    log = DetectionLog(engine)
    log.record(RUN, [samples.detection()], NOW)

    assert log.record(RUN, [samples.detection(), samples.detection("model=A")], LATER) == 1


def test_one_signal_for_a_fingerprint_and_epoch(engine: Engine) -> None:
    """A second opening gives nothing new; the next epoch is another signal and the latest one (G3)."""
    book = SignalBook(engine)
    first, second = samples.signal(), samples.signal(epoch=2)

    assert (first,) == book.open([first, first], NOW)
    assert book.open([replace(first, title="other words")], LATER) == ()
    assert (first, SignalState.DETECTED) == book.latest(first.fingerprint)
    assert (second,) == book.open([first, second], LATER)
    assert (second, SignalState.DETECTED) == book.latest(first.fingerprint)
    assert book.latest("unknown") is None
    assert [first, second] == [kept.signal for kept in book.all()]


def test_persistence_is_written_once_and_keeps_its_first_moment(engine: Engine) -> None:
    """The same detection told by a catch-up run with another id adds nothing and gives the event on record."""
    book, signal, later = SignalBook(engine), samples.signal(), samples.detection(month=4)
    book.open([signal], NOW)
    event = book.record_persistence(signal.id, later, STAMP, NOW)
    attached = book.record_attachment(signal.id, samples.detection("model=A"), STAMP, NOW)

    assert event == book.record_persistence(signal.id, later, samples.other_stamp("catch-up"), LATER)
    assert [e.kind for e in book.events(signal.id)] == [EventKind.OPENED, EventKind.PERSISTED, EventKind.ATTACHED]
    assert (later, attached.detection) == book.all()[0].alarms
    assert KeptSignal(signal=signal, state=SignalState.DETECTED, alarms=book.all()[0].alarms) == book.signal(signal.id)


def test_a_move_is_compare_and_set(engine: Engine) -> None:
    """A signal moves from the state it is in; moving it again is nothing, from a third state a person must look."""
    book, signal = SignalBook(engine), samples.signal()
    book.open([signal], NOW)

    assert book.record_move(signal.id, SignalState.DETECTED, SignalState.VALIDATED, "reviewed", NOW)
    assert not book.record_move(signal.id, SignalState.DETECTED, SignalState.VALIDATED, "reviewed", LATER)
    with pytest.raises(IntegrityError, match="is validated, not detected"):
        book.record_move(signal.id, SignalState.DETECTED, SignalState.NOT_VALIDATED, "duplicate", LATER)
    assert (signal, SignalState.VALIDATED) == book.latest(signal.fingerprint)

    persisted = book.record_persistence(signal.id, samples.detection(month=4), STAMP, LATER)

    assert persisted.state is SignalState.VALIDATED


@pytest.mark.parametrize(
    "tell",
    [
        lambda book: book.record_persistence("SIG-x-1", samples.detection(), STAMP, NOW),
        lambda book: book.record_move("SIG-x-1", SignalState.DETECTED, SignalState.VALIDATED, "why", NOW),
    ],
)
def test_a_signal_that_was_never_opened_has_no_events(engine: Engine, tell: Callable[[SignalBook], object]) -> None:
    """Telling of an unknown signal is refused; asking for it gives nothing."""
    book = SignalBook(engine)

    with pytest.raises(InputError, match="SIG-x-1"):
        tell(book)

    assert book.events("SIG-x-1") == ()
    assert book.signal("SIG-x-1") is None


def test_one_risk_update_for_a_signal_and_risk_item(engine: Engine) -> None:
    """The first draft stays; a second one for the same item is not new, one for another item is."""
    SignalBook(engine).open([samples.signal()], NOW)
    updates, first, other = RiskUpdates(engine), samples.risk_update(), samples.risk_update("RISK-2")

    assert (first,) == updates.propose([first, first], NOW)
    assert (other,) == updates.propose([replace(first, id="RU-again", reason="other"), other], LATER)
    assert first == updates.update(first.id)
    assert updates.update("RU-again") is None
    assert (first, other) == updates.of_signal(samples.signal().id) == updates.all()


def test_the_register_keeps_every_revision(engine: Engine) -> None:
    """A changed text is a new revision, and so is one that comes back; each can be read by its stamp."""
    register, old, new = Register(engine), samples.requirement(), samples.requirement("The pump runs for 9 h.")

    assert [register.load_requirements([r], NOW) for r in (old, old, new, old)] == [1, 0, 1, 1]
    assert (old, new, old) == register.requirement_revisions(old.id)
    assert new == register.requirement(new.id, new.stamp)
    assert register.requirement(new.id, "unknown") is None


def test_the_risk_file_keeps_every_revision(engine: Engine) -> None:
    """The matrix and each item are kept by version; only what changed is written again."""
    register = Register(engine)

    assert [
        register.load_risk_file(f, NOW)
        for f in (samples.risk_file(), samples.risk_file(), samples.risk_file("2", p1=2e-6))
    ] == [2, 0, 2]
    assert (samples.risk_item(), samples.risk_item(2e-6)) == register.risk_item_revisions("RISK-1")


def test_moments_of_other_zones_are_the_same_moment(engine: Engine) -> None:
    """A moment told in another zone is kept in UTC, and the audit trail verifies."""
    zone = timezone(timedelta(hours=5, minutes=30))
    TicketLedger(engine).plan(SITE, [samples.ticket_plan()], NOW.astimezone(zone))
    entry = TicketLedger(engine).entry(SITE, samples.ticket_plan().dedupe_key)
    with reading(engine) as connection:
        broken = verify(connection)

    assert entry is not None
    assert timedelta(0) == entry.since.utcoffset()
    assert entry.since == NOW
    assert broken is None


def test_a_moment_without_a_zone_is_refused(engine: Engine) -> None:
    """A naive datetime is not a moment."""
    with pytest.raises(IntegrityError, match="time zone"):
        TicketLedger(engine).plan(SITE, [samples.ticket_plan()], NOW.replace(tzinfo=None))

    assert TicketLedger(engine).entry(SITE, samples.ticket_plan().dedupe_key) is None
