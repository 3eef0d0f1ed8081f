"""The rules of the lake over plain tuples, written a second time: what the lake is compared with."""

from dataclasses import dataclass, field
from datetime import date, datetime

from include.postmarket.model.batch import Window

Row = tuple[str, str, str]  # complaint id, received, model

BAD = "BAD"
STOP_ABOVE = 0.5  # the share of bad rows that stops a pull


def day_of(row: Row) -> date | None:
    """Give the day of a row, None when it cannot be read."""
    return None if row[1] == "junk" else date.fromisoformat(row[1])


def broken(row: Row, rows: list[Row], today: date) -> tuple[str, ...]:
    """Judge a row as the checks would: no key, no day or one to come, marked BAD, or in conflict over a key."""
    placed = day_of(row)
    named = {
        "present": not row[0] or placed is None,
        "future": placed is not None and placed > today,
        "marked": row[2] == BAD,
        "unique_key": bool(row[0]) and sum(other[0] == row[0] for other in rows) > 1,
    }
    return tuple(name for name, is_broken in named.items() if is_broken)


def usable(row: Row, today: date) -> bool:
    """Say whether a row can be used whatever a person says: it has a key and a day that is over."""
    placed = day_of(row)
    return bool(row[0]) and placed is not None and placed < today


@dataclass
class ModelBatch:
    """One published batch: accepted versions by key, rows that wait by number, and those of them that are bad."""

    window: Window
    at: datetime
    number: int
    accepted: dict[str, Row] = field(default_factory=dict)
    waiting: dict[int, Row] = field(default_factory=dict)
    bad: set[int] = field(default_factory=set)
    stopped: bool = False


@dataclass
class Model:
    """A lake of one source."""

    published: list[ModelBatch] = field(default_factory=list)
    quarantined: list[tuple[int, Row]] = field(default_factory=list)  # number of the batch, row; never shorter
    pulled: int = 0
    superseded: int = 0
    rejected: int = 0

    @property
    def accepted(self) -> int:
        """How many rows were accepted, versions counted each."""
        return sum(len(b.accepted) for b in self.published)

    @property
    def waiting(self) -> int:
        """How many rows wait."""
        return sum(len(b.waiting) for b in self.published)

    def pull(self, rows: list[Row], window: Window, at: datetime) -> None:
        """Take one pull in."""
        mine = {n: row for n, row in enumerate(rows, 1) if _belongs(row, window, at.date())}
        fresh, aside = self._fresh(mine, at.date())
        bad = {n for n, row in fresh.items() if broken(row, list(fresh.values()), at.date())}
        self.pulled += len(mine)
        if len(bad) > STOP_ABOVE * len(fresh):
            made = self._publish(window, at)
            made.stopped, made.waiting, made.bad = True, mine, bad
            self.quarantined += [(made.number, row) for row in mine.values()]
            return
        self.superseded += aside
        self._settle(fresh, bad, window, at)

    def let_through(self, stopped: ModelBatch, at: datetime) -> None:
        """Release a stopped batch as a whole."""
        fresh, aside = self._fresh(stopped.waiting, at.date(), apart=stopped.number)
        overtaken = {n for n, row in fresh.items() if self._order(row[0]) > stopped.number}
        fresh = {n: row for n, row in fresh.items() if n not in overtaken}
        keys = [row[0] for row in fresh.values()]
        bad = {n for n, r in fresh.items() if n in stopped.bad or not usable(r, at.date()) or keys.count(r[0]) > 1}
        self.superseded += aside + len(overtaken)
        stopped.waiting = {}
        self._settle(fresh, bad, stopped.window, at, apart=stopped.number)

    def release(self, batch: ModelBatch, number: int, at: datetime) -> None:
        """Release one row that can be used."""
        row = batch.waiting.pop(number)
        placed = date.fromisoformat(row[1])
        made = self._publish(Window(placed, placed), at)
        if self._order(row[0]) > batch.number or self.newest(row[0]) == row:
            self.superseded += 1
        else:
            made.accepted[row[0]] = row

    def reject(self, batch: ModelBatch, numbers: list[int]) -> None:
        """Reject rows."""
        for number in numbers:
            del batch.waiting[number]
        self.rejected += len(numbers)

    def newest(self, key: str) -> Row | None:
        """Give the newest accepted version of a key."""
        return next((b.accepted[key] for b in reversed(self.published) if key in b.accepted), None)

    def seen(self, as_of: date, until: datetime) -> set[Row]:
        """Give the rows of a snapshot as of a day, taken at a moment."""
        newest: dict[str, Row] = {}
        for batch in self.published:
            if batch.at <= until and batch.window.start < as_of:
                newest.update(batch.accepted)
        return {row for row in newest.values() if date.fromisoformat(row[1]) < as_of}

    def _order(self, key: str) -> int:
        return max((b.number for b in self.published if key in b.accepted), default=-1)

    def _fresh(self, rows: dict[int, Row], today: date, apart: int = -1) -> tuple[dict[int, Row], int]:
        fresh: dict[int, Row] = {}
        seen: set[Row] = set()
        for n, row in rows.items():
            placed = day_of(row)
            known = (placed is None or placed > today) and self._waited(row, apart)
            if not known and row not in seen:
                fresh[n] = row
            seen.add(row)
        return fresh, len(rows) - len(fresh)

    def _waited(self, row: Row, apart: int) -> bool:
        return any(known == row and number != apart for number, known in self.quarantined)

    def _settle(self, fresh: dict[int, Row], bad: set[int], window: Window, at: datetime, *, apart: int = -1) -> None:
        newest = {row[0]: self.newest(row[0]) for row in fresh.values()}
        waited = {n for n, row in fresh.items() if n in bad and self._waited(row, apart)}
        made = self._publish(window, at)
        for n, row in fresh.items():
            if n in waited or (n not in bad and newest[row[0]] == row):
                self.superseded += 1
            elif n in bad:
                made.waiting[n] = row
                made.bad.add(n)
                self.quarantined.append((made.number, row))
            else:
                made.accepted[row[0]] = row

    def _publish(self, window: Window, at: datetime) -> ModelBatch:
        made = ModelBatch(window=window, at=at, number=len(self.published))
        self.published.append(made)
        return made


def _belongs(row: Row, window: Window, today: date) -> bool:
    placed = day_of(row)
    return placed is None or placed > today or window.start <= placed < window.end
