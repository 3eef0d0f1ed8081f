"""What may not be committed: secrets, paths of somebody's machine, large files. Also a pre-commit hook.

python -m tests.architecture.committed_files FILE ...
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

LARGEST = 600_000
#: The forms of real secrets; `[x]` in a pattern keeps it from matching itself.
SECRETS = {
    "a private key": r"-----BEGI[N] [A-Z ]*PRIVATE KEY-----",
    "an AWS key": r"\bAKI[A][0-9A-Z]{16}\b",
    "a GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pa[t]_[A-Za-z0-9_]{40,}",
    "an Atlassian token": r"\bATAT[T][A-Za-z0-9_=-]{40,}",
    "a Slack token": r"\bxox[abprs]-[A-Za-z0-9-]{20,}",
    "a signed web token": r"\bey[J][A-Za-z0-9_-]{20,}\.ey[J][A-Za-z0-9_-]{20,}\.",
    "a password in an address": r"://[a-z_]+:[A-Za-z0-9+/_-]{24,}@",
}
MACHINE = {"a path of somebody's machine": r"(?<![\w.])/(?:hom[e]|User[s]|roo[t])/[a-z]\w*|\b[A-Z]:\\User[s]\\"}
#: The home folder of nobody: images and documents may name it.
ALLOWED = {"Dockerfile"}


def faults(file: Path) -> list[str]:
    """Give what is wrong with a file, with line numbers; nothing for binary files that are small enough."""
    content = file.read_bytes()
    found = [f"{file}: {len(content)} bytes, more than {LARGEST}"] if len(content) > LARGEST else []
    if b"\0" in content:
        return found
    patterns = SECRETS | (MACHINE if file.name not in ALLOWED else {})
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
        found += [f"{file}:{number}: {what}" for what, pattern in patterns.items() if re.search(pattern, line)]
    return found


def main(names: Sequence[str]) -> int:
    """Print the faults of the files; gives the exit code."""
    found = [fault for name in names for fault in faults(Path(name))]
    sys.stderr.write("".join(f"{fault}\n" for fault in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
