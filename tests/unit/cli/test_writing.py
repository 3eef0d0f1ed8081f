"""The check of writing as a user runs it: table, data, SARIF, exit code, reviewer."""

import json
import shlex
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.unit.cli.conftest import call_command, refused

TEXT = "id,text\nR-1,The pump must stop quickly.\nR-2,The pump shall talk to the PDMS.\n"


@pytest.fixture(name="path")
def fixture_path(tmp_path: Path) -> Path:
    """Give a register with faults."""
    path = tmp_path / "r.csv"
    path.write_text(TEXT)
    return path


def test_a_table_and_exit_code_one(path: Path) -> None:
    """Findings stand with place, rule and suggestion; the command fails, as a linter does."""
    said = call_command({}, "requirements", "check", str(path))

    assert said.returncode == 1
    for words in ("r.csv:2 [9-13]", "no-shall", "'quickly' is vague", "'PDMS' is not in the glossary"):
        assert words in said.stdout
    assert "2 requirements (1 none, 1 ubiquitous); 3 findings in 2 of them" in said.stdout


def test_data_glossary_and_report(path: Path, tmp_path: Path) -> None:
    """The same as data and as SARIF; a glossary takes its finding away."""
    glossary, report = tmp_path / "glossary.csv", tmp_path / "report.sarif"
    glossary.write_text("term,meaning\nPDMS,patient data management system\n")

    words = ("--glossary", str(glossary), "--report", str(report), "--json")
    told = json.loads(call_command({}, "requirements", "check", str(path), *words).stdout)

    assert [finding["rule"] for finding in told["findings"]] == ["no-shall", "vague"]
    assert len(json.loads(report.read_text())["runs"][0]["results"]) == 2


def test_a_reviewer_proposes_only(tmp_path: Path) -> None:
    """Its proposals are shown apart, and a register without findings still passes."""
    path, program = tmp_path / "r.csv", tmp_path / "reviewer.py"
    path.write_text("id,text\nR-1,The pump shall stop within 2 s.\n")
    answer = {
        "form": "postmarket-review-answer-1",
        "proposals": [{"requirement": "R-1", "words": "2 s", "reason": "why two?", "proposal": "1 s"}],
    }
    program.write_text(f"print({json.dumps(answer)!r})")

    command = shlex.join((sys.executable, str(program)))
    said = call_command({}, "requirements", "check", str(path), "--reviewer", command)

    assert said.returncode == 0
    assert "why two?" in said.stdout
    assert "decided by nobody" in said.stdout


@pytest.mark.parametrize("product", ["infusion-pump", "bone-cement"])
def test_the_examples_pass(product: str) -> None:
    """The registers of the demo's products are written as the rules ask."""
    said = call_command({}, "requirements", "check", str(ROOT / "include" / "plans" / product / "requirements.csv"))

    assert (said.returncode, "0 findings" in said.stdout) == (0, True)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    """A missing file is one message."""
    assert "cannot be read" in refused(call_command({}, "requirements", "check", str(tmp_path / "none.csv")))
