"""Files as they lie: a path to bytes, and bytes to text members.

A folder is one pull, so its files travel as one archive: stored, sorted and without times, so that the same files give
the same bytes and hash. A zip that a person brings is read the same way.
"""

import io
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from include.postmarket.model.batch import Fetched, Label, Media
from include.postmarket.model.errors import InputError

#: The most that an archive may hold when unpacked: far above a year of MAUDE, far below a disk.
UNPACKED_LIMIT = 8 * 1024**3

_EPOCH = (1980, 1, 1, 0, 0, 0)
_SUFFIXES = {
    ".json": Media.OPENFDA_JSON,
    ".csv": Media.CSV,
    ".txt": Media.CSV,
    ".parquet": Media.PARQUET,
    ".xlsx": Media.XLSX,
}
#: An Excel workbook is a zip as well, and not one of files of ours.
_OF_A_WORKBOOK = "[Content_Types].xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of what was fetched; ``name`` is empty where the content is a single file."""

    name: str
    content: bytes


def fetch(path: Path, label: Label, media: frozenset[Media]) -> Fetched:
    """Give the whole content of a file, or of a folder's files of these media as one archive.

    Raises InputError when there is nothing to read, when it cannot be read, or when a folder mixes media.
    """
    try:
        if path.is_dir():
            return _fetch_folder(path, label, media)
        content = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot read {path.name}: {error.strerror or type(error).__name__}",
            where="source file",
            todo="check that the path is right and that this process may read it",
        ) from error
    return single(path.name, content, label, media)


def single(name: str, content: bytes, label: Label, media: frozenset[Media]) -> Fetched:
    """Give one file as what was fetched. Raises InputError when it is of another kind."""
    kinds = _media_within(name, content) & media
    if len(kinds) != 1:
        raise InputError(
            f"{name} is not a file of this source",
            where="source file",
            todo=f"give one of {_spelled(media)}, or a zip of files of one kind",
        )
    return Fetched(content=content, media=kinds.pop(), origin=name, label=label)


def members(content: bytes) -> tuple[Member, ...]:
    """Give the files within some content: the members of a zip in the order of their names, else the content itself.

    Raises InputError for an archive that is damaged, locked, holds nothing or is too big.
    """
    if not content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return (Member(name="", content=content),)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if _OF_A_WORKBOOK in archive.namelist():
                return (Member(name="", content=content),)
            entries = sorted((e for e in archive.infolist() if _wanted(e)), key=lambda e: e.filename)
            if sum(e.file_size for e in entries) > UNPACKED_LIMIT:
                raise InputError(
                    f"archive unpacks to more than {UNPACKED_LIMIT} bytes",
                    where="zip",
                    todo="split it into smaller archives, or look at where it came from",
                )
            found = tuple(Member(name=e.filename, content=archive.read(e)) for e in entries)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise InputError(
            f"archive cannot be unpacked: {error}", where="zip", todo="bring the file again, without a password"
        ) from error
    if not found:
        raise InputError("archive holds no CSV, JSON, Excel or Parquet file", where="zip", todo="check what was packed")
    return found


def decode(member: Member) -> tuple[str, str]:
    """Give a member's text and the encoding that read it: utf-8, utf-16, or cp1252 (Latin-1 as Windows writes it).

    Raises InputError when none of them reads the bytes.
    """
    content = member.content
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return content.decode(encoding), encoding.removesuffix("-sig")
        except UnicodeDecodeError as error:
            position = error.start
    raise InputError(
        f"bytes are no text: neither UTF-8 nor Windows-1252 reads byte {position}",
        where=member.name or "source file",
        todo="export the file again as UTF-8",
    )


def pack(found: Mapping[str, bytes], name: str, label: Label, media: frozenset[Media]) -> Fetched:
    """Give the files of one folder, by their names within it, as one archive; other kinds of files are left out.

    Raises InputError when none is of these media, or when they are of several.
    """
    chosen = {file: kind for file in sorted(found) if (kind := _kind(file)) in media}
    kinds = set(chosen.values())
    if len(kinds) != 1:
        problem = "mixes kinds of files" if kinds else "holds no file of this source"
        raise InputError(
            f"folder {name} {problem} ({len(found)} files seen)",
            where="source folder",
            todo=f"give a folder with files of one of {_spelled(media)}",
        )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for file in chosen:
            archive.writestr(entry(file), found[file])
    origin = f"{name}/ ({len(chosen)} files)"
    return Fetched(content=packed.getvalue(), media=next(iter(kinds)), origin=origin, label=label)


def entry(name: str) -> zipfile.ZipInfo:
    """Give an archive's entry without a time and with the same rights everywhere."""
    made = zipfile.ZipInfo(name, _EPOCH)
    made.external_attr = (stat.S_IFREG | 0o644) << 16
    made.create_system = 3
    return made


def wanted(name: str, media: frozenset[Media]) -> bool:
    """Say whether a file of a folder is read: of these media, not hidden, directly in it or in a partition's folder."""
    *folders, file = Path(name).parts
    return _kind(name) in media and not file.startswith(".") and all("=" in folder for folder in folders)


def _fetch_folder(path: Path, label: Label, media: frozenset[Media]) -> Fetched:
    inside = sorted(p for p in path.rglob("*") if p.is_file())
    names = {p.relative_to(path).as_posix(): p for p in inside}
    return pack({n: p.read_bytes() for n, p in names.items() if wanted(n, media)}, path.name, label, media)


def _kind(name: str) -> Media | None:
    return _SUFFIXES.get(Path(name).suffix.lower())


def _media_within(name: str, content: bytes) -> set[Media]:
    if content.startswith(b"PK\x03\x04") and Path(name).suffix.lower() not in _SUFFIXES:
        return {_SUFFIXES[Path(m.name).suffix.lower()] for m in members(content)}
    kind = _SUFFIXES.get(Path(name).suffix.lower())
    return {kind} if kind else set()


def _wanted(listed: zipfile.ZipInfo) -> bool:
    name = Path(listed.filename)
    hidden = name.name.startswith(".") or "__MACOSX" in name.parts
    return not listed.is_dir() and not hidden and name.suffix.lower() in _SUFFIXES


def _spelled(media: frozenset[Media]) -> str:
    return ", ".join(sorted(suffix for suffix, kind in _SUFFIXES.items() if kind in media))
