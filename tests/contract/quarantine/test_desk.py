"""The quarantine desk on real records: where rows end, what is on record, what runs see, and what is refused."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from include.postmarket.lake import snapshots
from include.postmarket.model.batch import Media, Outcome, Snapshot, Source
from include.postmarket.model.errors import InputError
from include.postmarket.model.quarantine import KEPT_INSIDE, Grounds, Standing, Verdict, standing
from include.postmarket.records.engine import reading
from include.postmarket.records.verification import verify
from include.postmarket.steps import detect, quarantine
from include.postmarket.steps.house import House
from include.postmarket.steps.status import status
from tests.contract.quarantine.conftest import GOOD, NO_CODE, NO_DAY
from tests.faults.loop.small_site import MARCH, NOW, SmallSite

pytestmark = pytest.mark.postgres

APRIL = date(2017, 4, 1)
GROUNDS = Grounds(by="E. Engineer", reason="seen in the device log", at=NOW + timedelta(days=1))


def ids(house: House, snapshot: Snapshot) -> set[str]:
    """Give the ids of the complaints in a snapshot."""
    return set(snapshots.read(house.lake, snapshot, Source.COMPLAINTS).execute()["complaint_id"])


def now(house: House) -> Standing:
    """Give where the complaints are; this proves the sum."""
    return standing(house.batches.outcomes(Source.COMPLAINTS), house.batches.decisions(Source.COMPLAINTS))


@pytest.mark.requirement("G1")
def test_a_released_row_is_used_as_it_is(site: SmallSite, waiting: Outcome) -> None:
    """It ends in accepted, waits no longer, is seen from the decision on and not before; the rule stays on record."""
    house = site.house()
    before = snapshots.take(house.batches, APRIL)

    made = quarantine.release(house, waiting.landing.batch, [29], GROUNDS)

    after = snapshots.take(house.batches, APRIL)
    [decision] = house.batches.decisions(Source.COMPLAINTS)
    evidence = house.evidence.results(made.evidence)
    assert (made.pulled, made.accepted, made.quarantined, made.superseded) == (1, 1, 0, 0)
    assert now(house) == Standing(pulled=30, accepted=29, waiting=1, rejected=0, superseded=0)
    assert ids(house, after) - ids(house, before) == {"C-1"}
    assert snapshots.take(house.batches, APRIL, GROUNDS.at - timedelta(hours=1)) == before
    assert (decision.verdict, decision.rows, decision.grounds) == (Verdict.RELEASE, (29,), GROUNDS)
    assert evidence is not None
    assert evidence["failed"] == [{"row": 29, "key": "C-1", "rules": ["problem_code_valid"]}]


@pytest.mark.requirement("G1")
def test_a_repaired_row_is_used_with_its_new_values(site: SmallSite, waiting: Outcome) -> None:
    """Old and new value are on record, the text as received is kept, and a row repaired to another month is seen."""
    house = site.house()

    quarantine.repair(house, waiting.landing.batch, 30, {"received": "2017-02-27"}, GROUNDS)

    [decision] = house.batches.decisions(Source.COMPLAINTS)
    [change] = decision.changes
    march = snapshots.take(house.batches, date(2017, 3, 1))
    rows = snapshots.read(house.lake, march, Source.COMPLAINTS).execute()
    assert (change.row, change.column, change.old, change.new) == (30, "received", None, "2017-02-27")
    assert (rows["complaint_id"].tolist(), rows["_notes"].tolist()) == (["C-2"], ["repaired"])
    assert '"received": "soon"' in rows["_raw"][0]
    assert snapshots.coverage(house.batches, march, Source.COMPLAINTS) == ()
    assert now(house) == Standing(pulled=30, accepted=29, waiting=1, rejected=0, superseded=0)


@pytest.mark.requirement("G4")
def test_what_is_inside_stays_inside(site: SmallSite, waiting: Outcome) -> None:
    """A corrected serial number is in the lake and in no record."""
    house = site.house()

    quarantine.repair(house, waiting.landing.batch, 29, {"problem_code": "A0705", "serial": "SN-OTHER-SECRET"}, GROUNDS)

    [decision] = house.batches.decisions(Source.COMPLAINTS)
    told = {c.column: (c.old, c.new) for c in decision.changes}
    rows = snapshots.read(house.lake, snapshots.take(house.batches, APRIL), Source.COMPLAINTS).execute()
    assert told == {"problem_code": ("A99", "A0705"), "serial": (KEPT_INSIDE, KEPT_INSIDE)}
    assert "SN-OTHER-SECRET" in set(rows["serial"].dropna())
    with reading(house.engine) as connection:
        assert verify(connection) is None


@pytest.mark.requirement("G1")
def test_a_rejected_row_is_never_used(site: SmallSite, waiting: Outcome) -> None:
    """It counts as rejected, and when it is pulled again it says nothing new."""
    house = site.house()

    quarantine.reject(house, waiting.landing.batch, [29, 30], GROUNDS)
    site.write(Source.COMPLAINTS, [*GOOD, NO_CODE, NO_DAY, GOOD[0].replace("C-00001", "C-NEW")])
    again = site.pull(Source.COMPLAINTS)

    assert (again.accepted, again.quarantined, again.superseded) == (1, 0, 30)
    assert now(house) == Standing(pulled=61, accepted=29, waiting=0, rejected=2, superseded=30)
    assert quarantine.waiting(house, Source) == ()


@pytest.mark.requirement("G1")
def test_a_stopped_batch_is_let_through(site: SmallSite, stopped: Outcome) -> None:
    """Its sound rows are used, a repeated one is superseded, the bad one waits by itself, and its days are observed.

    The ingest that is run again gives what became of it instead of stopping.
    """
    house = site.house()

    made = quarantine.release(house, stopped.landing.batch, [], GROUNDS)

    [waits] = quarantine.waiting(house, Source)
    snapshot = snapshots.take(house.batches, APRIL)
    assert (made.pulled, made.accepted, made.quarantined, made.superseded) == (4, 2, 1, 1)
    assert made.landing.media is Media.DESK_BATCH
    assert now(house) == Standing(pulled=4, accepted=2, waiting=1, rejected=0, superseded=1)
    assert (waits.outcome, dict(waits.rules)) == (made, {"problem_code_valid": 1})
    assert snapshots.coverage(house.batches, snapshot, Source.COMPLAINTS) == (stopped.landing.window,)
    assert site.pull(Source.COMPLAINTS) == made
    assert detect.came_last(house, made.landing.batch, MARCH)
    assert status(house, "")["sources"][1]["stopped"] == []


def test_a_rejected_batch_stays_out(site: SmallSite, stopped: Outcome) -> None:
    """All its rows are rejected, its days stay unobserved, and the ingest that is run again says so."""
    house = site.house()

    quarantine.reject(house, stopped.landing.batch, [], GROUNDS)

    assert now(house) == Standing(pulled=4, accepted=0, waiting=0, rejected=4, superseded=0)
    with pytest.raises(InputError, match="rejected by a person"):
        site.pull(Source.COMPLAINTS)


def test_a_row_that_waited_does_not_go_back_in_time(site: SmallSite, waiting: Outcome) -> None:
    """When a later pull brought the record corrected, releasing the old row leaves the corrected one the newest."""
    house = site.house()
    site.write(Source.COMPLAINTS, [*GOOD, NO_CODE.replace("A99", "A0702")])
    site.pull(Source.COMPLAINTS)

    made = quarantine.release(house, waiting.landing.batch, [29], GROUNDS)

    rows = snapshots.read(house.lake, snapshots.take(house.batches, APRIL), Source.COMPLAINTS).execute()
    assert (made.accepted, made.superseded) == (0, 1)
    assert rows.set_index("complaint_id").loc["C-1", "problem_code"] == "A0702"
    assert now(house) == Standing(pulled=59, accepted=29, waiting=1, rejected=0, superseded=29)


Deed = Callable[[House, str], Any]


def _release(*rows: int) -> Deed:
    return lambda house, batch: quarantine.release(house, batch, rows, GROUNDS)


def _repair(row: int, values: dict[str, str | None]) -> Deed:
    return lambda house, batch: quarantine.repair(house, batch, row, values, GROUNDS)


def _silent(house: House, batch: str) -> Any:
    return quarantine.reject(house, batch, [29], Grounds(by="me", reason=" ", at=datetime(2018, 3, 2, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("deed", "told"),
    [
        (_release(30), "row 30: received is missing"),
        (_release(1), "row 1 does not wait"),
        (_release(), "no row is named"),
        (_repair(29, {"problem_code": "A98"}), "still breaks problem_code_valid"),
        (_repair(29, {"colour": "red"}), "no column colour"),
        (_repair(29, {}), "nothing to correct"),
        (_repair(30, {"received": "2017-13-01"}), "no date"),
        (_repair(30, {"received": "2030-01-01"}), "a day that is not over"),
        (_silent, "a name and a reason"),
    ],
)
def test_what_is_refused_changes_nothing(site: SmallSite, waiting: Outcome, deed: Deed, told: str) -> None:
    """A refused decision says why without quoting a row; no batch, decision or evidence is on record for it."""
    house = site.house()

    with pytest.raises(InputError, match=told) as refused:
        deed(house, waiting.landing.batch)

    assert [word for word in ("SECRET", "Jane", "A98", "2017-13") if word in str(refused.value)] == []
    assert house.batches.outcomes(Source.COMPLAINTS) == (waiting,)
    assert house.batches.decisions(Source.COMPLAINTS) == ()


def test_a_row_is_decided_once(site: SmallSite, waiting: Outcome) -> None:
    """Deciding again is refused, and of a stopped batch no row can be decided by itself."""
    house = site.house()
    quarantine.reject(house, waiting.landing.batch, [29], GROUNDS)

    with pytest.raises(InputError, match="row 29 does not wait"):
        quarantine.release(house, waiting.landing.batch, [29, 30], GROUNDS)


def test_rows_of_a_stopped_batch_are_not_decided_one_by_one(site: SmallSite, stopped: Outcome) -> None:
    """The batch is decided first."""
    house, batch = site.house(), stopped.landing.batch
    deeds: Iterable[Deed] = (_release(1), _repair(4, {"problem_code": "A0705"}))
    for deed in deeds:
        with pytest.raises(InputError, match="stopped as a whole"):
            deed(house, batch)


def test_show_is_for_eyes(site: SmallSite, waiting: Outcome) -> None:
    """A row is shown with its rules, its values and the text as received."""
    found = quarantine.show(site.house(), waiting.landing.batch)

    assert [(row.row, row.rules) for row in found] == [
        (29, ("problem_code_valid",)),
        (30, ("received_readable", "received_present")),
    ]
    assert (found[0].values["serial"], found[0].values["received"]) == ("SN-SECRET", "2017-03-05")
    assert "Jane Doe" in found[0].received
