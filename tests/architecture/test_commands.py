"""The commands that people and machines are told to use: make targets, hooks, the CI script and the README's words."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

PROGRAMS = Path(sys.executable).parent
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, flags=re.MULTILINE))


def test_every_target_has_a_help_text() -> None:
    """`make help`, which is also plain `make`, lists every target with what it does."""
    printed = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    listed = dict(re.findall(r"^ +make (\w+) +(\S.*)$", printed, flags=re.MULTILINE))

    assert set(listed) == TARGETS
    assert {"setup", "demo", "up", "test", "clean"} <= TARGETS


def test_every_target_is_phony() -> None:
    """A file named `test` or `demo` cannot keep a target from running."""
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, flags=re.MULTILINE)

    assert phony is not None
    assert set(phony[1].split()) == TARGETS


@pytest.mark.parametrize("script", [".ci/run", "tests/run_all.sh"])
def test_scripts_can_be_run_and_stop_at_the_first_failure(script: str) -> None:
    """The scripts are executable, hold to bash's syntax, and do not go on after a failed command."""
    file = ROOT / script
    checked = subprocess.run(["bash", "-n", file], capture_output=True, text=True, check=False)

    assert os.access(file, os.X_OK)
    assert checked.returncode == 0, checked.stderr
    assert "set -euo pipefail" in file.read_text()


def test_continuous_integration_runs_what_people_run() -> None:
    """CI has no commands of its own: it runs `make test`, which runs tests/run_all.sh."""
    assert (ROOT / ".ci" / "run").read_text().rstrip().endswith("exec make test")
    assert re.search(r"^test: .*\n\t@tests/run_all\.sh$", MAKEFILE, flags=re.MULTILINE)


@pytest.mark.parametrize("document", ["README.md", "docs/tutorial.md", "docs/runbook.md", "docs/architecture.md"])
def test_documents_name_targets_that_exist(document: str) -> None:
    """Whatever a page says after `make` is a target."""
    page = ROOT / document
    if not page.is_file():
        pytest.skip(f"{document} has not been written")
    named = set(re.findall(r"(?:`|^|\s{2,}|\$ )make ([a-z]+)\b(?=[`\s;,.)]|$)", page.read_text(), flags=re.MULTILINE))

    assert named - TARGETS == set()


@pytest.fixture(name="hooks", scope="module")
def hooks() -> dict[str, dict[str, Any]]:
    """Give the hooks of .pre-commit-config.yaml by id."""
    (repo,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repo["repo"] == "local"
    return {hook["id"]: hook for hook in repo["hooks"]}


def test_hooks_are_understood() -> None:
    """pre-commit itself takes the file."""
    words = [str(PROGRAMS / "pre-commit"), "validate-config", ".pre-commit-config.yaml"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_hooks_run_what_is_installed(hooks: dict[str, dict[str, Any]]) -> None:
    """Every hook is a program of the virtual environment, so that committing needs no network."""
    assert {hook["language"] for hook in hooks.values()} == {"system"}
    for hook in hooks.values():
        program = hook["entry"].split()[0]

        assert program.startswith(".venv/bin/")
        assert (PROGRAMS / Path(program).name).is_file(), program


def test_hooks_check_what_make_check_checks(hooks: dict[str, dict[str, Any]]) -> None:
    """Format, lint, types and layers are in both; the hooks add what only a commit can bring in."""
    checked = set(re.findall(r"\$\(VENV\)/bin/(\S+)", MAKEFILE.partition("\ncheck:")[2].partition("\n\n")[0]))
    hooked = {Path(hook["entry"].split()[0]).name for hook in hooks.values()}

    assert checked == {"ruff", "mypy", "lint-imports"}
    assert checked <= hooked
    assert {"committed-files", "compose"} <= set(hooks)
