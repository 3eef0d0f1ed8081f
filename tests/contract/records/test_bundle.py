"""The trail as files: exported, verified without a database, and what was done to the files found (11.10(b), G6)."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from include.postmarket.model.errors import InputError, IntegrityError
from include.postmarket.records.bundle import MANIFEST, TRAIL, export, read_manifest, verify_bundle
from include.postmarket.records.chain import Fault
from include.postmarket.records.engine import reading
from include.postmarket.records.signers import Signers
from tests.contract.records.test_round_trips import write_all
from tests.unit.records.samples import NOW

pytestmark = pytest.mark.postgres


@pytest.fixture(name="folder")
def fixture_folder(engine: Engine, tmp_path: Path) -> Path:
    """Give the bundle of records that hold one of everything."""
    write_all(engine)
    with reading(engine) as connection:
        return export(connection, tmp_path / "bundle", NOW).folder


def bend(folder: Path, name: str, change: Callable[[list[str]], list[str]]) -> None:
    """Change the lines of a file, and make the manifest fit it: a forger who knows the format."""
    file = folder / name
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(change(lines)))
    manifest = read_manifest(folder)
    manifest["files"][name] = hashlib.sha256(file.read_bytes()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))


def test_an_export_holds_and_counts_what_is_there(folder: Path, engine: Engine) -> None:
    """Everything verifies again from the files alone; the manifest says how much there is."""
    manifest = read_manifest(folder)
    with reading(engine) as connection:
        head = connection.exec_driver_sql("SELECT seq, hash FROM audit_head").one()

    assert verify_bundle(folder) is None
    assert manifest["head"] == {"seq": head.seq, "hash": head.hash}
    assert manifest["records"] == head.seq == len((folder / TRAIL).read_text().splitlines())
    assert manifest["rows"] == sum(len(f.read_text().splitlines()) for f in (folder / "rows").glob("*.jsonl"))
    assert "open signal" in (folder / "trail" / "0001.html").read_text()


def test_no_password_hash_is_exported(folder: Path, engine: Engine) -> None:
    """What would let someone guess passwords stays in the database; its seal is verified all the same."""
    account = Signers(engine).account("anna")
    everything = "".join(f.read_text() for f in folder.rglob("*") if f.is_file())

    assert account is not None
    assert account.passwords[0].startswith("$argon2id$")
    assert "argon2" not in everything
    assert "sha256:" in (folder / "rows" / "signer_events.jsonl").read_text()


@pytest.mark.parametrize(
    ("name", "change", "fault", "table"),
    [
        (TRAIL, lambda lines: [line.replace("postmarket", "somebody") for line in lines], Fault.ALTERED, "audit"),
        (TRAIL, lambda lines: lines[:3] + lines[4:], Fault.MISSING, "audit"),
        (TRAIL, lambda lines: lines[:-1], Fault.MISSING, "audit"),
        (TRAIL, lambda lines: [*lines[:2], lines[1], *lines[2:]], Fault.INSERTED, "audit"),
        ("rows/signals.jsonl", lambda lines: [line.replace("high", "low") for line in lines], Fault.ALTERED, "signals"),
        ("rows/signals.jsonl", lambda _: [], Fault.MISSING, "signals"),
        ("rows/detections.jsonl", lambda lines: [*lines, lines[0]], Fault.INSERTED, "detections"),
        (
            "rows/tickets.jsonl",
            lambda lines: [line.replace("PUMP-2", "PUMP-3") for line in lines],
            Fault.ALTERED,
            "tickets",
        ),
        (
            "rows/signer_events.jsonl",
            lambda lines: [line.replace("sha256:", "sha256:0") for line in lines],
            Fault.ALTERED,
            "signer_events",
        ),
    ],
)
def test_a_forged_file_is_found(
    folder: Path, name: str, change: Callable[[list[str]], list[str]], fault: Fault, table: str
) -> None:
    """Though the manifest fits the forged file, the chain names the first record that does not hold."""
    bend(folder, name, change)
    broken = verify_bundle(folder)

    assert broken is not None
    assert (broken.fault, broken.table) == (fault, table)


def test_a_file_that_is_not_the_exported_one_is_named(folder: Path) -> None:
    """Touched or lost, the manifest names it; a line that is none is named by number."""
    (folder / "rows" / "runs.jsonl").write_text("")
    with pytest.raises(IntegrityError, match=r"rows/runs\.jsonl is not the file"):
        verify_bundle(folder)
    (folder / "rows" / "runs.jsonl").unlink()
    with pytest.raises(IntegrityError, match=r"rows/runs\.jsonl is missing"):
        verify_bundle(folder)


def test_a_line_that_is_no_record_is_named(folder: Path) -> None:
    """Cut in half, it is named by its number."""
    bend(folder, TRAIL, lambda lines: [lines[0], lines[1][:20] + "\n", *lines[2:]])

    with pytest.raises(IntegrityError, match="line 2 is no record"):
        verify_bundle(folder)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"schema": "postmarket-audit-bundle", "version": 2}'])
def test_what_is_no_bundle_is_refused(tmp_path: Path, text: str) -> None:
    """No manifest, another schema, or another version."""
    (tmp_path / MANIFEST).write_text(text)

    with pytest.raises(InputError, match="holds no manifest"):
        verify_bundle(tmp_path)


def test_nothing_is_overwritten(folder: Path, engine: Engine, tmp_path: Path) -> None:
    """A folder that holds something, or that is a file, is refused."""
    (tmp_path / "file").write_text("")
    with reading(engine) as connection:
        with pytest.raises(InputError, match="not empty"):
            export(connection, folder, NOW)
        with pytest.raises(InputError, match="cannot be written"):
            export(connection, tmp_path / "file", NOW)
