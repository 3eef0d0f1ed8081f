"""The digest of the code that is really loaded: drift from the signed release shows in every stamp."""

import hashlib
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


@cache
def code_digest(package: Path = PACKAGE) -> str:
    """Give the SHA-256 over name and content of every Python file of the package, in order of name.

    And of the lock file.
    """
    files = sorted(p for p in package.rglob("*.py") if "__pycache__" not in p.parts)
    lock = package.parents[1] / "requirements.txt"
    found = hashlib.sha256()
    for file in [*files, lock]:
        found.update(file.relative_to(package.parents[1]).as_posix().encode() + b"\0")
        found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()
