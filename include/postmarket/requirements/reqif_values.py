"""Names and values of ReqIF: what the types of a file define, and the value of one attribute as text."""

from dataclasses import dataclass, field

from include.postmarket.requirements.markup import embedded, xhtml_text
from include.postmarket.requirements.reading import Reading
from include.postmarket.requirements.xml_tree import Element


@dataclass(slots=True)
class Types:
    """What stands under DATATYPES and SPEC-TYPES, by identifier.

    ``attributes`` are names of attributes, ``values`` those of enumerations, ``types`` those of objects and relations;
    ``defaults`` gives for a type the attributes that hold a value when an object says none.
    """

    attributes: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, list[Element]] = field(default_factory=dict)


def types_of(content: Element) -> Types:
    """Give the definitions of REQ-IF-CONTENT."""
    found = Types()
    for datatype in content.under("DATATYPES"):
        for value in datatype.under("SPECIFIED-VALUES"):
            found.values[identifier(value)] = name_of(value)
    for kind in content.under("SPEC-TYPES"):
        found.types[identifier(kind)] = name_of(kind)
        found.defaults[identifier(kind)] = []
        for attribute in kind.under("SPEC-ATTRIBUTES"):
            found.attributes[identifier(attribute)] = name_of(attribute)
            found.defaults[identifier(kind)] += attribute.under("DEFAULT-VALUE")
    return found


def identifier(element: Element) -> str:
    """Give the IDENTIFIER of an element, empty when it has none."""
    return element.attributes.get("IDENTIFIER", "").strip()


def name_of(element: Element) -> str:
    """Give the LONG-NAME of an element, or its IDENTIFIER."""
    return element.attributes.get("LONG-NAME", "").strip() or identifier(element)


def reference(element: Element, *path: str) -> str:
    """Give the identifier that the only child at a path refers to, empty when there is none."""
    found = element.under(*path)
    return found[0].text.strip() if found else ""


def values_of(element: Element, types: Types, reading: Reading, file: str) -> dict[str, str]:
    """Give the attributes of an object or relation by name: its own, else the defaults of its type."""
    found: dict[str, str] = {}
    own = element.under("VALUES")
    for value in own:
        _put(found, value, types, reading, file)
    defined = {reference(value, "DEFINITION") for value in own}
    for default in types.defaults.get(reference(element, "TYPE"), []):
        if reference(default, "DEFINITION") not in defined:
            _put(found, default, types, reading, file)
    return found


def _put(found: dict[str, str], value: Element, types: Types, reading: Reading, file: str) -> None:
    definition = reference(value, "DEFINITION")
    name = types.attributes.get(definition)
    if name is None:
        name = definition or "unnamed attribute"
        reading.listed(f"attribute {name!r} is defined nowhere in the file; kept under that name", file, value.line)
    text = _text(value, types, reading, file)
    found[name] = f"{found[name]}\n{text}" if found.get(name) else text


def _text(value: Element, types: Types, reading: Reading, file: str) -> str:
    if value.tag == "ATTRIBUTE-VALUE-ENUMERATION":
        chosen = [reference_.text.strip() for reference_ in value.under("VALUES")]
        return "; ".join(types.values.get(name, name) for name in chosen)
    if value.tag != "ATTRIBUTE-VALUE-XHTML":
        return value.attributes.get("THE-VALUE", "")
    held = value.first("THE-VALUE")
    if held is None:
        return ""
    for name in embedded(held):
        reading.listed(f"embedded object {name!r} is not taken; its place is marked in the text", file, value.line)
    return xhtml_text(held)
