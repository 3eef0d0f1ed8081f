"""Where rows end: every trap of taking and settling, and the sum over random pulls against a small model."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.postmarket.lake import accept, batches, landing
from include.postmarket.lake.accept import Pull, Settled
from include.postmarket.lake.index import Lake, MemoryIndex
from include.postmarket.model.batch import Fetched, Label, Landing, Media, Source, Window
from include.postmarket.model.errors import IntegrityError
from include.postmarket.sources import complaints

Row = tuple[str, str, str]  # complaint id, received, model

MARCH = Window(date(2024, 3, 1), date(2024, 4, 1))
PULLED = datetime(2024, 4, 2, 6, tzinfo=UTC)
HEADER = "complaint_id,received,model,imdrf_release,problem_code"
BAD = "BAD"


@dataclass
class MemoryStore:
    """A store that keeps bytes in a dict."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def put(self, key: str, content: bytes) -> None:
        """Keep."""
        self.kept[key] = content

    def get(self, key: str) -> bytes:
        """Give."""
        return self.kept[key]

    def has(self, key: str) -> bool:
        """Look."""
        return key in self.kept

    def uri(self, key: str) -> str:
        """Nothing opens these by address."""
        raise AssertionError(key)


def _content(rows: list[Row]) -> bytes:
    return "\n".join([HEADER, *(f"{key},{day},{model},2024,A07" for key, day, model in rows)]).encode()


def _landed(lake: Lake, rows: list[Row], window: Window = MARCH, now: datetime = PULLED) -> Landing:
    fetched = Fetched(content=_content(rows), media=Media.CSV, origin="made", label=Label.SIMULATED)
    return landing.land(lake.store, fetched, Source.COMPLAINTS, window, now)


def _judge(pull: Pull) -> dict[int, tuple[str, ...]]:
    """Judge as the checks would: no key, no day, a day to come, marked BAD, or in conflict over a key."""
    rows, failed = pull.rows, {}
    conflict = rows["complaint_id"].notna() & rows["complaint_id"].duplicated(keep=False)
    for (_, row), in_conflict in zip(rows.iterrows(), conflict, strict=True):
        named = {
            "present": pd.isna(row["complaint_id"]) or pd.isna(row["received"]),
            "future": row["received"] > pd.Timestamp(pull.landing.pulled_at.date()),
            "marked": row["model"] == BAD,
            "unique_key": in_conflict,
        }
        if rules := tuple(name for name, broken in named.items() if broken):
            failed[int(row["_row"])] = rules
    return failed


def _ingest(lake: Lake, rows: list[Row], window: Window = MARCH, now: datetime = PULLED) -> Settled:
    landed = _landed(lake, rows, window, now)
    known = batches.known(lake, Source.COMPLAINTS)
    pull = accept.take(complaints.read(landing.content(lake.store, landed), landed.media), landed, known)
    settled = accept.settle(pull, _judge(pull), known)
    batches.write(lake, landed, settled)
    lake.index.publish(batches.outcome_of(landed, settled, "", "e" * 64))
    return settled


def _sizes(settled: Settled) -> tuple[int, int, int]:
    return len(settled.accepted), len(settled.quarantined), len(settled.superseded)


@pytest.fixture(name="lake")
def _lake() -> Lake:
    return Lake(MemoryStore(), MemoryIndex())


def test_rows_of_other_days_are_not_of_this_pull(lake: Lake) -> None:
    """The window's first day belongs to it, the day of its end does not; a row outside is not pulled at all."""
    settled = _ingest(lake, [("A", "2024-02-29", "X"), ("B", "2024-03-01", "X"), ("C", "2024-04-01", "X")])

    assert settled.accepted["complaint_id"].tolist() == ["B"]
    assert settled.pulled == 1


def test_row_that_cannot_be_placed_waits_once(lake: Lake) -> None:
    """A row without a readable day is in every pull of its file: quarantined by the first, superseded by the others."""
    rows: list[Row] = [("A", "someday", "X"), ("B", "2024-02-03", "X"), ("C", "2124-01-01", "X")]

    first = _ingest(lake, rows, Window(date(2024, 2, 1), date(2024, 3, 1)))
    second = _ingest(lake, rows)

    assert (_sizes(first), _sizes(second)) == ((1, 2, 0), (0, 0, 2))
    assert {accept.ALREADY_QUARANTINED} == set(second.superseded["_reason"])


def test_exact_repeats_are_superseded(lake: Lake) -> None:
    """The same row twice in one pull is one row."""
    settled = _ingest(lake, [("A", "2024-03-02", "X"), ("A", "2024-03-02", "X")])

    assert _sizes(settled) == (1, 0, 1)
    assert settled.superseded["_row"].tolist() == [2]


def test_unreadable_rows_are_told_apart_by_their_text(lake: Lake) -> None:
    """Two rows whose days cannot be read look alike once read; both wait, because they were not alike as received."""
    settled = _ingest(lake, [("A", "soon", "X"), ("A", "later", "X"), ("A", "soon", "X")])

    assert _sizes(settled) == (0, 2, 1)


def test_conflicting_rows_wait_all(lake: Lake) -> None:
    """Of two different rows with one key none is picked."""
    settled = _ingest(lake, [("A", "2024-03-02", "X"), ("A", "2024-03-02", "Y"), ("B", "2024-03-02", "X")])

    assert _sizes(settled) == (1, 2, 0)
    assert {"unique_key"} == set(settled.quarantined["_rules"])


def test_pulled_again_nothing_is_new(lake: Lake) -> None:
    """The same rows in other bytes are superseded, the new one is accepted."""
    _ingest(lake, [("A", "2024-03-02", "X")])

    settled = _ingest(lake, [("B", "2024-03-03", "X"), ("A", "2024-03-02", "X")])

    assert _sizes(settled) == (1, 0, 1)
    assert settled.superseded["_reason"].tolist() == [accept.ALREADY_ACCEPTED]


def test_changed_row_supersedes_the_older_version(lake: Lake) -> None:
    """A changed row is accepted and becomes the newest; changed back it is accepted once more."""
    for model in ("X", "Y", "X"):
        settled = _ingest(
            lake,
            [
                ("A", "2024-03-02", model),
                (model + str(len(lake.index.outcomes(Source.COMPLAINTS))), "2024-03-02", model),
            ],
        )

        assert "A" in settled.accepted["complaint_id"].tolist()
        newest = batches.known(lake, Source.COMPLAINTS).accepted.set_index("complaint_id")
        assert model == newest.loc["A", "model"]


def test_bad_row_corrected_later_is_accepted(lake: Lake) -> None:
    """A row that was quarantined holds no place: its corrected version is accepted; unchanged it waits only once."""
    first = _ingest(lake, [("A", "2024-03-02", BAD)])
    second = _ingest(lake, [("A", "2024-03-02", BAD), ("B", "2024-03-02", "X")])
    third = _ingest(lake, [("A", "2024-03-02", "X")])

    assert [_sizes(s) for s in (first, second, third)] == [(0, 1, 0), (1, 0, 1), (1, 0, 0)]


def test_all_rules_of_a_row_are_kept(lake: Lake) -> None:
    """A row that broke two rules counts for both, and is one row."""
    settled = _ingest(lake, [("", "2024-03-02", BAD), ("B", "2024-03-02", BAD)])

    assert settled.quarantined["_rules"].tolist() == ["present,marked", "marked"]
    assert {r.rule: r.rows for r in settled.rules} == {"present": 1, "marked": 2}


def test_stopped_batch_accepts_nothing(lake: Lake) -> None:
    """All rows of a stopped batch wait, sound and repeated ones too, and none of them stands in a later one's way."""
    rows: list[Row] = [("A", "2024-03-02", "X"), ("A", "2024-03-02", "X"), ("B", "2024-03-02", BAD)]
    landed = _landed(lake, rows)
    known = batches.known(lake, Source.COMPLAINTS)
    pull = accept.take(complaints.read(landing.content(lake.store, landed), landed.media), landed, known)
    stopped = accept.stop(pull, _judge(pull))
    batches.write(lake, landed, stopped)
    lake.index.publish(batches.outcome_of(landed, stopped, "too bad", "e" * 64))

    after = _ingest(lake, [*rows, ("C", "2024-03-02", "X")])

    assert _sizes(stopped) == (0, 3, 0)
    assert {r.rule: r.rows for r in stopped.rules} == {"batch_stopped": 2, "marked": 1}
    assert _sizes(after) == (2, 0, 2)


def test_rules_about_rows_that_are_not_there_are_refused(lake: Lake) -> None:
    """Checks that judged other rows than those of the pull cannot be settled."""
    landed = _landed(lake, [("A", "2024-03-02", "X")])
    known = batches.known(lake, Source.COMPLAINTS)
    pull = accept.take(complaints.read(landing.content(lake.store, landed), landed.media), landed, known)

    with pytest.raises(IntegrityError, match="row 7"):
        accept.settle(pull, {7: ("x",)}, known)
    with pytest.raises(IntegrityError, match="row 7"):
        accept.stop(pull, {7: ("x",)})


_DAYS = st.sampled_from(["2024-02-28", "2024-03-01", "2024-03-31", "2024-04-01", "2024-05-01", "junk", ""])
_ROWS = st.lists(st.tuples(st.sampled_from(["A", "B", "C", ""]), _DAYS, st.sampled_from(["X", "Y", BAD])), max_size=8)
_PULLS = st.lists(
    st.tuples(
        _ROWS,
        st.sampled_from(
            [(date(2024, 2, 1), date(2024, 3, 1)), (MARCH.start, MARCH.end), (date(2024, 2, 15), date(2024, 3, 15))]
        ),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=60, deadline=None)
@given(_PULLS)
def test_every_row_ends_once(pulls: list[tuple[list[Row], tuple[date, date]]]) -> None:
    """Over random pulls and re-pulls: the sum holds, no row ends twice, and the ends are those of the model."""
    lake, model = Lake(MemoryStore(), MemoryIndex()), Model()
    for number, (rows, (start, end)) in enumerate(pulls):
        now = PULLED + timedelta(days=number)
        landed = _landed(lake, rows, Window(start, end), now)
        if lake.index.outcome(landed.batch) is not None:
            continue

        settled = _ingest(lake, rows, Window(start, end), now)

        ends = [int(r) for part in (settled.accepted, settled.quarantined, settled.superseded) for r in part["_row"]]
        assert len(ends) == len(set(ends))
        expected = model.pull(rows, start, end, now.date())
        assert expected == _sizes(settled)
    newest = batches.known(lake, Source.COMPLAINTS).accepted
    assert model.newest == {r.complaint_id: (f"{r.received:%Y-%m-%d}", r.model) for r in newest.itertuples()}


@dataclass
class Model:
    """The rules of the house over plain tuples, written a second time."""

    newest: dict[str, tuple[str, str]] = field(default_factory=dict)
    waiting: set[Row] = field(default_factory=set)

    def pull(self, rows: list[Row], start: date, end: date, today: date) -> tuple[int, int, int]:
        """Take one pull in and give how many rows were accepted, quarantined and superseded."""
        accepted = quarantined = superseded = 0
        fresh: list[Row] = []
        for row in rows:
            placed = row[1][:1] == "2" and date.fromisoformat(row[1]) <= today
            within = row[1][:1] == "2" and start <= date.fromisoformat(row[1]) < end
            if placed and not within:
                continue
            if (not placed and not within and row in self.waiting) or row in fresh:
                superseded += 1
            else:
                fresh.append(row)
        was_waiting = set(self.waiting)
        for row in fresh:
            key, day, model = row
            conflict = key and sum(other[0] == key for other in fresh) > 1
            sound = day[:1] == "2" and date.fromisoformat(day) <= today and key and model != BAD and not conflict
            if not sound and row in was_waiting:
                superseded += 1
            elif not sound:
                quarantined += 1
                self.waiting.add(row)
            elif self.newest.get(key) == (day, model):
                superseded += 1
            else:
                accepted += 1
                self.newest[key] = (day, model)
        return accepted, quarantined, superseded
