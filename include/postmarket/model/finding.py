"""A fault found in something a person wrote: where it stands, how grave it is, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from include.postmarket.model.errors import ConfigurationError


class Weight(StrEnum):
    """Whether a finding stops the content from being used."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault: ``file`` and ``line`` (from 1; 0 is unknown) say where, ``key`` is the path within the file."""

    weight: Weight
    message: str
    file: str = ""
    line: int = 0
    key: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        dotted = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.key).lstrip(".")
        return ": ".join(part for part in (place, self.weight.value, dotted, self.message) if part)


class FaultyContentError(ConfigurationError):
    """Files that a person wrote cannot be used; ``findings`` holds every fault found, not only the first."""

    def __init__(self, findings: Iterable[Finding], *, where: str) -> None:
        self.findings = tuple(findings)
        listed = "\n".join(str(finding) for finding in self.findings)
        super().__init__(f"{len(self.findings)} faults found", where=where, todo=f"mend each of them:\n{listed}")


def errors_of(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give those findings that stop the content from being used."""
    return tuple(finding for finding in findings if finding.weight is Weight.ERROR)
