"""The chain of the audit trail as plain data: what a link's hash covers, and the first link that does not hold (G6).

It knows no database: the same rules verify the records where they are and a bundle that was exported years ago.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

#: What the first record holds as the hash of the one before it.
GENESIS = "0" * 64


class Fault(StrEnum):
    """What happened to a record."""

    ALTERED = "altered"
    MISSING = "missing"
    INSERTED = "inserted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The first record that does not hold: its number in the audit trail, the table it is in, and what was found."""

    seq: int
    table: str
    subject: str
    fault: Fault
    found: str

    def __str__(self) -> str:
        about = f" about {self.subject}" if self.subject else ""
        return f"{self.table}: record {self.seq}{about} is {self.fault}: {self.found}"


@dataclass(frozen=True, slots=True)
class Link:
    """One record of the trail as it is stored; ``payload`` is the JSON text that was written."""

    seq: int
    at: datetime
    actor: str
    action: str
    kind: str
    subject: str
    payload: str
    previous: str
    hash: str

    def content_hash(self) -> str:
        """Give the SHA-256 over the canonical JSON of everything but the hash itself.

        The payload goes in as the text that is stored: were it not canonical, the hash would not be the one written.
        """
        head = {
            "action": self.action,
            "actor": self.actor,
            "at": self.at.astimezone(UTC).isoformat(),
            "kind": self.kind,
        }
        tail = {"previous": self.previous, "seq": self.seq, "subject": self.subject}
        first, last = (json.dumps(part, separators=(",", ":"), ensure_ascii=False) for part in (head, tail))
        return hashlib.sha256(f'{first[:-1]},"payload":{self.payload},{last[1:]}'.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain ends: the number of its last record, and that record's hash."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Seal:
    """What a record of the trail says of rows of a table: how many, and the digest of their content."""

    seq: int
    subject: str
    rows: int
    digest: str


def first_broken_link(links: Iterable[Link], head: Head | None) -> Break | None:
    """Give the first link that was altered, removed or inserted, or None when the chain holds.

    ``links`` come in the order of their numbers; ``head`` is known apart from them: without it the loss of the newest
    records would show nowhere.
    """
    if head is None:
        return _break(0, Fault.MISSING, "the head of the chain is gone")
    rest = iter(links)
    before, link = None, next(rest, None)
    while link is not None:
        after = next(rest, None)
        follower = head.hash if after is None else after.previous
        broken = _broken_link(before, link, vouched=follower == link.hash)
        if broken is not None:
            return broken
        if link.seq > head.seq:
            return _break(link.seq, Fault.INSERTED, "the chain ended before it", link.subject)
        before, link = link, after
    return _broken_end(before, head)


def broken_rows(table: str, seals: Iterable[Seal], rows: Iterable[tuple[int, str]]) -> Iterator[Break]:
    """Give every seal of a table that does not fit its rows, and every row without a seal.

    ``seals`` in the order of their numbers; ``rows`` as (number of the seal, digest of the row's content), in that
    order too.
    """
    waiting = iter(seals)
    seal = next(waiting, None)
    for seq, group in groupby(rows, key=lambda row: row[0]):
        while seal is not None and seal.seq < seq:
            yield _row_break(table, seal.seq, seal.subject, Fault.MISSING, f"{seal.rows} rows were written")
            seal = next(waiting, None)
        if seal is None or seal.seq > seq:
            yield _row_break(table, seq, "", Fault.INSERTED, "no record in force tells of these rows")
            continue
        yield from _misfits(table, seal, [content for _, content in group])
        seal = next(waiting, None)
    while seal is not None:
        yield _row_break(table, seal.seq, seal.subject, Fault.MISSING, f"{seal.rows} rows were written")
        seal = next(waiting, None)


def digest_of_rows(contents: Iterable[str]) -> str:
    """Give the digest of some rows from the digests of their contents, whatever their order."""
    return hashlib.sha256(json.dumps(sorted(contents), separators=(",", ":")).encode()).hexdigest()


def seal_of(seq: int, subject: str, payload: Mapping[str, Any]) -> Seal:
    """Give what a record's payload says of rows."""
    return Seal(seq, subject, int(payload["rows"]), str(payload["digest"]))


def _misfits(table: str, seal: Seal, contents: list[str]) -> Iterator[Break]:
    if len(contents) != seal.rows:
        fault = Fault.MISSING if len(contents) < seal.rows else Fault.INSERTED
        yield _row_break(table, seal.seq, seal.subject, fault, f"{len(contents)} rows, {seal.rows} were written")
    elif digest_of_rows(contents) != seal.digest:
        yield _row_break(table, seal.seq, seal.subject, Fault.ALTERED, "the content has another digest")


def _broken_link(before: Link | None, link: Link, *, vouched: bool) -> Break | None:
    """Give what is wrong between a record and the one before it, which is known to fit its own predecessor.

    When the two do not fit, what follows decides: a record known to its follower (``vouched``) is sound, so the one
    before it was rewritten; a record that points past the one before it shows that one to be inserted.
    """
    expected = 1 if before is None else before.seq + 1
    if link.seq > expected:
        return _break(expected, Fault.MISSING, f"the next one is {link.seq}")
    if link.seq < expected:
        return _break(link.seq, Fault.INSERTED, "the chain starts with record 1", link.subject)
    sound = link.content_hash() == link.hash
    if link.previous == (GENESIS if before is None else before.hash):
        return None if sound else _break(link.seq, Fault.ALTERED, "its content has another hash", link.subject)
    if before is not None and link.previous == before.previous:
        return _break(before.seq, Fault.INSERTED, "the next one follows the one before it", before.subject)
    if before is not None and sound and vouched:
        return _break(before.seq, Fault.ALTERED, "the next one knows it by another hash", before.subject)
    return _break(link.seq, Fault.ALTERED, "it does not follow the one before it", link.subject)


def _broken_end(last: Link | None, head: Head) -> Break | None:
    seq, known = (0, GENESIS) if last is None else (last.seq, last.hash)
    if head.seq > seq:
        return _break(seq + 1, Fault.MISSING, f"the chain goes on to record {head.seq}")
    if head.hash != known:
        return _break(seq, Fault.ALTERED, "the head knows it by another hash", "" if last is None else last.subject)
    return None


def _break(seq: int, fault: Fault, found: str, subject: str = "") -> Break:
    return Break(seq=seq, table="audit", subject=subject, fault=fault, found=found)


def _row_break(table: str, seq: int, subject: str, fault: Fault, found: str) -> Break:
    return Break(seq=seq, table=table, subject=subject, fault=fault, found=found)
