"""One way in for every kind of requirement file: which kind it is, its reader, and the one form that comes out."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from include.postmarket.model.canonical import digest
from include.postmarket.model.finding import Finding
from include.postmarket.model.register import SCHEMA, RegisterFile
from include.postmarket.requirements.assembly import assemble
from include.postmarket.requirements.content import read_bytes, text_of
from include.postmarket.requirements.development import read_git_log, read_pull_requests
from include.postmarket.requirements.doorstop import SETTINGS, read_doorstop
from include.postmarket.requirements.exchange import GENERATOR, read_register_file
from include.postmarket.requirements.jira_export import read_jira
from include.postmarket.requirements.junit import read_junit
from include.postmarket.requirements.mapping import Mapping
from include.postmarket.requirements.needs import read_needs
from include.postmarket.requirements.reading import Reading, ordered, unknown_format
from include.postmarket.requirements.reqif import read_reqif
from include.postmarket.requirements.strictdoc import read_strictdoc
from include.postmarket.requirements.tables import read_csv, read_xlsx


class Format(StrEnum):
    """The formats that can be read."""

    REQIF = "reqif"
    DOORSTOP = "doorstop"
    STRICTDOC = "strictdoc"
    NEEDS = "needs"
    CSV = "csv"
    XLSX = "xlsx"
    JIRA = "jira"
    REGISTER = "register"
    JUNIT = "junit"
    GIT_LOG = "git-log"
    PULL_REQUESTS = "pull-requests"


#: What these hold is added to a register; what they do not hold is not removed.
EVIDENCE_FORMATS = (Format.JUNIT, Format.GIT_LOG, Format.PULL_REQUESTS)
_SUFFIXES = {".reqif": Format.REQIF, ".reqifz": Format.REQIF, ".sdoc": Format.STRICTDOC, ".csv": Format.CSV,
             ".tsv": Format.CSV, ".xlsx": Format.XLSX, ".xlsm": Format.XLSX, ".log": Format.GIT_LOG}  # fmt: skip
_JSON_NAMES = (  # the first that a file holds says what it is
    (f'"{SCHEMA}"'.encode(), Format.REGISTER),
    (b'"current_version"', Format.NEEDS),
    (b'"issues"', Format.JIRA),
    (b'"versions"', Format.NEEDS),
)
_READERS: dict[Format, Callable[[bytes, str, Mapping], Reading]] = {
    Format.REQIF: read_reqif,
    Format.NEEDS: read_needs,
    Format.CSV: read_csv,
    Format.XLSX: read_xlsx,
    Format.JIRA: read_jira,
    Format.JUNIT: read_junit,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A register as it was read, and what was not taken or is not sure."""

    register: RegisterFile
    listed: tuple[Finding, ...]


def import_file(path: Path, mapping: Mapping, known: Collection[str] = (), form: Format | None = None) -> Imported:
    """Read a file or folder of requirements or evidence into the one form.

    ``known`` are ids of the register that evidence may name; ``form`` says the format where the name does not.

    Raises FaultyContentError with every fault that the file has, each with its place; ConfigurationError when its
    format is not known. Nothing is half read: there is a register of all of it, or an error.
    """
    form = form or format_of(path)
    if form is Format.REGISTER:
        return Imported(register=read_register_file(path), listed=())
    reading, sha256 = _read(path, form, mapping, known)
    items = assemble(reading, mapping, str(path))
    register = RegisterFile(generator=GENERATOR, format=form.value, source=path.name, sha256=sha256, items=items)
    return Imported(register=register, listed=tuple(ordered(reading.findings)))


def format_of(path: Path) -> Format:
    """Give the format of a file or folder by its name and first bytes. Raises ConfigurationError for no known one."""
    if path.is_dir():
        if any(path.rglob(SETTINGS)):
            return Format.DOORSTOP
        if any(path.rglob("*.sdoc")):
            return Format.STRICTDOC
        raise unknown_format(str(path), f"a folder must hold a {SETTINGS} (Doorstop) or .sdoc files (StrictDoc)")
    if path.suffix.lower() in _SUFFIXES:
        return _SUFFIXES[path.suffix.lower()]
    found = _by_content(read_bytes(path).lstrip(b"\xef\xbb\xbf \t\r\n"))
    if found is None:
        raise unknown_format(str(path), f"say it with --format: {', '.join(Format)}")
    return found


def _by_content(content: bytes) -> Format | None:
    if content.startswith(b"<"):
        return Format.REQIF if b"REQ-IF" in content else Format.JUNIT if b"<testsuite" in content else None
    if content.startswith(b"commit "):
        return Format.GIT_LOG
    if content.startswith(b"{"):
        return next((form for name, form in _JSON_NAMES if name in content), None)
    if content.startswith(b"["):
        return Format.JIRA if b'"issues"' in content else Format.PULL_REQUESTS if b'"title"' in content else None
    return None


def _read(path: Path, form: Format, mapping: Mapping, known: Collection[str]) -> tuple[Reading, str]:
    if form is Format.DOORSTOP:
        files = [file for file in sorted(path.rglob("*")) if file.suffix in {".yml", ".yaml", ".md"}]
        return read_doorstop(path), _digest(path, files)
    if form is Format.STRICTDOC:
        files = sorted(path.rglob("*.sdoc")) if path.is_dir() else [path]
        texts = [(str(file), text_of(read_bytes(file), str(file))) for file in files]
        return read_strictdoc(texts, mapping), _digest(path, files)
    content = read_bytes(path)
    sha256 = hashlib.sha256(content).hexdigest()
    if form is Format.GIT_LOG:
        return read_git_log(content, str(path), known), sha256
    if form is Format.PULL_REQUESTS:
        return read_pull_requests(content, str(path), known), sha256
    return _READERS[form](content, str(path), mapping), sha256


def _digest(folder: Path, files: list[Path]) -> str:
    """Give one hash for several files: of their names in the folder and the hashes of their bytes."""
    parts = [(file.relative_to(folder).as_posix(), hashlib.sha256(file.read_bytes()).hexdigest()) for file in files]
    return parts[0][1] if parts and files == [folder] else digest(parts)
