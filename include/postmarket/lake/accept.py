"""Where the rows of a pull end: accepted, quarantined or superseded, each in exactly one (G1).

The order of one ingest: `take` the rows that belong to the pull, let the checks judge ``Pull.rows``, `settle` them (or
`stop` the batch), then write and publish (`batches`). Everything here is pure: frames in, frames out.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from include.postmarket.lake.frames import (
    accepted_columns,
    conform,
    quarantined_columns,
    superseded_columns,
)
from include.postmarket.model.batch import Landing, RuleCount
from include.postmarket.model.errors import IntegrityError
from include.postmarket.model.tables import TABLES, Table

#: The rule under which the sound rows of a stopped batch wait.
BATCH_STOPPED = "batch_stopped"

REPEATED = "repeated within the pull"
ALREADY_ACCEPTED = "identical to an accepted row"
ALREADY_QUARANTINED = "already in quarantine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the lake holds about the rows of a pull before it is settled."""

    accepted: pd.DataFrame  # the newest version of every key in the pull, with its ``_batch``
    quarantined: frozenset[str]  # texts of the pull's rows that are or were in quarantine
    order: Mapping[str, int]  # of all batches of the source, by acceptance


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """The rows that belong to one pull: those to be checked, and those that say nothing new."""

    landing: Landing
    rows: pd.DataFrame
    superseded: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Where the rows of a pull ended."""

    accepted: pd.DataFrame
    quarantined: pd.DataFrame
    superseded: pd.DataFrame

    @property
    def pulled(self) -> int:
        """How many rows that is together."""
        return len(self.accepted) + len(self.quarantined) + len(self.superseded)

    @property
    def rules(self) -> tuple[RuleCount, ...]:
        """How many rows each rule sent to quarantine, by the rule's name."""
        counted = Counter(rule for rules in self.quarantined["_rules"] for rule in rules.split(","))
        return tuple(RuleCount(rule=rule, rows=rows) for rule, rows in sorted(counted.items()))


def take(rows: pd.DataFrame, landing: Landing, known: Known) -> Pull:
    """Give the rows of landed bytes that belong to this pull.

    A row belongs to it when its date lies in the window. A row that cannot be placed (no readable date, or one after
    the day of the pull) belongs to every pull of those bytes: it is to be checked the first time, and superseded when
    it is in quarantine already. Rows that repeat another one exactly are superseded as well.
    """
    table = TABLES[landing.source]
    held = conform(rows, accepted_columns(table)).assign(_batch=landing.batch)
    placed = held[table.placed_by]
    unplaced = placed.isna() | (placed > pd.Timestamp(landing.pulled_at.date()))
    within = (placed >= pd.Timestamp(landing.window.start)) & (placed < pd.Timestamp(landing.window.end))
    waiting = unplaced & ~within & held["_raw"].isin(known.quarantined)
    repeated = _repeats(held, table) & ~waiting
    mine = within | unplaced
    fresh = mine & ~waiting & ~repeated
    return Pull(
        landing=landing,
        rows=held[fresh].reset_index(drop=True),
        superseded=_set_aside(held, {ALREADY_QUARANTINED: mine & waiting, REPEATED: mine & repeated}),
    )


def settle(pull: Pull, failed: Mapping[int, tuple[str, ...]], known: Known) -> Settled:
    """Give where the rows end, with ``failed`` the rules each bad row broke, by ``_row``.

    Sound rows are accepted unless they equal the newest accepted version of their key; a changed row is accepted and
    supersedes the older version for later snapshots. Bad rows are quarantined unless they wait there already.
    Raises IntegrityError when a rule names a row that is not in the pull.
    """
    _refuse_strangers(pull, failed)
    table = TABLES[pull.landing.source]
    rows = pull.rows
    bad = rows["_row"].isin(list(failed))
    waiting = bad & rows["_raw"].isin(known.quarantined)
    same = ~bad & _equals_known(rows, known.accepted, table)
    aside = _set_aside(rows, {ALREADY_QUARANTINED: waiting, ALREADY_ACCEPTED: same})
    taken = rows[~bad & ~same].reset_index(drop=True)
    key = list(table.key)
    again = pd.MultiIndex.from_frame(taken[key]).isin(pd.MultiIndex.from_frame(known.accepted[key]))
    return Settled(
        accepted=taken.assign(_again=again.astype("int64")),
        quarantined=_with_rules(rows[bad & ~waiting], failed, table),
        superseded=pd.concat([pull.superseded, aside], ignore_index=True),
    )


def stop(pull: Pull, failed: Mapping[int, tuple[str, ...]]) -> Settled:
    """Give the rows of a batch that waits for a person: all in quarantine, sound ones under `BATCH_STOPPED`."""
    _refuse_strangers(pull, failed)
    table = TABLES[pull.landing.source]
    everything = pd.concat([pull.rows, pull.superseded], ignore_index=True)
    waiting = {int(row): failed.get(int(row), (BATCH_STOPPED,)) for row in everything["_row"]}
    return Settled(
        accepted=pull.rows.iloc[:0],
        quarantined=_with_rules(everything, waiting, table),
        superseded=conform(pull.superseded.iloc[:0], superseded_columns()),
    )


def _repeats(rows: pd.DataFrame, table: Table) -> "pd.Series[bool]":
    """Whether a row equals an earlier one: in its values, and as received too where some of it could not be read."""
    values = rows[list(table.columns)]
    unread = rows["_raw"].where(rows["_faults"].fillna("") != "", "")
    return values.assign(_unread=unread).duplicated(keep="first")


def _equals_known(rows: pd.DataFrame, accepted: pd.DataFrame, table: Table) -> "pd.Series[bool]":
    columns = list(table.columns)
    both = pd.concat([conform(accepted, table.columns), rows[columns]], ignore_index=True)
    return pd.Series(both.duplicated(keep="first").to_numpy()[len(accepted) :], index=rows.index, dtype="bool")


def _set_aside(rows: pd.DataFrame, chosen: Mapping[str, "pd.Series[bool]"]) -> pd.DataFrame:
    parts = [rows[mask].assign(_reason=reason) for reason, mask in chosen.items()]
    return pd.concat(parts, ignore_index=True).sort_values("_row", ignore_index=True)


def _with_rules(rows: pd.DataFrame, failed: Mapping[int, tuple[str, ...]], table: Table) -> pd.DataFrame:
    named = rows.assign(_rules=[",".join(failed[int(row)]) for row in rows["_row"]])
    return conform(named, quarantined_columns(table))


def _refuse_strangers(pull: Pull, failed: Mapping[int, tuple[str, ...]]) -> None:
    strangers = set(failed) - set(pull.rows["_row"].astype(int))
    if strangers:
        raise IntegrityError(
            f"rules name {len(strangers)} row(s) that are not in the pull, the first is row {min(strangers)}",
            where=f"batch {pull.landing.batch}",
            todo="check and settle the same rows",
        )
