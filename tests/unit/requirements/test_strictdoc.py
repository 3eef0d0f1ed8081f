"""StrictDoc: both spellings of sections, multi-line fields, relations, custom nodes, half-written files."""

from include.postmarket.model.register import ItemKind, Link
from tests.unit.requirements.conftest import Import, Refused, notes

DOCUMENT = """\
[DOCUMENT]
TITLE: Pump
OPTIONS:
  REQUIREMENT_STYLE: Table

[GRAMMAR]
ELEMENTS:
- TAG: REQUIREMENT
  FIELDS:
  - TITLE: UID
    TYPE: String
    REQUIRED: True

[[SECTION]]
TITLE: Alarms

[REQUIREMENT]
UID: P-1
STATUS: Active
TITLE: Low battery
STATEMENT: >>>
When the charge falls below 30 min,
the pump shall alarm.
<<<
COMMENT: first
COMMENT: second

[TEXT]
STATEMENT: Just words.

[[/SECTION]]

[SECTION]
TITLE: Old style

[FREETEXT]
Free words: not a field.
[/FREETEXT]

[TEST_SPEC]
UID: T-1
TITLE: Run it down
STATEMENT: Discharge and listen.
RELATIONS:
- TYPE: Parent
  VALUE: P-1
  ROLE: Verifies
- TYPE: File
  VALUE: src/alarm.c

[/SECTION]
"""


def test_a_document(imported: Import) -> None:
    """Nodes come in order; texts keep their lines, repeated fields all of theirs, relations their role."""
    found = imported("pump.sdoc", DOCUMENT)

    section, first, words, old, test = found.register.items

    assert (section.kind, section.title) == (ItemKind.HEADING, "Alarms")
    assert (first.id, first.title, first.status) == ("P-1", "Low battery", "Active")
    assert first.text == "When the charge falls below 30 min,\nthe pump shall alarm."
    assert ("COMMENT", "first\nsecond") in first.attributes
    assert (words.kind, words.text) == (ItemKind.INFORMATION, "Just words.")
    assert ("FREETEXT", "Free words: not a field.") in old.attributes
    assert test.links == (Link(role="verifies", target="P-1"), Link(role="file", target="src/alarm.c"))
    assert (test.line, ("Type", "TEST_SPEC") in test.attributes) == (40, True)
    assert notes(found) == []


def test_links_across_documents(imported: Import, tmp_path: object) -> None:
    """A parent that is in no document is kept and listed; old REFS read like RELATIONS."""
    text = (
        "[DOCUMENT]\nTITLE: X\n\n[REQUIREMENT]\nUID: A\nSTATEMENT: It shall.\nREFS:\n- TYPE: Parent\n  VALUE: FAR-1\n"
    )

    found = imported("x.sdoc", text)

    assert found.register.items[0].links == (Link(role="refines", target="FAR-1"),)
    assert notes(found) == ["'A' refines 'FAR-1', which is not in this import; the link is kept"]


def test_old_documents_and_nodes_without_a_name(imported: Import) -> None:
    """Words at the head of a document are kept; nodes without UID are named by title, wherever they stand."""
    text = "[DOCUMENT]\nTITLE: X\n\n[FREETEXT]\nAbout [this].\n[/FREETEXT]\n\n{}[COMPOSITE_REQUIREMENT]\nTITLE: A\n\n"
    text += "[REQUIREMENT]\nMID: 12ab\nTITLE: B\nSTATEMENT: It shall.\n\n[/COMPOSITE_REQUIREMENT]\n"

    found = imported("x.sdoc", text.format(""))
    moved = imported("y.sdoc", text.format("\n\n"))

    words, outer, inner = found.register.items
    assert (words.kind, words.attributes) == (ItemKind.INFORMATION, (("Document", "X"), ("FREETEXT", "About [this].")))
    assert (outer.id, inner.id) == ("X/A", "12ab")
    assert notes(found) == ["has no UID; its id is made of its title: 'X/A'"]
    assert [item.id for item in moved.register.items] == [item.id for item in found.register.items]


def test_half_written(refused: Refused) -> None:
    """A text without end, an open section, a foreign line and a relation to nothing: all told, by line."""
    text = (
        "[DOCUMENT]\nTITLE: X\n\n[[SECTION]]\nTITLE: S\n\n[REQUIREMENT]\nUID: A\nwhat is this\n"
        "RELATIONS:\n- TYPE: Parent\n"
        "STATEMENT: >>>\nnever ends\n"
    )

    assert refused("x.sdoc", text) == [
        (4, "[SECTION] is never closed"),
        (7, "a relation names no item"),
        (9, "is neither a node nor a field of StrictDoc"),
        (12, "the text of STATEMENT never ends: <<< is missing"),
    ]


def test_a_circle_of_parents(refused: Refused) -> None:
    """Items that refine each other in a circle are refused, with the circle."""
    node = "[REQUIREMENT]\nUID: {}\nSTATEMENT: It shall.\nRELATIONS:\n- TYPE: Parent\n  VALUE: {}\n\n"
    text = "[DOCUMENT]\nTITLE: X\n\n" + node.format("A", "B") + node.format("B", "C") + node.format("C", "A")

    assert refused("x.sdoc", text) == [(4, "a circle: 'A' refines 'B' refines 'C' refines 'A'")]
