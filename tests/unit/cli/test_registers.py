"""The commands of registers as a user runs them."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run, refused

pytestmark = pytest.mark.postgres
TEXT = "id,text,parent\nS-1,The pump shall stop.,\nS-2,The motor shall brake.,S-1\n"


def test_from_import_to_a_cleared_link(run: Run, tmp_path: Path) -> None:
    """Import, compare, list what is suspect, clear it with the stamp that was listed, export."""
    path, to = tmp_path / "r.csv", tmp_path / "register.json"
    path.write_text(TEXT)
    imported = run("requirements", "import", str(path), "--register", "pump")
    path.write_text(TEXT.replace("stop.", "stop within 2 s."))
    compared = json.loads(run("requirements", "diff", str(path), "--register", "pump", "--json").stdout)
    run("requirements", "import", str(path), "--register", "pump")
    (suspect,) = json.loads(run("requirements", "links", "--register", "pump", "--json").stdout)
    words = ("--by", "A. Reviewer", "--reason", "Same brake.", "--stamp", suspect["now"][:12])
    cleared = run("requirements", "clear", "S-2", "S-1", "--register", "pump", *words)
    listed = run("requirements", "links", "--register", "pump")
    run("requirements", "export", "--register", "pump", "--to", str(to))

    assert "2 new, 0 changed, 0 removed, 0 as before; 0 remarks; import 1 is on record" in imported.stdout
    assert (compared["reworded"], compared["unchanged"], compared["outcome"]) == (["S-1"], 1, "nothing was written")
    assert (suspect["condition"], suspect["key"]["item"]) == ("suspect", "S-2")
    assert cleared.stdout == "cleared: S-2 refines S-1\n"
    assert "1 current, 0 suspect" in listed.stdout
    assert json.loads(to.read_text())["schema"] == "postmarket-requirement-register"


def test_a_faulty_file_is_told_by_line(run: Run, tmp_path: Path) -> None:
    """Each fault stands on its own line with file and line, and the command fails."""
    path = tmp_path / "r.csv"
    path.write_text("id,text\nA,one\nA,two\n,three\n")

    said = refused(run("requirements", "import", str(path), "--register", "pump"))

    assert f"{path}:3: error: id 'A' stands here again, first in {path}:2" in said
    assert f"{path}:4: error: has no id" in said
    assert "2 faults" in said


def test_a_register_that_is_not_there(run: Run) -> None:
    """The known ones are named."""
    assert "known are: none yet" in refused(run("requirements", "links", "--register", "nope"))
