"""JSON that others wrote: read with doubled keys, depth and encoding checked, and the line of a name found again."""

import json
import re
from typing import Any

from include.postmarket.requirements.content import text_of
from include.postmarket.requirements.reading import Reading, fatal


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
        place = self.text.find(json.dumps(name, ensure_ascii=False))
        return self.text.count("\n", 0, place) + 1 if place >= 0 else 0

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            names = [name for name, _ in pairs]
            for name in sorted({name for name in names if names.count(name) > 1}):
                lines = [
                    self.text.count("\n", 0, match.start()) + 1
                    for match in re.finditer(rf"{re.escape(json.dumps(name, ensure_ascii=False))}\s*:", self.text)
                ]
                last = lines[-1] if lines else 0
                self._reading.error(
                    f"key {name!r} stands twice in one object: one of them would be lost", self.file, last
                )
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
