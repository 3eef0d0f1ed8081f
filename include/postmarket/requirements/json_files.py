"""JSON that others wrote: read with doubled keys, depth and encoding checked, and the line of a name found again."""

import json
import re
from collections import Counter
from functools import cached_property
from typing import Any

from include.postmarket.requirements.content import text_of
from include.postmarket.requirements.reading import Reading, fatal

#: Texts beyond 200 characters are no ids and no names.
_STRING = re.compile(r'"(?:[^"\\\n]|\\.){0,200}"')


class JsonFile:
    """A JSON file: its plain value, and where names stand in it."""

    def __init__(self, content: bytes, file: str, reading: Reading) -> None:
        """Read it; doubled keys become faults of ``reading``. Raises FaultyContentError when it is no JSON."""
        self.file = file
        self.text = text_of(content, file)
        self._reading = reading
        try:
            self.value: Any = json.loads(self.text, object_pairs_hook=self._object)
        except json.JSONDecodeError as error:
            raise fatal(f"is no whole JSON: {error.msg}", file, error.lineno) from None
        except RecursionError:
            raise fatal("is nested too deep", file) from None

    def line(self, name: str) -> int:
        """Give the line where a string first stands as a key or a value, 0 when it is not found."""
        return self._lines.get(json.dumps(name, ensure_ascii=False), 0)

    @cached_property
    def _lines(self) -> dict[str, int]:
        """The first line of every short string of the file, found in one pass: a register has as many as items."""
        found: dict[str, int] = {}
        line, counted = 1, 0
        for match in _STRING.finditer(self.text):
            line += self.text.count("\n", counted, match.start())
            counted = match.start()
            found.setdefault(match[0], line)
        return found

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            for name, times in Counter(name for name, _ in pairs).items():
                if times > 1:
                    wrong = f"key {name!r} stands {times} times in one object: all but one would be lost"
                    self._reading.error(wrong, self.file, self.line(name))
        return found


def spelled(value: Any) -> str:
    """Give a value as one text: lists with semicolons, objects as JSON, nothing as an empty text."""
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(entry, str | int | float) for entry in value):
        return "; ".join(str(entry) for entry in value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
