"""StrictDoc documents (.sdoc), one file or a folder of them.

Both spellings of nested nodes are read, ``[SECTION]`` .. ``[/SECTION]`` and ``[[SECTION]]`` .. ``[[/SECTION]]``. The
settings of a document and its grammar are no requirements and are passed over; what no rule of the format explains is a
fault with its line, so that a half-written file is not half read.
"""

import re
from collections import Counter
from collections.abc import Iterable

from include.postmarket.model.canonical import digest
from include.postmarket.model.register import ItemKind, Role
from include.postmarket.requirements.mapping import Mapping
from include.postmarket.requirements.reading import Draft, Reading

_TAG = re.compile(r"^\[\[?(/?)([A-Z][A-Z0-9_]*)\]\]?\s*$")
_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9_ ]*):(?:\s+(.*))?$")
_ENTRY = re.compile(r"^\s*(?:- )?([A-Z][A-Z_]*):\s*(.*)$")
_SETTINGS = frozenset({"DOCUMENT", "GRAMMAR", "DOCUMENT_VIEW"})
_KINDS = {"SECTION": ItemKind.HEADING, "TEXT": ItemKind.INFORMATION}


class _Document:
    """The state of reading one document: the open node, the open multi-line field, the open sections."""

    def __init__(self, file: str, mapping: Mapping, reading: Reading) -> None:
        self.file, self.mapping, self.reading = file, mapping, reading
        self.title = file
        self.node: Draft | None = None
        self.settings = False
        self.field, self.opened, self.lines = "", 0, [""]
        self.ends = "<<<"
        self.relation: dict[str, str] = {}
        self.outer: list[tuple[str, int]] = []
        self.refers = False
        self.names: Counter[str] = Counter()

    def read(self, lines: Iterable[str]) -> None:
        """Take line after line; a fault does not end the reading."""
        for number, line in enumerate(lines, start=1):
            if self.opened:
                self._inside(line)
            elif line.strip():
                self._outside(line, number)
        if self.opened:
            self.reading.error(f"the text of {self.field} never ends: {self.ends} is missing", self.file, self.opened)
        self._end_node()
        for name, number in self.outer:
            self.reading.error(f"[{name}] is never closed", self.file, number)

    def _inside(self, line: str) -> None:
        if line.strip() != self.ends:
            self.lines.append(line)
            return
        self._put(self.field, "\n".join(self.lines).strip())
        self.opened, self.lines = 0, []

    def _outside(self, line: str, number: int) -> None:
        tag, field = _TAG.match(line), _FIELD.match(line)
        if tag:
            self._tag(tag[2], number, closing=bool(tag[1]), composite=line.startswith("[["))
        elif self.settings and not field:
            return
        elif field and not line.startswith(" "):
            self._field(field[1], field[2] or "", number)
        elif self.refers and (entry := _ENTRY.match(line)):
            self._relation_part(entry[1], entry[2].strip(), line)
        else:
            self.reading.error("is neither a node nor a field of StrictDoc", self.file, number)

    def _tag(self, name: str, number: int, *, closing: bool, composite: bool) -> None:
        if name == "FREETEXT":
            if not closing:
                self._open_free_text(number)
                self.field, self.opened, self.lines, self.ends = "FREETEXT", number, [], "[/FREETEXT]"
            return
        self._end_node()
        self.settings = name in _SETTINGS and not closing
        if closing:
            if not self.outer or self.outer[-1][0] != name:
                self.reading.error(f"[/{name}] closes what is not open", self.file, number)
            else:
                self.outer.pop()
            return
        if name == "SECTION" or composite or name.startswith("COMPOSITE_"):
            self.outer.append((name, number))
        if name == "DOCUMENT_FROM_FILE":
            self.reading.listed(
                "includes another document, which is read only where it is imported too", self.file, number
            )
        elif not self.settings:
            key = self._place(number)
            self.node = Draft(
                key=key, fields={"Document": self.title}, kind=_KINDS.get(name), file=self.file, line=number
            )
            if name not in _KINDS and name != "REQUIREMENT":
                self.node.fields["Type"] = name
        else:
            self.node = None

    def _field(self, name: str, value: str, number: int) -> None:
        self._end_relation()
        self.refers = name in {"RELATIONS", "REFS"}
        if value.strip() == ">>>":
            self.field, self.opened, self.lines, self.ends = name, number, [], "<<<"
        elif self.settings:
            self.title = value.strip() if name == "TITLE" else self.title
        elif not self.refers:
            self._put(name, value.strip())

    def _put(self, name: str, value: str) -> None:
        if self.node is None:
            return
        held = self.node.fields.get(name)
        self.node.fields[name] = f"{held}\n{value}" if held else value
        if name in {"UID", "MID"} and self.node.key == self._place(self.node.line):
            self.node.key = value

    def _relation_part(self, name: str, value: str, line: str) -> None:
        if line.lstrip().startswith("- "):
            self._end_relation()
        self.relation[name] = value

    def _end_relation(self) -> None:
        relation, self.relation = self.relation, {}
        if not relation or self.node is None:
            return
        kind, target = relation.get("TYPE", ""), relation.get("VALUE", relation.get("PATH", ""))
        if not target:
            self.reading.error("a relation names no item", self.file, self.node.line)
        elif kind == "File":
            self.node.links.append((Role.FILE, target))
        elif kind == "Child":
            self.node.links.append((relation.get("ROLE", "refined by"), target))
        else:
            self.node.links.append((self.mapping.role(relation.get("ROLE", Role.REFINES)), target))

    def _end_node(self) -> None:
        self._end_relation()
        self.refers = False
        if self.node is not None:
            if self.node.key == self._place(self.node.line):
                self._name(self.node)
            self.reading.drafts.append(self.node)
        self.node = None

    def _open_free_text(self, number: int) -> None:
        """Give the words at the head of a document a node of their own: they belong to no section."""
        if self.node is None:
            self._end_node()
            self.settings = False
            fields = {"Document": self.title}
            key = self._place(number)
            self.node = Draft(key=key, fields=fields, kind=ItemKind.INFORMATION, file=self.file, line=number)

    def _name(self, node: Draft) -> None:
        """Name a node without UID and MID by its title or words, so that it keeps its name when it moves."""
        told = node.fields.get("TITLE") or digest(sorted(node.fields.items()))[:12]
        name = f"{self.title}/{told}"
        self.names[name] += 1
        node.key = name if self.names[name] == 1 else f"{name} ({self.names[name]})"
        if node.kind is None:
            self.reading.listed(f"has no UID; its id is made of its title: {node.key!r}", self.file, node.line)

    def _place(self, number: int) -> str:
        return f"{self.file}:{number}"


def read_strictdoc(files: Iterable[tuple[str, str]], mapping: Mapping) -> Reading:
    """Give what documents hold, as (name, text) each; links may go from one to another."""
    reading = Reading()
    for file, text in files:
        _Document(file, mapping, reading).read(text.splitlines())
    return reading
