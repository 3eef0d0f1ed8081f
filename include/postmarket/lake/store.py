"""Where the lake keeps its bytes: a folder by default, and the few things an object store would have to do instead."""

import contextlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from include.postmarket.model.errors import IntegrityError, UnavailableError


class Store(Protocol):
    """Bytes by key; a key is a relative path with slashes."""

    def put(self, key: str, content: bytes) -> None:
        """Keep the content under the key, all of it or nothing, on disk when this returns; replaces what was there."""

    def get(self, key: str) -> bytes:
        """Give the content. Raises IntegrityError when the key is not there: nobody asks for what was not kept."""

    def has(self, key: str) -> bool:
        """Give whether the key is there."""

    def uri(self, key: str) -> str:
        """Give the address under which DuckDB opens the content."""


@dataclass(frozen=True, slots=True)
class FolderStore:
    """A folder of this machine or of a file share."""

    root: Path

    def put(self, key: str, content: bytes) -> None:
        """Write beside the place, flush to the disk, then rename: a reader sees the old file or the new one."""
        path = self._path(key)
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            _flush_folder(path.parent)
        except OSError as error:
            with contextlib.suppress(OSError):  # the first error is the one to tell
                temporary.unlink()
            raise UnavailableError(
                f"cannot write {key}: {error.strerror}",
                where="lake",
                todo="look at space and rights of the lake's folder",
            ) from error

    def get(self, key: str) -> bytes:
        """Read the whole file."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError as error:
            raise IntegrityError(
                f"{key} is gone",
                where="lake",
                todo="restore the lake from its backup; nothing may be computed without it",
            ) from error
        except OSError as error:
            raise UnavailableError(
                f"cannot read {key}: {error.strerror}", where="lake", todo="look at the lake's disk and rights"
            ) from error

    def has(self, key: str) -> bool:
        """Look for the file."""
        return self._path(key).is_file()

    def uri(self, key: str) -> str:
        """Give the file's path."""
        return str(self._path(key))

    def _path(self, key: str) -> Path:
        path = Path(key)
        if path.is_absolute() or ".." in path.parts:
            raise IntegrityError(f"{key!r} leads out of the lake", where="lake", todo="this is a fault of the program")
        return self.root / path


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
