"""Reads the requirement register that a plan names: two CSV files, or an exported register (``.json``).

Register: id, version, text, issue, risks, tests (risks and tests are lists separated by ``;``).
Tests: id, title, last_result (pass, fail, not run), last_run (ISO date, empty when not run).
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from include.postmarket.model.finding import FaultyContentError, Finding, Weight
from include.postmarket.model.register import Item, ItemKind, Role
from include.postmarket.model.requirement import Requirement, Verification
from include.postmarket.requirements.exchange import read_register_file

REGISTER_COLUMNS = ("id", "version", "text", "issue", "risks", "tests")
TEST_COLUMNS = ("id", "title", "last_result", "last_run")
RESULTS = ("pass", "fail", "not run")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    file: str
    line: int
    cells: dict[str, str]

    def fault(self, message: str) -> Finding:
        return Finding(weight=Weight.ERROR, message=message, file=self.file, line=self.line)


def load_register(path: Path, tests_path: Path | None = None) -> tuple[Requirement, ...]:
    """Give the requirements in the order of the file; tests lie in ``tests_path`` or beside it, see `results_file`.

    Raises FaultyContentError with every fault of both files, each with its line: missing columns, doubled ids, empty
    texts, links to tests that do not exist, results that are none. Links to risks are checked where the risk file is
    known (`plans.check`).
    """
    if path.suffix == ".json":
        return _exported(read_register_file(path).items)
    tests_path = results_file(path) if tests_path is None else tests_path
    faults: list[Finding] = []
    rows = _read(path, REGISTER_COLUMNS, faults)
    test_rows = _read(tests_path, TEST_COLUMNS, faults)
    tests = {row.cells["id"]: _test(row) for row in test_rows}
    if not any(fault.file == str(tests_path) for fault in faults):  # else every link to a test would seem to dangle
        faults += [fault for row in rows for fault in _dangling_tests(row, tests)]
    faults += [*_doubled(rows), *_doubled(test_rows)]
    faults += [fault for row in test_rows for fault in _test_faults(row)]
    faults += [fault for row in rows for fault in _requirement_faults(row)]
    if faults:
        raise FaultyContentError(sorted(faults, key=lambda fault: (fault.file, fault.line)), where=str(path))
    return tuple(_requirement(row, tests) for row in rows)


def _exported(items: tuple[Item, ...]) -> tuple[Requirement, ...]:
    """Give the requirements of an exported register with the tests that verify them and the risks that they control."""
    tests: dict[str, list[Verification]] = {}
    for item in items:
        for link in item.links if item.kind is ItemKind.TEST else ():
            if link.role == Role.VERIFIES:
                done = Verification(
                    id=item.id, title=item.title, last_result=item.result or "not run", last_run=item.at[:10]
                )
                tests.setdefault(link.target, []).append(done)
    return tuple(
        Requirement(
            id=item.id,
            version=item.version or item.stamp[:12],  # many tools have no versions: then the words are the version
            text=item.text or item.title,
            issue=item.issue,
            risks=tuple(link.target for link in item.links if link.role == Role.RISK),
            tests=tuple(tests.get(item.id, ())),
        )
        for item in items
        if item.kind is ItemKind.REQUIREMENT
    )


def results_file(register: Path) -> Path:
    """Give where the tests of a register lie: beside it, ``requirements.csv`` has ``requirements.tests.csv``."""
    return register.with_suffix(".tests.csv")


def _read(path: Path, columns: tuple[str, ...], faults: list[Finding]) -> list[_Row]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        faults.append(Finding(weight=Weight.ERROR, message=f"cannot be read: {reason}", file=str(path)))
        return []
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    found: list[_Row] = []
    try:
        heading = tuple(reader.fieldnames or ())
        if set(heading) != set(columns) or len(heading) != len(columns):
            wrong = f"columns must be {', '.join(columns)}; found {', '.join(heading) or 'none'}"
            faults.append(Finding(weight=Weight.ERROR, message=wrong, file=str(path), line=1))
            return []
        for cells in reader:
            row = _Row(file=str(path), line=reader.line_num, cells={n: (cells.get(n) or "").strip() for n in columns})
            if None in cells or None in cells.values():
                faults.append(row.fault(f"has not {len(columns)} fields: a text with a comma needs quotes"))
            found.append(row)
    except csv.Error as error:
        faults.append(
            Finding(weight=Weight.ERROR, message=f"is not CSV: {error}", file=str(path), line=reader.line_num)
        )
    return found


def _doubled(rows: list[_Row]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for row in rows:
        name = row.cells["id"]
        if name and first.setdefault(name, row.line) != row.line:
            yield row.fault(f"id {name!r} stands here again, first in line {first[name]}")


def _test_faults(row: _Row) -> Iterator[Finding]:
    for name in ("id", "title"):
        if not row.cells[name]:
            yield row.fault(f"{name} is empty")
    result, run = row.cells["last_result"], row.cells["last_run"]
    if result not in RESULTS:
        yield row.fault(f"last_result must be one of {', '.join(RESULTS)}, is {result!r}")
    elif (result == "not run") != (run == ""):
        yield row.fault(f"last_result is {result!r} and last_run {run!r}: a test that ran has a date, another has none")
    if run and not _is_date(run):
        yield row.fault(f"last_run must be a date as YYYY-MM-DD, is {run!r}")


def _requirement_faults(row: _Row) -> Iterator[Finding]:
    for name in ("id", "version", "text"):
        if not row.cells[name]:
            yield row.fault(f"{name} is empty")
    for name in ("risks", "tests"):
        listed = _listed(row.cells[name])
        if len(set(listed)) != len(listed):
            yield row.fault(f"{name} names one of them twice: {row.cells[name]}")


def _dangling_tests(row: _Row, tests: dict[str, Verification]) -> Iterator[Finding]:
    for name in _listed(row.cells["tests"]):
        if name not in tests:
            yield row.fault(f"test {name!r} does not exist")


def _requirement(row: _Row, tests: dict[str, Verification]) -> Requirement:
    return Requirement(
        id=row.cells["id"],
        version=row.cells["version"],
        text=row.cells["text"],
        issue=row.cells["issue"],
        risks=_listed(row.cells["risks"]),
        tests=tuple(tests[name] for name in _listed(row.cells["tests"])),
    )


def _test(row: _Row) -> Verification:
    return Verification(
        id=row.cells["id"],
        title=row.cells["title"],
        last_result=row.cells["last_result"],
        last_run=row.cells["last_run"],
    )


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
