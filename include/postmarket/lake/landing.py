"""Landing: bytes are kept under their hash before anything looks at them (G1)."""

import hashlib
from datetime import datetime

from include.postmarket.lake.store import Store
from include.postmarket.model.batch import Fetched, Landing, Source, Window
from include.postmarket.model.errors import ConfigurationError, IntegrityError


def land(store: Store, fetched: Fetched, source: Source, window: Window, now: datetime) -> Landing:
    """Keep the bytes and give the landing; doing it again changes nothing.

    A pull covers only days that are over: the window ends at the day of the pull at the latest, so that half a month is
    never taken for a whole one, and the rest of the month is another batch. Raises ConfigurationError when no day of
    the window is over.
    """
    end = min(window.end, now.date())
    if end <= window.start:
        raise ConfigurationError(
            f"no day from {window.start} to before {window.end} was over on {now.date()}",
            where=f"pull of {source.value}",
            todo="pull a window that has begun at least a day before",
        )
    sha256 = hashlib.sha256(fetched.content).hexdigest()
    key = _key(sha256)
    if not (store.has(key) and hashlib.sha256(store.get(key)).hexdigest() == sha256):
        store.put(key, fetched.content)
    return Landing(
        source=source,
        window=Window(window.start, end),
        sha256=sha256,
        size=len(fetched.content),
        media=fetched.media,
        origin=fetched.origin,
        label=fetched.label,
        pulled_at=now,
    )


def content(store: Store, landing: Landing) -> bytes:
    """Give the landed bytes. Raises IntegrityError when they are gone or no longer have their hash."""
    found = store.get(_key(landing.sha256))
    if hashlib.sha256(found).hexdigest() != landing.sha256:
        raise IntegrityError(
            f"landed bytes {landing.sha256[:12]} have changed",
            where="lake",
            todo="restore the lake from its backup and find out who changed it",
        )
    return found


def _key(sha256: str) -> str:
    return f"landing/{sha256[:2]}/{sha256}"
