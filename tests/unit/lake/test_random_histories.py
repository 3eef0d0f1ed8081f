"""Random histories of a lake: pulls, corrections, kills, decisions and snapshots, against a model of plain tuples."""

import shutil
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from include.postmarket.lake import accept, batches, desk, landing, snapshots
from include.postmarket.lake.accept import Settled
from include.postmarket.lake.index import Lake, MemoryIndex
from include.postmarket.lake.store import FolderStore
from include.postmarket.model.batch import Fetched, Label, Landing, Media, Outcome, Snapshot, Source, Window
from include.postmarket.model.quarantine import Decision, Grounds, Standing, Verdict, standing
from include.postmarket.model.tables import COMPLAINTS
from include.postmarket.sources import complaints
from tests.faults.lake.mortal_store import KilledError, MortalStore
from tests.unit.lake.lake_model import BAD, STOP_ABOVE, Model, ModelBatch, Row, broken, usable

HEADER = "complaint_id,received,model,imdrf_release,problem_code"
WINDOWS = (
    Window(date(2024, 2, 1), date(2024, 3, 1)),
    Window(date(2024, 3, 1), date(2024, 4, 1)),
    Window(date(2024, 2, 15), date(2024, 3, 15)),
)
START = datetime(2024, 4, 2, 6, tzinfo=UTC)
AS_OF = (date(2024, 2, 25), date(2024, 3, 10), date(2024, 4, 1))
DAYS = ["2024-02-20", "2024-03-01", "2024-03-31", "2024-04-01", "2024-06-01", "junk"]

ROW = st.tuples(st.sampled_from(["A", "B", "C", ""]), st.sampled_from(DAYS), st.sampled_from(["X", "Y", "Z", BAD]))
SOUND = st.tuples(st.sampled_from(["A", "B", "C"]), st.sampled_from(DAYS[:4]), st.sampled_from(["X", "Y", "Z"]))
#: Half of the pulls are sound: few histories would have versions to compare if most pulls stopped.
PULLS = (
    st.one_of(st.lists(SOUND, min_size=1, max_size=3, unique_by=lambda row: row[0]), st.lists(ROW, max_size=6)),
    st.sampled_from(WINDOWS),
)
NUMBER = st.integers(0, 30)


class History(RuleBasedStateMachine):
    """The lake and its model, taken through the same events."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="postmarket-history-"))
        self.lake = Lake(FolderStore(self.folder), MemoryIndex())
        self.model = Model()
        self.now = START
        self.taken: list[tuple[Snapshot, set[Row]]] = []

    def teardown(self) -> None:
        """Compare what is known at the end, and remove the lake."""
        try:
            for as_of in AS_OF:
                assert self.model.seen(as_of, self.now) == self._rows(snapshots.take(self.lake.index, as_of))
        finally:
            shutil.rmtree(self.folder)

    @rule(rows=PULLS[0], window=PULLS[1])
    def pull(self, rows: list[Row], window: Window) -> None:
        """Pull rows of some days; the same bytes again change nothing."""
        self._tick()
        if self._pull(self.lake, rows, window):
            self.model.pull(rows, window, self.now)

    @precondition(lambda self: any(b.accepted or b.waiting for b in self.model.published))
    @rule(which=NUMBER, model=st.sampled_from(["X", "Y", "Z"]))
    def correct(self, which: int, model: str) -> None:
        """Pull a record again that was accepted or waits, as it was or corrected."""
        self._tick()
        known = [row for b in self.model.published for row in (*b.waiting.values(), *b.accepted.values())]
        key, day, _ = known[which % len(known)]
        window = next((w for w in WINDOWS if str(w.start) <= day < str(w.end)), WINDOWS[0])
        if self._pull(self.lake, [(key, day, model)], window):
            self.model.pull([(key, day, model)], window, self.now)

    @rule(rows=PULLS[0], window=PULLS[1], dies_at=st.integers(1, 4), moment=st.sampled_from(["before", "after"]))
    def pull_that_dies(self, rows: list[Row], window: Window, dies_at: int, moment: str) -> None:
        """Die at a write: whatever files are left, the lake is as before."""
        self._tick()
        mortal = Lake(MortalStore(FolderStore(self.folder), dies_at, moment), self.lake.index)
        try:
            if self._pull(mortal, rows, window):
                self.model.pull(rows, window, self.now)  # the bytes had been landed, so there were fewer writes
        except KilledError:
            pass

    @precondition(lambda self: any(b.waiting for b in self.model.published))
    @rule(which=NUMBER, row=NUMBER, verdict=st.sampled_from(Verdict), dies=st.booleans())
    def decide(self, which: int, row: int, verdict: Verdict, dies: bool) -> None:
        """Release or reject a row that waits, or all of a batch that stopped; the process may die before it is said."""
        self._tick()
        choices = [b for b in self.model.published if b.waiting]
        chosen = choices[which % len(choices)]
        outcome = self.lake.index.outcomes(Source.COMPLAINTS)[chosen.number]
        number = sorted(chosen.waiting)[row % len(chosen.waiting)]
        if verdict is Verdict.REJECT:
            numbers = sorted(chosen.waiting) if chosen.stopped else [number]
            self._say(outcome, numbers, None)
            self.model.reject(chosen, numbers)
        elif chosen.stopped or usable(chosen.waiting[number], self.now.date()):
            self._take_out(outcome, chosen, number, dies)

    @rule(as_of=st.sampled_from(AS_OF))
    def take_a_snapshot(self, as_of: date) -> None:
        """Keep a snapshot: it has to give the same rows for ever."""
        snapshot = snapshots.take(self.lake.index, as_of)
        self.taken.append((snapshot, self.model.seen(as_of, self.now)))

    @rule(as_of=st.sampled_from(AS_OF), hours=st.integers(0, 40))
    def look_back(self, as_of: date, hours: int) -> None:
        """Compare a snapshot as of a past moment with what was accepted by then."""
        moment = START + timedelta(hours=hours)

        actual = self._rows(snapshots.take(self.lake.index, as_of, moment))

        assert self.model.seen(as_of, moment) == actual

    @invariant()
    def every_row_is_in_one_place(self) -> None:
        """Compare the sum with the model."""
        model, index = self.model, self.lake.index
        expected = Standing(
            pulled=model.pulled,
            accepted=model.accepted,
            waiting=model.waiting,
            rejected=model.rejected,
            superseded=model.superseded,
        )

        actual = standing(index.outcomes(Source.COMPLAINTS), index.decisions(Source.COMPLAINTS))

        assert expected == actual
        assert len(batches.quarantined(self.lake, Source.COMPLAINTS)) == expected.waiting

    @precondition(lambda self: self.taken)
    @rule(which=NUMBER)
    def read_a_kept_snapshot(self, which: int) -> None:
        """Compare it with what it gave when it was taken."""
        snapshot, expected = self.taken[which % len(self.taken)]

        assert expected == self._rows(snapshot)

    def _tick(self) -> None:
        self.now += timedelta(hours=1)

    def _pull(self, lake: Lake, rows: list[Row], window: Window) -> bool:
        content = "\n".join([HEADER, *(f"{key},{day},{model},2024,A07" for key, day, model in rows)]).encode()
        fetched = Fetched(content=content, media=Media.CSV, origin="made", label=Label.SIMULATED)
        landed = landing.land(lake.store, fetched, Source.COMPLAINTS, window, self.now)
        if lake.index.outcome(landed.batch) is not None:
            return False
        read = complaints.read(content, Media.CSV)
        known = batches.known(lake, Source.COMPLAINTS, read)
        taken = accept.take(read, landed, known)
        held = [rows[int(n) - 1] for n in taken.rows["_row"]]
        judged = {int(n): broken(r, held, self.now.date()) for n, r in zip(taken.rows["_row"], held, strict=True)}
        failed = {n: rules for n, rules in judged.items() if rules}
        stops = len(failed) > STOP_ABOVE * len(held)
        settled = accept.stop(taken, failed) if stops else accept.settle(taken, failed, known)
        batches.write(lake, landed, settled)
        lake.index.publish(batches.outcome_of(landed, settled, "too bad" if stops else "", "e" * 64), self.now)
        return True

    def _take_out(self, outcome: Outcome, chosen: ModelBatch, number: int, dies: bool) -> None:
        batch, held = outcome.landing.batch, batches.waiting(self.lake, outcome)
        if chosen.stopped:
            landed = self._landed(Media.DESK_BATCH, outcome.landing.window)
            known = batches.known(self.lake, Source.COMPLAINTS, held, apart=batch)
            settled = desk.settle_stopped(held, landed, known, batch)
        else:
            held = held[held["_row"] == number].reset_index(drop=True)
            landed = self._landed(Media.DESK_ROWS, desk.window_of(held, COMPLAINTS))
            settled = desk.settle(held, landed, batches.known(self.lake, Source.COMPLAINTS, held), batch)
        batches.write(self.lake, landed, settled)
        if dies:
            return
        self._say(outcome, [int(n) for n in held["_row"]], (landed, settled))
        if chosen.stopped:
            self.model.let_through(chosen, self.now)
        else:
            self.model.release(chosen, number, self.now)

    def _landed(self, media: Media, window: Window) -> Landing:
        fetched = Fetched(content=str(self.now).encode(), media=media, origin="desk", label=Label.SIMULATED)
        return landing.land(self.lake.store, fetched, Source.COMPLAINTS, window, self.now)

    def _say(self, outcome: Outcome, rows: list[int], made: tuple[Landing, Settled] | None) -> None:
        decision = Decision(
            batch=outcome.landing.batch,
            verdict=Verdict.RELEASE if made else Verdict.REJECT,
            rows=tuple(rows),
            changes=(),
            grounds=Grounds(by="me", reason="seen", at=self.now),
            became=made[0].batch if made else "",
            document="d" * 64,
        )
        self.lake.index.decide(decision, batches.outcome_of(*made, "", "e" * 64) if made else None)

    def _rows(self, snapshot: Snapshot) -> set[Row]:
        frame: pd.DataFrame = snapshots.read(self.lake, snapshot, Source.COMPLAINTS).execute()
        return {(str(r.complaint_id), f"{r.received:%Y-%m-%d}", str(r.model)) for r in frame.itertuples()}


History.TestCase.settings = settings(max_examples=12, stateful_step_count=12, deadline=None)
TestHistory = History.TestCase
