"""A method by the name and the ``key=value`` words of a command, and what it says of itself."""

import dataclasses
import inspect
import math
import sys
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any, Protocol, get_type_hints

from include.postmarket.detection import catalogue, table_methods
from include.postmarket.detection.entries import (
    ComparedWith,
    Entry,
    OverDevices,
    OverGaps,
    OverGroups,
    OverPairs,
    OverSeries,
    OverTime,
)
from include.postmarket.detection.shapes import MethodInputError
from include.postmarket.model.errors import ConfigurationError

#: Names that stand for the recommended method.
ALIASES = {"default": catalogue.RECOMMENDED_OVER_TIME}
#: Stand for a required parameter where only the history is asked for, which does not depend on it.
_ANY, _ANY_SHARE = 10.0, 0.5


def find(name: str) -> Entry:
    """Give the method of a name. Raises ConfigurationError with the nearest name where there is none."""
    known = _known()
    wanted = ALIASES.get(name, name)
    if wanted in known:
        return known[wanted]
    if name in catalogue.NARRATIVES:
        todo = f"use `python -m include.postmarket narratives {name}`"
        raise ConfigurationError(f"{name} reads narratives, not numbers", where="method", todo=todo)
    near = get_close_matches(name, [*known, *ALIASES], n=1)
    todo = f"did you mean {near[0]!r}?" if near else "see `method --list` for the names"
    raise ConfigurationError(f"unknown method {name!r}", where="method", todo=todo)


def _known() -> dict[str, Entry]:
    return {
        **catalogue.OVER_TIME,
        **catalogue.PAIRS,
        **catalogue.MEASUREMENTS,
        **catalogue.SHIFTS,
        **table_methods.WHOLE_SERIES,
        **table_methods.GAPS,
    }


class Named(Protocol):
    """What has parameters by a name."""

    @property
    def name(self) -> str:
        """The name people use."""

    @property
    def parameters(self) -> type[Any]:
        """The dataclass of its parameters."""


def parse(method: Named, words: Sequence[str]) -> dict[str, Any]:
    """Give the parameters of ``key=value`` words by the types of the method's own; a tuple is split at commas.

    Raises ConfigurationError for a word without "=", an unknown (with the nearest), repeated, unreadable or missing
    parameter.
    """
    hints, given = get_type_hints(method.parameters), dict[str, Any]()
    fields = {field.name: field for field in dataclasses.fields(method.parameters)}
    where = f"--param of {method.name}"
    for word in words:
        key, equals, text = word.partition("=")
        if key not in fields or not equals or key in given:
            near = get_close_matches(key, fields, n=1)
            what = "is given twice" if key in given else "is no key=value" if not equals else "is unknown"
            todo = f"did you mean {near[0]!r}?" if near and key not in fields else f"it takes {', '.join(fields)}"
            raise ConfigurationError(f"parameter {key!r} {what}", where=where, todo=todo)
        given[key] = _value(text, hints[key], f"{where}: {key}")
    missing = [name for name, field in fields.items() if _required(field) and name not in given]
    if missing:
        todo = " ".join(f"--param {name}=NUMBER" for name in missing)
        raise ConfigurationError(f"{method.name} needs {' and '.join(missing)}", where=where, todo=f"add {todo}")
    return given


def build(method: Named, given: dict[str, Any]) -> Any:
    """Give the parameters of a method. Raises ConfigurationError where one is out of range."""
    try:
        return method.parameters(**given)
    except MethodInputError as error:
        raise refused(method, error) from None


def refused(method: Named, error: ValueError) -> ConfigurationError:
    """Give what a method refused as an error of the house."""
    what, _, todo = str(error).rpartition(" -> ") if " -> " in str(error) else str(error).rpartition(": ")
    return ConfigurationError(
        what.removesuffix(f" [{method.name}]"), where=f"method {method.name}", todo=todo or "see `method NAME --help`"
    )


def listing() -> Iterator[tuple[str, str, str, str]]:
    """Give name, use, parameters with defaults and needed history of every method that takes a table."""
    for entry in _known().values():
        also = [alias for alias, wanted in ALIASES.items() if wanted == entry.name]
        shown = ", ".join(_shown(field) for field in dataclasses.fields(entry.parameters))
        yield " or ".join((entry.name, *also)), entry.help, shown, _history(entry)


def explanation(name: str) -> str:
    """Give what a method does, its parameters and the history it needs, from its own docstrings."""
    entry = find(name)
    shown = "\n".join(f"  {_shown(field)}" for field in dataclasses.fields(entry.parameters))
    about = inspect.cleandoc(sys.modules[entry.parameters.__module__].__doc__ or entry.help)
    meaning = inspect.cleandoc(entry.parameters.__doc__ or "")
    return f"{entry.name}: {about}\n\nParameters (--param key=value)\n{shown}\n{meaning}\n\nNeeds: {_history(entry)}"


def _value(text: str, wanted: Any, where: str) -> Any:
    if wanted is str:
        return text
    if wanted not in {int, float}:
        return tuple(part.strip() for part in text.split(","))
    try:
        value = wanted(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        kind = "a whole number" if wanted is int else "a number"
        raise ConfigurationError(f"{text!r} is not {kind}", where=where, todo=f"give {kind}") from None
    return value


def _required(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _shown(field: "dataclasses.Field[Any]") -> str:
    if _required(field):
        return f"{field.name} (required)"
    return f"{field.name}={field.default}" if field.default != () else f"{field.name}=(none)"


def _history(entry: Entry) -> str:
    """Say what a method needs before it gives an answer, by its default parameters."""
    required = [field.name for field in dataclasses.fields(entry.parameters) if _required(field)]
    needed = {name: _ANY_SHARE if name.endswith("share") else _ANY for name in required}
    params = entry.parameters(**needed)
    match entry:
        case OverPairs():
            told = "a table of pairs, no history"
        case OverSeries():
            told = "2 periods"
        case OverGaps():
            told = f"{params.baseline} gaps, which make the limits"
        case OverDevices():
            now = f"{params.minimum_current} devices now"
            told = f"measurements of devices: {entry.required_units(params)} rows before --from, {now}"
        case OverGroups(compared_with=ComparedWith.OTHERS):
            told = f"measurements of devices by group: {params.minimum_units} in the group and outside, no history"
        case OverGroups():
            told = f"measurements of devices: {params.minimum_units} in a group before --from and now"
        case OverTime():
            periods = entry.required_history(params)
            told = f"{periods} periods of history" if periods else "no history"
    return told
