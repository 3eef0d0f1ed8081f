"""The audit trail and all sealed rows as files that open without this software, verified without a database.

A bundle is a folder: ``audit.jsonl`` (one record a line, the payload as the text that was hashed), ``rows/TABLE.jsonl``
(the sealed rows with the number of their seal), ``trail/NNNN.html`` for people, and ``manifest.json`` with the hash of
every file and the head of the chain (21 CFR 11.10(b)). Of what is secret (the hashes of passwords) only a hash goes
along, which is what the seals cover.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from jinja2 import Environment
from sqlalchemy import Connection, Table, select

from include.postmarket.model.canonical import plain
from include.postmarket.model.errors import InputError, IntegrityError
from include.postmarket.records.chain import Break, Head, Link, Seal, broken_rows, first_broken_link, seal_of
from include.postmarket.records.codec import encode
from include.postmarket.records.sealed import content_columns, content_digest, spelled
from include.postmarket.records.tables import CHANGES
from include.postmarket.records.verification import head_of, links, sealed_tables

SCHEMA, VERSION = "postmarket-audit-bundle", 1
MANIFEST, TRAIL = "manifest.json", "audit.jsonl"
_ON_A_PAGE = 5000
_PAGE = Environment(autoescape=True).from_string("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Audit trail, part {{ part }}</title>
<style>
body{font-family:sans-serif}
td,th{text-align:left;padding:.2em .6em;border-bottom:1px solid #ccc;vertical-align:top}
td:last-child{font-family:monospace;overflow-wrap:anywhere}
</style></head><body>
<h1>Audit trail, part {{ part }}</h1>
<table><tr><th>Number</th><th>When (UTC)</th><th>Who</th><th>What</th><th>About</th><th>Facts</th></tr>
{% for link in links %}<tr><td>{{ link.seq }}</td><td>{{ link.at.strftime("%Y-%m-%d %H:%M:%S") }}</td>
<td>{{ link.actor }}</td><td>{{ link.action }}</td><td>{{ link.kind }} {{ link.subject }}</td>
<td>{{ link.payload }}</td></tr>
{% endfor %}</table></body></html>
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What was exported: the folder, the head of the chain, and how many records and sealed rows."""

    folder: Path
    head: Head
    records: int
    rows: int


def export(connection: Connection, folder: Path, now: datetime) -> Bundle:
    """Write the whole trail and every sealed row into a new folder; the manifest last, so that half a bundle has none.

    The connection has to see one state of the database throughout (`engine.reading`). Raises InputError when the folder
    holds something already or cannot be written.
    """
    head = head_of(connection)
    if head is None:
        raise IntegrityError("the head of the chain is gone", where="audit_head", todo="run `audit verify`")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise InputError(
                "the folder is not empty", where=str(folder), todo="name a new one; nothing is overwritten"
            )
        records = _write_trail(folder, links(connection))
        rows = sum(_write_rows(folder, connection, table) for table in sealed_tables())
        files = {str(f.relative_to(folder)): _sha256(f) for f in sorted(folder.rglob("*")) if f.is_file()}
        manifest = {
            "schema": SCHEMA,
            "version": VERSION,
            "exported_utc": now.astimezone(UTC).isoformat(timespec="seconds"),
            "head": asdict(head),
            "records": records,
            "rows": rows,
            "files": files,
        }
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"it cannot be written: {error.strerror}", where=str(folder), todo="name another folder"
        ) from None
    return Bundle(folder=folder, head=head, records=records, rows=rows)


def verify_bundle(folder: Path) -> Break | None:
    """Give the first record of a bundle that does not hold, None when all do; needs no database.

    Raises InputError for a folder that is no bundle of this version, IntegrityError for a file that is not the one in
    the manifest.
    """
    manifest = read_manifest(folder)
    for name, sha256 in manifest["files"].items():
        file = folder / name
        if not file.is_file() or _sha256(file) != sha256:
            raise IntegrityError(
                f"{name} is {'missing' if not file.is_file() else 'not the file that was exported'}",
                where=str(folder),
                todo="compare it with another copy of the bundle",
            )
    broken = first_broken_link(read_links(folder), Head(**manifest["head"]))
    if broken is not None:
        return broken
    seals = _seals(folder)
    found = [b for table in sealed_tables() for b in _broken_rows_of(folder, table, seals.get(table.name, []))]
    return min(found, key=lambda b: b.seq, default=None)


def read_manifest(folder: Path) -> dict[str, Any]:
    """Give the manifest of a bundle. Raises InputError when there is none, or it is of another schema or version."""
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        known = (found["schema"], found["version"]) == (SCHEMA, VERSION) and {"files", "head"} <= found.keys()
    except (OSError, ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise InputError(
            f"the folder holds no {MANIFEST} of {SCHEMA} version {VERSION}",
            where=str(folder),
            todo="name the folder that `audit export` wrote",
        )
    return found


def read_links(folder: Path) -> Iterator[Link]:
    """Give the chain of a bundle in its order. Raises IntegrityError for a line that is no record."""
    with (folder / TRAIL).open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                stored = json.loads(line)
                yield Link(**(stored | {"at": datetime.fromisoformat(stored["at"])}))
            except (ValueError, TypeError, KeyError):
                raise IntegrityError(
                    f"line {number} is no record", where=str(folder / TRAIL), todo="compare it with another copy"
                ) from None


def _write_trail(folder: Path, found: Iterator[Link]) -> int:
    (folder / "trail").mkdir()
    records, part = 0, 0
    with (folder / TRAIL).open("w", encoding="utf-8") as file:
        while page := list(islice(found, _ON_A_PAGE)):
            part += 1
            records += len(page)
            for link in page:
                _write_line(file, asdict(link) | {"at": link.at.astimezone(UTC).isoformat()})
            text = _PAGE.render(part=part, links=page)
            (folder / "trail" / f"{part:04d}.html").write_text(text, encoding="utf-8")
    return records


def _write_rows(folder: Path, connection: Connection, table: Table) -> int:
    (folder / "rows").mkdir(exist_ok=True)
    written = 0
    query = select(table).order_by(table.c.audit).execution_options(yield_per=_ON_A_PAGE)
    with (folder / "rows" / f"{table.name}.jsonl").open("w", encoding="utf-8") as file:
        for row in connection.execute(query):
            values = row._mapping  # noqa: SLF001 - public API of SQLAlchemy despite its name
            _write_line(
                file, {"audit": row.audit, "row": {n: plain(spelled(n, values[n])) for n in content_columns(table)}}
            )
            written += 1
    return written


def _write_line(file: TextIO, value: object) -> None:
    file.write(encode(value) + "\n")


def _seals(folder: Path) -> dict[str, list[Seal]]:
    """Give the seals in force by table: of a working table the last one a subject."""
    working = {table.name for table in CHANGES}
    tables = {table.name for table in sealed_tables()}
    found: dict[str, dict[object, Seal]] = {}
    for link in read_links(folder):
        if link.kind in tables:
            seal = seal_of(link.seq, link.subject, json.loads(link.payload))
            found.setdefault(link.kind, {})[link.subject if link.kind in working else link.seq] = seal
    return {name: sorted(seals.values(), key=lambda seal: seal.seq) for name, seals in found.items()}


def _broken_rows_of(folder: Path, table: Table, seals: Iterable[Seal]) -> Iterator[Break]:
    with (folder / "rows" / f"{table.name}.jsonl").open(encoding="utf-8") as file:
        stored = (json.loads(line) for line in file)
        yield from broken_rows(table.name, seals, ((s["audit"], content_digest(table, s["row"])) for s in stored))


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
