"""How long the audit trail takes to verify, in the database and as an exported bundle, as a table.

usage: nice .venv/bin/python -m benchmarks.audit [records]
A server of its own in a temporary folder is filled with a chain of that many records (a million unless told).
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from include.postmarket.records.bundle import export, verify_bundle
from include.postmarket.records.chain import GENESIS, Link
from include.postmarket.records.embedded_postgres import Role, start
from include.postmarket.records.engine import connect, reading
from include.postmarket.records.migration import migrate
from include.postmarket.records.verification import verify

NOW = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = "seq, at, actor, action, kind, subject, payload, previous, hash"


def fill(address: str, records: int) -> None:
    """Write a chain of so many records, each through the trigger that lets only the next link in.

    A thousand a transaction: the head is one row, and its versions pile up until a transaction ends.
    """
    previous = GENESIS
    with psycopg.connect(address, autocommit=True) as connection:
        for first in range(1, records + 1, 1000):
            with connection.cursor().copy(f"COPY audit ({COLUMNS}) FROM STDIN".encode()) as copy:
                for seq in range(first, min(first + 1000, records + 1)):
                    link = made(seq, previous)
                    previous = link.hash
                    copy.write_row(tuple(getattr(link, name) for name in COLUMNS.split(", ")))


def made(seq: int, previous: str) -> Link:
    """Give a record with the hash that fits it."""
    payload = f'{{"digest":"{seq:064x}","rows":1}}'
    at = NOW + timedelta(seconds=seq)
    draft = Link(seq, at, "postmarket", "look", "page", f"SIG-{seq:010d}-1", payload, previous, "")
    return replace(draft, hash=draft.content_hash())


def timed(what: str, work: Callable[[], object]) -> None:
    """Run the work and print its seconds, of the wall and of this process, and the peak memory so far."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:34s} {time.perf_counter() - wall:7.1f} {time.process_time() - cpu:7.1f} {peak:8.0f}   {answer}")


def main(records: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o755)
        server = start(Path(home) / "postgres")
        try:
            server.create_database("records")
            migrate(server.url("records", Role.OWNER))
            print(f"{'step':34s} {'wall s':>7s} {'CPU s':>7s} {'peak MB':>8s}")
            address = server.url("records", Role.SUPERUSER).replace("+psycopg", "", 1)
            timed(f"write {records:,} records", lambda: fill(address, records))
            folder = Path(home) / "bundle"
            with reading(connect(server.url("records"))) as connection:
                timed("verify in the database", lambda: verify(connection))
                timed("export", lambda: export(connection, folder, NOW).records)
            timed("verify the bundle", lambda: verify_bundle(folder))
        finally:
            server.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
