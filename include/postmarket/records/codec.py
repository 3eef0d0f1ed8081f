"""From the model's frozen dataclasses to stored JSON and back, exactly: what is read equals what was written.

The way there is the model's canonical JSON; the way back is led by the type hints of the dataclass. Numbers stay what
JSON says they are (1 and 1.0 differ in the digest). Anything that does not fit raises IntegrityError: a stored record
that cannot be read again must not turn into a default.
"""

import dataclasses
import hashlib
import types
from collections.abc import Mapping
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from include.postmarket.model.canonical import canonical_json
from include.postmarket.model.errors import IntegrityError

T = TypeVar("T")
_PLAIN = (str, int, float, bool)


def encode(value: object) -> str:
    """Give the text a JSON column keeps.

    Raises IntegrityError for what has no exact JSON spelling (nan, infinity, half characters): it could not be computed
    again.
    """
    try:
        return canonical_json(value).decode()
    except (ValueError, TypeError) as error:
        raise IntegrityError(
            f"a value has no exact JSON spelling ({type(error).__name__})",
            where="a record to be written",
            todo="give None with a reason where a number does not exist, and plain Python values elsewhere",
        ) from None


def digest_of(value: object) -> str:
    """Give the digest of a value that is to be written; raises as `encode` does."""
    return hashlib.sha256(encode(value).encode()).hexdigest()


def decode(kind: type[T], value: object) -> T:
    """Give the dataclass of a kind that was stored as ``value``.

    Raises IntegrityError when a field is missing or unknown, or a value is not of its type; values are not quoted.
    """
    return cast("T", _decode(kind, value, kind.__name__))


@lru_cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _decode(kind: Any, value: Any, path: str) -> Any:
    if kind is Any:
        return value
    if dataclasses.is_dataclass(kind):
        return _dataclass(cast("type", kind), value, path)
    origin = get_origin(kind)
    if origin in {Union, types.UnionType}:
        return _union(get_args(kind), value, path)
    if origin is tuple:
        return _tuple(get_args(kind), value, path)
    if origin is dict:
        of = get_args(kind)[1]
        return {k: _decode(of, v, f"{path}.{k}") for k, v in _expect(dict, value, path).items()}
    return _scalar(kind, value, path)


def _dataclass(kind: type, value: Any, path: str) -> Any:
    stored: Mapping[str, Any] = _expect(dict, value, path)
    fields = {f.name for f in dataclasses.fields(kind)}
    if unknown := sorted(stored.keys() - fields):
        raise _misfit(path, f"unknown fields {', '.join(unknown)}")
    hints = _hints(kind)
    given = {name: _decode(hints[name], stored[name], f"{path}.{name}") for name in fields & stored.keys()}
    try:
        return kind(**given)
    except (TypeError, ValueError) as error:
        raise _misfit(path, f"it does not make a {kind.__name__} ({type(error).__name__})") from None


def _union(kinds: tuple[Any, ...], value: Any, path: str) -> Any:
    if value is None and type(None) in kinds:
        return None
    rest = [kind for kind in kinds if kind is not type(None)]
    for kind in rest:
        if kind in _PLAIN and type(value) is kind:
            return value
    if len(rest) == 1:
        return _decode(rest[0], value, path)
    raise _misfit(path, f"{type(value).__name__} is none of its types")


def _tuple(kinds: tuple[Any, ...], value: Any, path: str) -> tuple[Any, ...]:
    items: list[Any] = _expect(list, value, path)
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_decode(kinds[0], item, f"{path}[{i}]") for i, item in enumerate(items))
    if len(kinds) != len(items):
        raise _misfit(path, f"{len(items)} items where {len(kinds)} belong")
    return tuple(_decode(kind, item, f"{path}[{i}]") for i, (kind, item) in enumerate(zip(kinds, items, strict=True)))


def _scalar(kind: Any, value: Any, path: str) -> Any:
    if kind is float:
        return _expect((int, float), value, path)
    if kind in _PLAIN:
        return _expect(kind, value, path)
    text = _expect(str, value, path)
    try:
        if issubclass(kind, Enum):
            return kind(text)
        if issubclass(kind, date):  # a datetime is one as well
            return kind.fromisoformat(text)
    except ValueError:
        raise _misfit(path, f"it is no {kind.__name__}") from None
    raise TypeError(f"{path}: {kind!r} is not a kind that records hold")


def _expect(kind: Any, value: Any, path: str) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise _misfit(path, f"{type(value).__name__} does not belong there")
    return value


def _misfit(path: str, why: str) -> IntegrityError:
    return IntegrityError(
        f"a stored record does not fit: {why}",
        where=path,
        todo="was it written by another release, or changed? run the audit's verification",
    )
