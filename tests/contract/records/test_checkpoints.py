"""Checkpoints outside the database: a chain rewritten from end to end, and an older backup, are found."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine

from include.postmarket.model.errors import ConfigurationError, InputError
from include.postmarket.records import checkpoints
from include.postmarket.records.audit import Audit, Entry
from include.postmarket.records.chain import Break, Fault, Head, Link
from include.postmarket.records.engine import reading
from include.postmarket.records.verification import audit_verify, head_of, links
from tests.postgres import RecordsDatabase
from tests.unit.records.samples import NOW

pytestmark = pytest.mark.postgres


def tell(engine: Engine, count: int) -> None:
    """Write some records."""
    for n in range(count):
        entry = Entry(at=NOW, actor="ann", action="look", kind="page", subject=f"S-{n}", payload={"n": n})
        Audit(engine).tell(entry)


def head(engine: Engine) -> Head:
    """Give where the chain ends."""
    with reading(engine) as connection:
        found = head_of(connection)
    assert found is not None
    return found


def contradiction(engine: Engine, folder: Path) -> Break | None:
    """Hold the chain against the checkpoints of a folder."""
    known = checkpoints.read(folder / "out", folder / "keys" / "checkpoint.pub")
    with reading(engine) as connection:
        return checkpoints.first_contradiction(links(connection), known)


def write(engine: Engine, folder: Path) -> Path:
    """Write a checkpoint and give its file."""
    return checkpoints.write(folder / "out", folder / "keys", head(engine), NOW).file


def test_a_chain_that_grew_passes_through_its_checkpoints(engine: Engine, tmp_path: Path) -> None:
    """At the start, in the middle, at the end; twice the same is one file; the key is the owner's alone."""
    write(engine, tmp_path)
    tell(engine, 3)
    write(engine, tmp_path)
    write(engine, tmp_path)
    tell(engine, 2)

    assert contradiction(engine, tmp_path) is None
    assert [f.name for f in sorted((tmp_path / "out").iterdir())] == ["000000000000.json", "000000000003.json"]
    assert oct((tmp_path / "keys" / "checkpoint.key").stat().st_mode & 0o777) == "0o600"


def test_a_chain_written_anew_is_found(engine: Engine, records: RecordsDatabase, tmp_path: Path) -> None:
    """Every record and the head rewritten so that the chain holds in itself: only the checkpoint knows."""
    tell(engine, 4)
    write(engine, tmp_path)
    with reading(engine) as connection:
        chain = list(links(connection))
    with records.superuser() as connection:
        connection.execute("SET session_replication_role = replica")
        previous = chain[0].previous
        for link in chain:
            forged = replace(link, actor="bob" if link.seq == 2 else link.actor, previous=previous)
            previous = forged.content_hash()
            put(connection, forged, previous)
        connection.execute("UPDATE audit_head SET hash = %s", [previous])
    with reading(engine) as reader:
        in_itself = audit_verify(reader)
    broken = contradiction(engine, tmp_path)

    assert in_itself is None
    assert broken is not None
    assert (broken.seq, broken.fault) == (4, Fault.ALTERED)


def put(connection: psycopg.Connection, link: Link, digest: str) -> None:
    """Replace a record by a forged one."""
    connection.execute(
        "UPDATE audit SET actor = %s, previous = %s, hash = %s WHERE seq = %s",
        [link.actor, link.previous, digest, link.seq],
    )


def test_an_older_backup_is_found(engine: Engine, records: RecordsDatabase, tmp_path: Path) -> None:
    """Restored to before the checkpoint, the chain holds in itself and ends too early."""
    tell(engine, 4)
    write(engine, tmp_path)
    with records.superuser() as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM audit WHERE seq > 2")
        connection.execute("UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit WHERE seq = 2)")
    broken = contradiction(engine, tmp_path)

    assert broken is not None
    assert (broken.seq, broken.fault) == (4, Fault.MISSING)
    assert "older backup" in broken.found


@pytest.mark.parametrize("change", [{"seq": 1}, {"hash": "0" * 64}, {"version": 2}, {"signature": "AAAA"}, {"more": 1}])
def test_a_checkpoint_that_was_touched_is_refused(engine: Engine, tmp_path: Path, change: dict[str, object]) -> None:
    """Any change of what is signed, or of the signature."""
    tell(engine, 2)
    file = write(engine, tmp_path)
    file.write_text(json.dumps(json.loads(file.read_text()) | change))

    with pytest.raises(InputError, match="no checkpoint"):
        contradiction(engine, tmp_path)


def test_another_key_and_none_are_refused(engine: Engine, tmp_path: Path) -> None:
    """A checkpoint of another key vouches for nothing; a file that is no key, and an empty folder, are named."""
    tell(engine, 1)
    write(engine, tmp_path)
    checkpoints.write(tmp_path / "elsewhere", tmp_path / "other", head(engine), NOW + timedelta(days=1))
    with pytest.raises(InputError, match="no checkpoint"):
        checkpoints.read(tmp_path / "out", tmp_path / "other" / "checkpoint.pub")
    with pytest.raises(ConfigurationError, match="no public Ed25519 key"):
        checkpoints.read(tmp_path / "out", tmp_path / "keys" / "checkpoint.key")
    with pytest.raises(InputError, match="there is no checkpoint"):
        checkpoints.read(tmp_path / "keys", tmp_path / "keys" / "checkpoint.pub")
    (tmp_path / "keys" / "checkpoint.key").write_text("spoilt")
    tell(engine, 1)
    with pytest.raises(ConfigurationError, match="no Ed25519 key"):
        write(engine, tmp_path)
