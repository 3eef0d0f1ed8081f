"""The rules of the house that no linter knows: size, docstrings, and who may read environment and clock."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.committed_files import faults
from tests.architecture.source_tree import PRODUCT, Module, committed, dotted, modules

#: Tests of more than 400 lines, each with the reason; a file of the product may have 300.
LONG_TESTS = {
    "tests/contract/jira_sandbox/test_answers.py": "one table: each answer of Jira's contract, in the contract's order",
}
ENVIRONMENT = {"os.environ", "os.getenv", "os.environb", "os.putenv"}
#: The edges of processes: they read the environment once and pass what they read.
READS_ENVIRONMENT = {
    "include/wiring/tasks.py": "an Airflow task is a process edge",
    "include/wiring/notices.py": "so is its failure callback",
    "include/wiring/local/__main__.py": "make demo, make up",
    "include/wiring/local/airflow_server.py": "hands the environment on to Airflow's processes",
    "include/wiring/local/jira_server.py": "hands the environment on to the stand-in",
    "include/postmarket/cli/site.py": "the command line",
    "include/postmarket/pages/__main__.py": "the pages on their own",
    "include/jira_sandbox/__main__.py": "the stand-in's process",
    "plugins/postmarket_pages.py": "the pages inside Airflow",
}
CLOCK = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
}
#: The edges where "now" is read; what decides gets it as an argument.
READS_CLOCK = {
    "include/wiring/tasks.py": "gives each step its moment",
    "include/wiring/notices.py": "dates the notice",
    "include/wiring/deferring.py": "says until when a worker is given back",
    "include/wiring/local/loop.py": "tells the runs of one demo from those of another",
    "include/postmarket/cli/app.py": "gives each step its moment",
    "include/postmarket/cli/quarantine.py": "dates a decision",
    "include/postmarket/cli/audit.py": "dates exports and checkpoints",
    "include/postmarket/cli/decisions.py": "dates decisions and signatures",
    "include/postmarket/cli/signers.py": "dates what happens to accounts",
    "include/postmarket/cli/registers.py": "gives imports and clearings their moment",
    "include/postmarket/pages/__main__.py": "gives the pages their moment",
    "include/postmarket/steps/filing.py": "short waits are slept through, so the moment moves inside the step",
    "include/jira_sandbox/__main__.py": "the stand-in's clock, which tests replace",
    "plugins/postmarket_pages.py": "gives the pages their moment",
}
GENERATED = "include/postmarket/records/migrations/versions/"


def test_long_tests_are_named_with_a_reason() -> None:
    """A test file of more than 400 lines is listed with its reason, and the list names no other."""
    assert set(LONG_TESTS) == {m.path for m in modules("tests", "benchmarks") if m.lines > 400}


def test_no_product_file_is_long() -> None:
    """What runs in production stays below 301 lines a file, and half of the files below 121."""
    lines = sorted(m.lines for m in modules(*PRODUCT) if m.lines)

    assert lines[-1] <= 300
    assert lines[len(lines) // 2] <= 120


def test_no_function_is_long() -> None:
    """No function of the product exceeds 45 lines; a migration is a list of tables and may."""
    long = {
        m.at(node): (node.end_lineno or 0) - node.lineno + 1
        for m in modules(*PRODUCT)
        if not m.path.startswith(GENERATED)
        for node in ast.walk(m.tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }

    assert {place: length for place, length in long.items() if length > 45} == {}


def test_what_is_public_has_a_docstring() -> None:
    """Every module, public class, function and method of the product says what it gives."""
    silent = [m.at(node) for m in modules(*PRODUCT) if not m.path.startswith(GENERATED) for node in _silent(m)]

    assert silent == []


def test_every_test_states_what_is_expected() -> None:
    """Each test function has a docstring."""
    tests = [
        (m, node)
        for m in modules("tests")
        for node in ast.walk(m.tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]

    assert len(tests) > 500
    assert [m.at(node) for m, node in tests if not ast.get_docstring(node)] == []


def test_the_environment_is_read_at_the_edges_only() -> None:
    """Only the named files read the environment, and each of them does."""
    assert set(READS_ENVIRONMENT) == _using(ENVIRONMENT)


def test_the_clock_is_read_at_the_edges_only() -> None:
    """Only the named files read the clock, and each of them does: what decides is told the moment."""
    assert set(READS_CLOCK) == _using(CLOCK)


def test_what_is_committed_holds_no_secret_and_no_machine() -> None:
    """No file in git holds a secret's form, a path of somebody's machine, or more bytes than a source file needs."""
    assert [fault for file in committed() for fault in faults(file)] == []


@pytest.mark.parametrize(
    "line",
    [
        "-----BEGIN " + "RSA PRIVATE KEY-----",
        "key = 'AKIA" + "ABCDEFGHIJKLMNOP'",
        "postgresql://app:" + "x" * 32 + "@db/records",
        "token: ghp_" + "a" * 36,
        "open('/home" + "/somebody/data.csv')",
        "cd /root" + "/project",
    ],
)
def test_a_secret_or_a_machine_is_found(tmp_path: Path, line: str) -> None:
    """Each form that must not be committed is found, with its line."""
    file = tmp_path / "settings.txt"
    file.write_text(f"fine\n{line}\n")
    (fault,) = faults(file)

    assert fault.startswith(f"{file}:2: ")


def test_a_large_file_is_found(tmp_path: Path) -> None:
    """A file that belongs into the lake rather than into git is found, binary or not."""
    file = tmp_path / "data.parquet"
    file.write_bytes(b"\0" * 600_001)

    assert [f"{file}: 600001 bytes, more than 600000"] == faults(file)


def _silent(module: Module) -> Iterator[ast.AST]:
    if not ast.get_docstring(module.tree) and module.text.strip():
        yield module.tree
    for node in module.tree.body:
        yield from _silent_definition(node)


def _silent_definition(node: ast.AST) -> Iterator[ast.AST]:
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) or node.name.startswith("_"):
        return
    if not ast.get_docstring(node):
        yield node
    if isinstance(node, ast.ClassDef):
        for part in node.body:
            yield from _silent_definition(part)


def _using(names: set[str]) -> set[str]:
    return {
        m.path
        for m in modules(*PRODUCT)
        for node in ast.walk(m.tree)
        if isinstance(node, (ast.Attribute, ast.Name)) and dotted(node) in names
    } | {
        m.path
        for m in modules(*PRODUCT)
        for node in ast.walk(m.tree)
        if isinstance(node, ast.ImportFrom) and any(f"{node.module}.{alias.name}" in names for alias in node.names)
    }
