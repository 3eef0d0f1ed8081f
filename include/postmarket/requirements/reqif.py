"""ReqIF 1.x files and archives (.reqif, .reqifz), as DOORS, Polarion, Capella and StrictDoc write them.

Objects come in the order of the specifications' hierarchy, with their number in the outline; relations become links of
their source. Read by ourselves and not by a library: see docs/adr/0029-read-reqif-ourselves.md.
"""

from collections.abc import Iterable, Iterator

from include.postmarket.requirements.content import members
from include.postmarket.requirements.mapping import Mapping, folded
from include.postmarket.requirements.reading import Draft, Reading, fatal
from include.postmarket.requirements.reqif_values import Types, identifier, name_of, reference, types_of, values_of
from include.postmarket.requirements.xml_tree import Element, parse_xml

_READ = frozenset(["DATATYPES", "SPEC-TYPES", "SPEC-OBJECTS", "SPEC-RELATIONS", "SPECIFICATIONS"])


def read_reqif(content: bytes, file: str, mapping: Mapping) -> Reading:
    """Give what a ReqIF file or archive holds; what it refers to and lacks, and what is not taken, is listed.

    Raises FaultyContentError when it is no readable XML or archive, or no ReqIF.
    """
    reading = Reading()
    if not content.startswith(b"PK"):
        _read_one(content, file, mapping, reading)
        return reading
    others = []
    for name, held in members(content, file):
        if name.lower().endswith((".reqif", ".xml")):
            _read_one(held, f"{file}/{name}", mapping, reading)
        else:
            others.append(name)
    if others:
        reading.listed(f"{len(others)} attached files are not taken, the first is {others[0]!r}", file)
    return reading


def _read_one(content: bytes, file: str, mapping: Mapping, reading: Reading) -> None:
    root = parse_xml(content, file)
    body = root.first("CORE-CONTENT", "REQ-IF-CONTENT")
    if root.tag != "REQ-IF":
        raise fatal(f"is no ReqIF: its first element is {root.tag!r}", file, root.line)
    if body is None:
        raise fatal("holds no CORE-CONTENT/REQ-IF-CONTENT: export it again", file, root.line)
    types = types_of(body)
    drafts: dict[str, Draft] = {}
    for element in body.under("SPEC-OBJECTS"):
        _take_object(element, types, drafts, reading, file)
    for element in body.under("SPEC-RELATIONS"):
        _take_relation(element, types, drafts, mapping, (reading, file))
    _list_unnamed(drafts.values(), mapping, reading, file)
    placed = _outline(body, drafts, reading, file)
    reading.drafts += [*placed.values(), *(draft for key, draft in drafts.items() if key not in placed)]
    _list_rest(root, body, reading, file)


def _list_unnamed(drafts: Iterable[Draft], mapping: Mapping, reading: Reading, file: str) -> None:
    names = set(mapping.names("id"))
    unnamed = [
        d for d in drafts if not any(folded(name) in names and value.strip() for name, value in d.fields.items())
    ]
    if unnamed:
        wrong = f"{len(unnamed)} objects have no id but their IDENTIFIER, which some tools make anew at each export"
        reading.listed(wrong, file, unnamed[0].line)


def _take_object(element: Element, types: Types, drafts: dict[str, Draft], reading: Reading, file: str) -> None:
    key = identifier(element)
    if not key:
        reading.error("an object has no IDENTIFIER", file, element.line)
    elif key in drafts:
        wrong = f"IDENTIFIER {key!r} stands here again, first in line {drafts[key].line}"
        reading.error(wrong, file, element.line)
    else:
        fields = values_of(element, types, reading, file)
        kind = types.types.get(reference(element, "TYPE"), "")
        if kind and kind not in fields.values():
            fields.setdefault("Type", kind)
        drafts[key] = Draft(key=key, fields=fields, file=file, line=element.line)


def _take_relation(
    element: Element, types: Types, drafts: dict[str, Draft], mapping: Mapping, place: tuple[Reading, str]
) -> None:
    reading, file = place
    source, target = reference(element, "SOURCE"), reference(element, "TARGET")
    if not source or not target:
        lacking = "source" if not source else "target"
        reading.error(f"relation {identifier(element)!r} has no {lacking}", file, element.line)
        return
    if source not in drafts:
        reading.listed(f"a relation starts at {source!r}, which is not in the file: not taken", file, element.line)
        return
    kind = reference(element, "TYPE")
    drafts[source].links.append((mapping.role(types.types.get(kind, kind)), target))
    if element.under("VALUES"):
        reading.listed(f"attributes of relation {identifier(element)!r} are not taken", file, element.line)


def _outline(body: Element, drafts: dict[str, Draft], reading: Reading, file: str) -> dict[str, Draft]:
    """Give the drafts in the order of the hierarchies, each with its outline number and document in its fields."""
    placed: dict[str, Draft] = {}
    for specification in body.under("SPECIFICATIONS"):
        document = name_of(specification)
        if specification.under("VALUES"):
            reading.listed(f"attributes of specification {document!r} are not taken", file, specification.line)
        for number, node in _numbered(specification):
            key = reference(node, "OBJECT")
            if key not in drafts:
                reading.listed(f"the outline names {key!r}, which is not in the file", file, node.line)
            elif key not in placed:
                placed[key] = drafts[key]
                drafts[key].fields |= {"Document": document, "Outline": number}
    return placed


def _numbered(specification: Element) -> Iterator[tuple[str, Element]]:
    stack = [(str(n), node) for n, node in enumerate(specification.under("CHILDREN"), start=1)][::-1]
    while stack:
        number, node = stack.pop()
        yield number, node
        stack += [(f"{number}.{n}", child) for n, child in enumerate(node.under("CHILDREN"), start=1)][::-1]


def _list_rest(root: Element, body: Element, reading: Reading, file: str) -> None:
    for part in (*body.children, *(root.under("TOOL-EXTENSIONS"))):
        if part.tag not in _READ and part.children:
            reading.listed(f"{part.tag} with {len(part.children)} entries is not taken", file, part.line)
