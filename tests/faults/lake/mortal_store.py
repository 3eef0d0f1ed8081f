"""A store whose process dies at a write, and one whose disk is full at it."""

from dataclasses import dataclass
from pathlib import Path

from include.postmarket.lake.store import FolderStore
from include.postmarket.model.errors import UnavailableError


class KilledError(Exception):
    """The process dies here."""


@dataclass
class MortalStore:
    """A folder store that fails at one write.

    ``moment`` says how: the process dies before it, in the middle of it or after it, or the disk is ``full``.
    """

    real: FolderStore
    dies_at: int
    moment: str
    writes: int = 0

    def put(self, key: str, content: bytes) -> None:
        """Write, unless this is the write to fail at."""
        self.writes += 1
        if self.writes != self.dies_at:
            self.real.put(key, content)
            return
        if self.moment == "full":
            raise UnavailableError(f"cannot write {key}: No space left on device", where="lake", todo="free some space")
        if self.moment == "middle":
            path = Path(self.real.uri(key))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_name(f".{path.name}.dead.tmp").write_bytes(content[: len(content) // 2])
        if self.moment == "after":
            self.real.put(key, content)
        raise KilledError

    def get(self, key: str) -> bytes:
        """Read."""
        return self.real.get(key)

    def has(self, key: str) -> bool:
        """Look."""
        return self.real.has(key)

    def uri(self, key: str) -> str:
        """Give the path."""
        return self.real.uri(key)
