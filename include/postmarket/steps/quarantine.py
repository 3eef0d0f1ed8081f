"""The quarantine desk: what waits and why, and a person's decision about it. Pages and command line call these.

What `show` gives holds rows as they were received, for an authorised person's eyes: it goes to no log and no error.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from include.postmarket.checks import codes
from include.postmarket.checks.result import CheckResult, History, Limits
from include.postmarket.checks.run import check
from include.postmarket.lake import batches, desk, landing
from include.postmarket.lake.accept import Settled
from include.postmarket.model.batch import Fetched, Landing, Media, Outcome, Source, Window
from include.postmarket.model.canonical import canonical_json
from include.postmarket.model.errors import InputError
from include.postmarket.model.quarantine import KEPT_INSIDE, Change, Decision, Grounds, Verdict
from include.postmarket.model.tables import TABLES
from include.postmarket.steps.house import House
from include.postmarket.steps.landings import keep_landing

SCHEMA = "postmarket/quarantine-decision/1"
_ORIGIN = "quarantine desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingBatch:
    """Rows of one batch that wait: how many, and how many for each rule they broke. ``stopped``: the batch does."""

    outcome: Outcome
    rows: int
    rules: Mapping[str, int]

    @property
    def stopped(self) -> str:
        """Why the batch waits as a whole; empty when its rows do one by one."""
        return self.outcome.stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    """One row that waits: the rules it broke, its values by column, and the text as received (never to be logged)."""

    row: int
    rules: tuple[str, ...]
    values: Mapping[str, str | None]
    received: str


def waiting(house: House, sources: Iterable[Source]) -> tuple[WaitingBatch, ...]:
    """Give the batches that have rows in quarantine, oldest first by source."""
    found = []
    for source in sources:
        for outcome in house.batches.outcomes(source):
            rows = batches.waiting(house.lake, outcome)
            rules = Counter(rule for named in rows["_rules"] for rule in named.split(","))
            found.append(WaitingBatch(outcome=outcome, rows=len(rows), rules=dict(sorted(rules.items()))))
    return tuple(batch for batch in found if batch.rows)


def show(house: House, batch: str) -> tuple[WaitingRow, ...]:
    """Give the rows of a batch that wait. Raises InputError when there is no such batch."""
    outcome = _outcome(house, batch)
    table, rows = TABLES[outcome.landing.source], batches.waiting(house.lake, outcome)
    return tuple(
        WaitingRow(
            row=int(row["_row"]),
            rules=tuple(row["_rules"].split(",")),
            values={c: desk.text_of(row[c], kind) for c, kind in table.columns.items()},
            received=row["_raw"],
        )
        for row in rows.to_dict("records")
    )


def release(house: House, batch: str, rows: Iterable[int], grounds: Grounds) -> Outcome:
    """Use rows as they are, whatever rule they broke; of a stopped batch give no rows: it is let through as a whole.

    Raises InputError when a row does not wait, or cannot be used as it is: without a key or a day it has no place.
    """
    outcome = _decidable(house, batch, grounds)
    if outcome.stopped:
        return _release_stopped(house, outcome, tuple(rows), grounds)
    return _take_out(house, outcome, tuple(rows), (), grounds)


def repair(house: House, batch: str, row: int, values: Mapping[str, str | None], grounds: Grounds) -> Outcome:
    """Use a row with corrected values. Raises InputError when it would still break a rule."""
    outcome = _decidable(house, batch, grounds)
    _refuse_stopped(outcome)
    table = TABLES[outcome.landing.source]
    strangers = sorted(set(values) - set(table.columns))
    if strangers or not values:
        raise InputError(
            f"table {table.source.value} has no column {', '.join(strangers)}" if strangers else "nothing to correct",
            where=f"row {row} of batch {batch}",
            todo=f"give new values of {', '.join(table.columns)}",
        )
    held = _chosen(batches.waiting(house.lake, outcome), (row,), outcome).iloc[0]
    changes = tuple(
        Change(row=row, column=c, old=desk.text_of(held[c], table.columns[c]), new=new)
        for c, new in sorted(values.items())
    )
    return _take_out(house, outcome, (row,), changes, grounds)


def reject(house: House, batch: str, rows: Iterable[int], grounds: Grounds) -> Decision:
    """Keep rows out for good; of a stopped batch give no rows: all of it is rejected.

    Raises InputError when a row does not wait.
    """
    outcome = _decidable(house, batch, grounds)
    with house.batches.alone(outcome.landing.source):
        held = batches.waiting(house.lake, outcome)
        chosen = held if outcome.stopped else _chosen(held, tuple(rows), outcome)
        document = _document(outcome, Verdict.REJECT, chosen, (), grounds)
        landed = _land(house, outcome, document, Media.DESK_ROWS, outcome.landing.window, grounds)
        decision = _decision(outcome, Verdict.REJECT, chosen, (), grounds, landed)
        house.batches.decide(decision, None)
    return decision


def _take_out(
    house: House, outcome: Outcome, numbers: tuple[int, ...], changes: tuple[Change, ...], grounds: Grounds
) -> Outcome:
    source = outcome.landing.source
    table = TABLES[source]
    verdict = Verdict.REPAIR if changes else Verdict.RELEASE
    with house.batches.alone(source):
        held = _chosen(batches.waiting(house.lake, outcome), numbers, outcome)
        rows = desk.repaired(held, changes, table) if changes else held
        _refuse_unfit(desk.unfit(rows, table, grounds.at.date()), outcome)
        document = _document(outcome, verdict, held, changes, grounds)
        landed = _land(house, outcome, document, Media.DESK_ROWS, desk.window_of(rows, table), grounds)
        judged = _judged(rows, landed)
        if changes:
            _refuse_unsound(judged, outcome)
        noted = rows.assign(_notes=_noted(rows["_notes"], desk.REPAIRED if changes else desk.RELEASED))
        settled = desk.settle(noted, landed, batches.known(house.lake, source, noted), outcome.landing.batch)
        decision = _decision(outcome, verdict, held, changes, grounds, landed)
        return _publish(house, decision, landed, settled, judged)


def _release_stopped(house: House, outcome: Outcome, numbers: tuple[int, ...], grounds: Grounds) -> Outcome:
    source, batch = outcome.landing.source, outcome.landing.batch
    if numbers:
        _refuse_stopped(outcome)
    with house.batches.alone(source):
        held = batches.waiting(house.lake, outcome)
        document = _document(outcome, Verdict.RELEASE, held, (), grounds)
        landed = _land(house, outcome, document, Media.DESK_BATCH, outcome.landing.window, grounds)
        judged = _judged(held, landed)
        known = batches.known(house.lake, source, held, apart=batch)
        settled = desk.settle_stopped(held, landed, known, batch)
        decision = _decision(outcome, Verdict.RELEASE, held, (), grounds, landed)
        return _publish(house, decision, landed, settled, judged)


def _publish(house: House, decision: Decision, landed: Landing, settled: Settled, judged: CheckResult) -> Outcome:
    evidence = house.evidence.keep(judged.evidence, decision.grounds.at)
    made = batches.outcome_of(landed, settled, "", evidence)
    batches.write(house.lake, landed, settled)
    house.batches.decide(decision, made)
    return made


def _judged(rows: pd.DataFrame, landed: Landing) -> CheckResult:
    """Check the rows once more: what a person lets through is on record with the rules it breaks."""
    return check(rows, landed, History(), Limits(quarantine_share=1.0), codes.load())


def _land(house: House, outcome: Outcome, document: bytes, media: Media, days: Window, grounds: Grounds) -> Landing:
    came = outcome.landing
    fetched = Fetched(content=document, media=media, origin=f"{_ORIGIN}: {came.origin}"[:200], label=came.label)
    return keep_landing(house, landing.land(house.lake.store, fetched, came.source, days, grounds.at))


def _document(
    outcome: Outcome, verdict: Verdict, rows: pd.DataFrame, changes: tuple[Change, ...], grounds: Grounds
) -> bytes:
    return canonical_json(
        {
            "schema": SCHEMA,
            "batch": outcome.landing.batch,
            "verdict": verdict,
            "rows": [int(row) for row in rows["_row"]],
            "changes": changes,
            "grounds": grounds,
        }
    )


def _decision(
    outcome: Outcome,
    verdict: Verdict,
    rows: pd.DataFrame,
    changes: tuple[Change, ...],
    grounds: Grounds,
    landed: Landing,
) -> Decision:
    inside = TABLES[outcome.landing.source].inside
    told = tuple(
        Change(row=c.row, column=c.column, old=KEPT_INSIDE, new=KEPT_INSIDE) if c.column in inside else c
        for c in changes
    )
    return Decision(
        batch=outcome.landing.batch,
        verdict=verdict,
        rows=tuple(int(row) for row in rows["_row"]),
        changes=told,
        grounds=grounds,
        became="" if verdict is Verdict.REJECT else landed.batch,
        document=landed.sha256,
    )


def _noted(notes: "pd.Series[str]", word: str) -> "pd.Series[str]":
    return notes.fillna("").map(lambda held: f"{held},{word}".lstrip(","))


def _chosen(held: pd.DataFrame, numbers: tuple[int, ...], outcome: Outcome) -> pd.DataFrame:
    missing = sorted(set(numbers) - set(held["_row"].astype(int)))
    if missing or not numbers:
        raise InputError(
            f"row {missing[0]} does not wait" if missing else "no row is named",
            where=f"batch {outcome.landing.batch}",
            todo="take the numbers from `python -m include.postmarket quarantine show "
            f"{outcome.landing.batch}`: a row is decided once",
        )
    return held[held["_row"].isin(numbers)].reset_index(drop=True)


def _outcome(house: House, batch: str) -> Outcome:
    found = house.batches.outcome(batch)
    if found is None:
        raise InputError(
            "there is no such batch", where="batch index", todo="see `python -m include.postmarket quarantine list`"
        )
    return found


def _decidable(house: House, batch: str, grounds: Grounds) -> Outcome:
    if not grounds.by.strip() or not grounds.reason.strip():
        raise InputError("a decision needs a name and a reason", where=f"batch {batch}", todo="say who decides and why")
    found = _outcome(house, batch)
    if batches.waiting(house.lake, found).empty:
        raise InputError(
            "nothing of it waits", where=f"batch {batch}", todo="see `python -m include.postmarket quarantine list`"
        )
    return found


def _refuse_stopped(outcome: Outcome) -> None:
    if outcome.stopped:
        raise InputError(
            "the batch stopped as a whole, its rows cannot be decided one by one",
            where=f"batch {outcome.landing.batch}",
            todo="release or reject the batch first; after a release its bad rows wait one by one",
        )


def _refuse_unfit(why: Mapping[int, str], outcome: Outcome) -> None:
    if why:
        row, reason = next(iter(sorted(why.items())))
        raise InputError(
            f"{len(why)} row(s) cannot be used, the first is row {row}: {reason}",
            where=f"batch {outcome.landing.batch}",
            todo="repair the row, or reject it",
        )


def _refuse_unsound(judged: CheckResult, outcome: Outcome) -> None:
    broken = sorted({rule for rules in judged.failed.values() for rule in rules})
    if broken or judged.stopped:
        raise InputError(
            f"the repaired row still breaks {', '.join(broken) or judged.stopped}",
            where=f"batch {outcome.landing.batch}",
            todo="correct that as well, or release the row as it is",
        )
