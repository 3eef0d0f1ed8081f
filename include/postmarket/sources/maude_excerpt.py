"""What MAUDE's own files hold of a window: the lines of its reports, as they came, in one small archive.

The files of all years are many gigabytes. They are read line by line, the reports of the window are found in the master
files, those about other devices are left out, and of every file the lines of the rest are copied as they are. In
memory are the keys of the window, never a file.
"""

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from include.postmarket.model.batch import Fetched, Label, Media, Window
from include.postmarket.model.errors import InputError
from include.postmarket.sources import cells, files
from include.postmarket.sources.maude_lines import Head, Kind, cells_of, head, key_of, rows
from include.postmarket.sources.same_device import Devices

_SUFFIXES = frozenset({".txt", ".zip"})
_IN_MEMORY = 64 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class MaudeFile:
    """One text file, alone or in a zip."""

    path: Path
    inside: str  # its name in the zip, "" where the file is no zip
    head: Head
    first: bytes

    @property
    def name(self) -> str:
        """What people call it."""
        return self.inside or self.path.name

    def rows(self) -> Iterator[bytes]:
        """Give its rows one by one."""
        with _opened(self.path, self.inside) as stream:
            if not self.head.is_row:
                stream.readline()
            yield from rows(stream) if self.head.kind is not Kind.PROBLEM_NAME else stream


def fetch(folder: Path, window: Window, devices: Devices, label: Label) -> Fetched:
    """Give the lines of the reports that FDA received in the days of a window and that are about wanted devices.

    Reports whose day cannot be read are among them, for the checks to judge. Raises InputError when the folder has no
    master file, a file that is none of MAUDE's, or one that cannot be read.
    """
    found = _files(folder)
    masters = [f for f in found if f.head.kind is Kind.MASTER]
    if not masters:
        raise InputError(
            f"folder {folder.name} has no master file (mdrfoi) among {len(found)} files",
            where="MAUDE folder",
            todo="bring mdrfoi*.txt or its zip besides the others: without it no report has a date",
        )
    try:
        keys = _keys(masters, window)
        if devices.values:
            keys = _about(found, keys, devices)
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as packed:
            _pack(found, keys, packed)
            packed.seek(0)
            content = packed.read()
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise InputError(
            f"a file of {folder.name} cannot be read: {type(error).__name__}",
            where="MAUDE folder",
            todo="bring it again; it may have been cut short",
        ) from error
    origin = f"{folder.name}/ ({len(found)} MAUDE files)"
    return Fetched(content=content, media=Media.MAUDE, origin=origin, label=label)


def _files(folder: Path) -> list[MaudeFile]:
    if not folder.is_dir():
        raise InputError(
            f"there is no folder {folder.name}", where="MAUDE folder", todo="check `maude` in sources.yaml"
        )
    found: list[MaudeFile] = []
    strangers: list[str] = []
    for path in sorted(p for p in folder.iterdir() if p.suffix.lower() in _SUFFIXES):
        for inside in _inside(path):
            with _opened(path, inside) as stream:
                first = stream.readline()
            said = head(first)
            if said is None:
                strangers.append(inside or path.name)
            else:
                found.append(MaudeFile(path=path, inside=inside, head=said, first=first))
    if strangers:
        raise InputError(
            f"{len(strangers)} file(s) are none of MAUDE's: {', '.join(strangers[:20])}",
            where="MAUDE folder",
            todo="take them out of the folder; the header of each file is what tells its table",
        )
    return [f for f in found if f.head.kind is not Kind.OTHER]


def _inside(path: Path) -> list[str]:
    if path.suffix.lower() != ".zip":
        return [""]
    try:
        with zipfile.ZipFile(path) as archive:
            return [name for name in sorted(archive.namelist()) if name.lower().endswith(".txt")]
    except (zipfile.BadZipFile, OSError) as error:
        raise InputError(
            f"{path.name} cannot be unpacked: {error}", where="MAUDE folder", todo="bring the file again"
        ) from error


@contextmanager
def _opened(path: Path, inside: str) -> Iterator[IO[bytes]]:
    if inside:
        with zipfile.ZipFile(path) as archive, archive.open(inside) as stream:
            yield stream
    else:
        with path.open("rb") as stream:
            yield stream


def _keys(masters: list[MaudeFile], window: Window) -> set[str]:
    found: set[str] = set()
    for file in masters:
        for row in file.rows():
            day = cells.fda_date(cells_of(row, file.head.columns)[0].get("date_received", ""))
            if day is None or window.start <= day < window.end:
                found.add(key_of(row))
    return found


def _about(found: list[MaudeFile], keys: set[str], devices: Devices) -> set[str]:
    return {
        key_of(row)
        for file in found
        if file.head.kind is Kind.DEVICE
        for row in file.rows()
        if key_of(row) in keys and devices.chosen([cells_of(row, file.head.columns)[0]]) is not None
    }


def _pack(found: list[MaudeFile], keys: set[str], packed: IO[bytes]) -> None:
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for number, file in enumerate(found):
            with archive.open(files.entry(f"{number:03d}-{Path(file.name).name}"), "w", force_zip64=True) as member:
                if not file.head.is_row:
                    member.write(file.first.rstrip(b"\r\n") + b"\n")
                for row in file.rows():
                    if file.head.kind is Kind.PROBLEM_NAME or key_of(row) in keys:
                        member.write(row.rstrip(b"\r\n") + b"\n")
