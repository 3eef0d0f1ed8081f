"""The source files of the repository, parsed once, and how to name a finding in them."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.conftest import ROOT

#: What runs in production; tests and benchmarks are held to fewer rules.
PRODUCT = ("include", "dags", "plugins")


@dataclass(frozen=True)
class Module:
    """One Python file, by its path in the repository."""

    path: str
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return self.text.count("\n")

    def at(self, node: ast.AST) -> str:
        """Name a place in it."""
        return f"{self.path}:{getattr(node, 'lineno', 0)}"


def modules(*roots: str) -> tuple[Module, ...]:
    """Give the Python files under these folders of the repository, by folder and name."""
    return tuple(module for root in roots for module in _under(root))


@cache
def committed() -> tuple[Path, ...]:
    """Give every file that git keeps and that is there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file())


def imported(module: Module) -> Iterator[tuple[ast.stmt, str]]:
    """Give every import statement of a file with the dotted name it imports from."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, "." * node.level + (node.module or "")


def dotted(node: ast.AST) -> str:
    """Give an attribute chain as it is written, ``os.environ``; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (left := dotted(node.value)):
        return f"{left}.{node.attr}"
    return ""


@cache
def _under(root: str) -> tuple[Module, ...]:
    files = sorted((ROOT / root).rglob("*.py"))
    texts = {file: file.read_text(encoding="utf-8") for file in files}
    return tuple(Module(str(f.relative_to(ROOT)), text, ast.parse(text)) for f, text in texts.items())
