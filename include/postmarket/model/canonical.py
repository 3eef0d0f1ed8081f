"""One spelling of a value as bytes, and the hash of it: every stamp, fingerprint and audit link is made here."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any


def plain(value: Any) -> Any:  # noqa: PLR0911 - one line a kind
    """Give dataclasses, enums, dates, tuples and mappings as the plain JSON values they are stored as."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, set | frozenset):
        return sorted(plain(v) for v in value)
    return value


def canonical_json(value: Any) -> bytes:
    """Give the one byte spelling of a value: keys sorted, no spaces, UTF-8, nan refused.

    Raises ValueError for nan and infinity (they have no JSON spelling) and TypeError for objects without a plain form.
    """
    text = json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def digest(value: Any) -> str:
    """Give the SHA-256 of the canonical spelling, 64 hex characters."""
    return hashlib.sha256(canonical_json(value)).hexdigest()
