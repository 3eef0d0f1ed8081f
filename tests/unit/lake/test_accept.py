"""Where rows end: every trap of taking and settling (random sequences: test_random_histories.py)."""

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from include.postmarket.lake import accept, batches, landing
from include.postmarket.lake.accept import Pull, Settled
from include.postmarket.lake.index import Lake, MemoryIndex
from include.postmarket.lake.store import FolderStore
from include.postmarket.model.batch import Fetched, Label, Landing, Media, Source, Window
from include.postmarket.model.errors import IntegrityError
from include.postmarket.sources import complaints

Row = tuple[str, str, str]  # complaint id, received, model

MARCH = Window(date(2024, 3, 1), date(2024, 4, 1))
PULLED = datetime(2024, 4, 2, 6, tzinfo=UTC)
HEADER = "complaint_id,received,model,imdrf_release,problem_code"
BAD = "BAD"


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
    read = complaints.read(landing.content(lake.store, landed), landed.media)
    known = batches.known(lake, Source.COMPLAINTS, read)
    pull = accept.take(read, landed, known)
    settled = accept.settle(pull, _judge(pull), known)
    batches.write(lake, landed, settled)
    lake.index.publish(batches.outcome_of(landed, settled, "", "e" * 64), landed.pulled_at)
    return settled


def _newest(lake: Lake) -> pd.DataFrame:
    rows = pd.DataFrame({"complaint_id": ["A"], "_raw": ["-"]})
    return batches.known(lake, Source.COMPLAINTS, rows).accepted


def _sizes(settled: Settled) -> tuple[int, int, int]:
    return len(settled.accepted), len(settled.quarantined), len(settled.superseded)


@pytest.fixture(name="lake")
def _lake(tmp_path: Path) -> Lake:
    return Lake(FolderStore(tmp_path), MemoryIndex())


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
        newest = _newest(lake).set_index("complaint_id")
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
    read = complaints.read(landing.content(lake.store, landed), landed.media)
    known = batches.known(lake, Source.COMPLAINTS, read)
    pull = accept.take(read, landed, known)
    stopped = accept.stop(pull, _judge(pull))
    batches.write(lake, landed, stopped)
    lake.index.publish(batches.outcome_of(landed, stopped, "too bad", "e" * 64), landed.pulled_at)

    after = _ingest(lake, [*rows, ("C", "2024-03-02", "X")])

    assert _sizes(stopped) == (0, 3, 0)
    assert {r.rule: r.rows for r in stopped.rules} == {"batch_stopped": 2, "marked": 1}
    assert _sizes(after) == (2, 0, 2)


def test_rules_about_rows_that_are_not_there_are_refused(lake: Lake) -> None:
    """Checks that judged other rows than those of the pull cannot be settled."""
    landed = _landed(lake, [("A", "2024-03-02", "X")])
    read = complaints.read(landing.content(lake.store, landed), landed.media)
    known = batches.known(lake, Source.COMPLAINTS, read)
    pull = accept.take(read, landed, known)

    with pytest.raises(IntegrityError, match="row 7"):
        accept.settle(pull, {7: ("x",)}, known)
    with pytest.raises(IntegrityError, match="row 7"):
        accept.stop(pull, {7: ("x",)})
