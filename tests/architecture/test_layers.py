"""Who may import whom: the contracts hold, every room is placed, and there is one way to reach a module."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.source_tree import PRODUCT, dotted, imported, modules
from tests.conftest import ROOT

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
EVERYWHERE = (*PRODUCT, "tests", "benchmarks")


def test_the_contracts_hold() -> None:
    """import-linter finds no import against the layers; its own words are the message."""
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([str(linter), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_room_is_placed() -> None:
    """Each folder of the package stands in exactly one layer, and no layer names a room that is gone."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(c for c in contracts if c["type"] == "layers")
    placed = sorted(room.strip() for layer in layers["layers"] for room in layer.split("|"))
    rooms = sorted(p.parent.name for p in (ROOT / "include" / "postmarket").glob("*/__init__.py"))

    assert layers["exhaustive"]
    assert rooms == placed


def test_no_import_is_relative() -> None:
    """The repository root is the one import root: every import of ours is spelled from there."""
    relative = [m.at(node) for m in modules(*EVERYWHERE) for node, name in imported(m) if name.startswith(".")]

    assert relative == []


def test_nothing_edits_the_import_path() -> None:
    """No file touches sys.path, and none imports from dags/."""
    edits = [m.at(n) for m in modules(*EVERYWHERE) for n in ast.walk(m.tree) if dotted(n) == "sys.path"]
    from_dags = [m.at(n) for m in modules(*EVERYWHERE) for n, name in imported(m) if name.split(".")[0] == "dags"]

    assert edits + from_dags == []


def test_modules_are_named_by_what_is_in_them() -> None:
    """No module or folder is a drawer: utils, helpers, common, base, manager."""
    named = [m.path for m in modules(*EVERYWHERE) if {*Path(m.path).with_suffix("").parts} & FORBIDDEN_NAMES]

    assert named == []


def test_airflow_is_known_to_wiring_dags_and_plugins_only() -> None:
    """import-linter holds the package to it; here the Jira stand-in, the plans and the samples are held to it too."""
    knowing = [
        m.at(node)
        for m in modules("include")
        if not m.path.startswith("include/wiring/")
        for node, name in imported(m)
        if name.split(".")[0] == "airflow"
    ]

    assert knowing == []
