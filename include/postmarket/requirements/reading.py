"""What the importers fill: items as their tool spells them, and every fault with its place."""

from dataclasses import dataclass, field

from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.finding import FaultyContentError, Finding, Weight, errors_of
from include.postmarket.model.register import ItemKind


@dataclass(slots=True, kw_only=True)
class Draft:
    """An item before its fields are known: ``fields`` by the source's names, ``links`` as (role, key of the target).

    ``key`` is what links of the same source point to; the id is found in the fields, or is the key when ``keyed``.
    """

    key: str
    fields: dict[str, str]
    links: list[tuple[str, str]] = field(default_factory=list)
    kind: ItemKind | None = None
    keyed: bool = True
    file: str = ""
    line: int = 0


@dataclass(slots=True)
class Reading:
    """Everything that was read of one import, in the order of the source."""

    drafts: list[Draft] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def error(self, message: str, file: str, line: int = 0) -> None:
        """Note a fault that stops the import, once everything has been read."""
        self.findings.append(Finding(weight=Weight.ERROR, message=message, file=file, line=line))

    def listed(self, message: str, file: str, line: int = 0) -> None:
        """Note what is not taken, or not sure: nothing is left out in silence."""
        self.findings.append(Finding(weight=Weight.WARNING, message=message, file=file, line=line))

    def refuse_faults(self, where: str) -> None:
        """Raise FaultyContentError with every fault, if there is any."""
        if errors_of(self.findings):
            raise FaultyContentError(ordered(self.findings), where=where)


def ordered(findings: list[Finding]) -> list[Finding]:
    """Give findings in the order of files and lines."""
    return sorted(findings, key=lambda finding: (finding.file, finding.line))


def fatal(message: str, file: str, line: int = 0) -> FaultyContentError:
    """Give the error of a file that cannot be read on."""
    return FaultyContentError([Finding(weight=Weight.ERROR, message=message, file=file, line=line)], where=file)


def unknown_format(path: str, todo: str) -> ConfigurationError:
    """Give the error of a file that no importer knows."""
    return ConfigurationError("the file is of no known requirement format", where=path, todo=todo)
