"""ReqIF as tools write it: names by definition, XHTML, enumerations, hierarchy, relations, archives, broken files."""

import io
import zipfile

import pytest

from include.postmarket.model.register import ItemKind, Link
from include.postmarket.requirements.mapping import Mapping
from tests.unit.requirements.conftest import Import, Refused, notes

TYPES = """
<DATATYPES>
 <DATATYPE-DEFINITION-ENUMERATION IDENTIFIER="dt-e"><SPECIFIED-VALUES>
  <ENUM-VALUE IDENTIFIER="e-hi" LONG-NAME="high"/><ENUM-VALUE IDENTIFIER="e-lo" LONG-NAME="low"/>
 </SPECIFIED-VALUES></DATATYPE-DEFINITION-ENUMERATION>
</DATATYPES>
<SPEC-TYPES>
 <SPEC-OBJECT-TYPE IDENTIFIER="t-obj" LONG-NAME="Req Module"><SPEC-ATTRIBUTES>
  <ATTRIBUTE-DEFINITION-STRING IDENTIFIER="a-id" LONG-NAME="ReqIF.ForeignID"/>
  <ATTRIBUTE-DEFINITION-XHTML IDENTIFIER="a-text" LONG-NAME="ReqIF.Text"/>
  <ATTRIBUTE-DEFINITION-XHTML IDENTIFIER="a-chap" LONG-NAME="ReqIF.ChapterName"/>
  <ATTRIBUTE-DEFINITION-ENUMERATION IDENTIFIER="a-prio" LONG-NAME="Priority"><DEFAULT-VALUE>
   <ATTRIBUTE-VALUE-ENUMERATION><DEFINITION><R>a-prio</R></DEFINITION><VALUES><R>e-lo</R></VALUES>
   </ATTRIBUTE-VALUE-ENUMERATION></DEFAULT-VALUE></ATTRIBUTE-DEFINITION-ENUMERATION>
 </SPEC-ATTRIBUTES></SPEC-OBJECT-TYPE>
 <SPEC-RELATION-TYPE IDENTIFIER="t-rel" LONG-NAME="derives from"/>
</SPEC-TYPES>"""


def string(definition: str, value: str) -> str:
    """Give a plain attribute."""
    return (
        f'<ATTRIBUTE-VALUE-STRING THE-VALUE="{value}"><DEFINITION><R>{definition}</R></DEFINITION>'
        "</ATTRIBUTE-VALUE-STRING>"
    )


def xhtml(definition: str, value: str) -> str:
    """Give a formatted attribute."""
    return (
        f"<ATTRIBUTE-VALUE-XHTML><DEFINITION><R>{definition}</R></DEFINITION><THE-VALUE>"
        f'<h:div xmlns:h="http://www.w3.org/1999/xhtml">{value}</h:div></THE-VALUE></ATTRIBUTE-VALUE-XHTML>'
    )


def thing(key: str, *values: str) -> str:
    """Give an object with attributes, on one line of its own."""
    inner = "".join(values)
    return f'\n<SPEC-OBJECT IDENTIFIER="{key}"><TYPE><R>t-obj</R></TYPE><VALUES>{inner}</VALUES></SPEC-OBJECT>'


def relation(source: str, target: str) -> str:
    """Give a relation of two objects."""
    ends = f"<SOURCE><R>{source}</R></SOURCE><TARGET><R>{target}</R></TARGET>"
    return f'<SPEC-RELATION IDENTIFIER="r-{source}"><TYPE><R>t-rel</R></TYPE>{ends}</SPEC-RELATION>'


def reqif(objects: str, relations: str = "", outline: str = "", rest: str = "") -> str:
    """Give a whole file."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<REQ-IF xmlns="http://www.omg.org/spec/ReqIF/20110401/reqif.xsd">'
        f"<CORE-CONTENT><REQ-IF-CONTENT>{TYPES}<SPEC-OBJECTS>{objects}</SPEC-OBJECTS>"
        f"<SPEC-RELATIONS>{relations}</SPEC-RELATIONS><SPECIFICATIONS>{outline}</SPECIFICATIONS>"
        f"</REQ-IF-CONTENT></CORE-CONTENT>{rest}</REQ-IF>"
    )


def node(key: str, *children: str) -> str:
    """Give a place in the outline."""
    inner = f"<CHILDREN>{''.join(children)}</CHILDREN>" if children else ""
    return f'<SPEC-HIERARCHY IDENTIFIER="h-{key}"><OBJECT><R>{key}</R></OBJECT>{inner}</SPEC-HIERARCHY>'


ENUM = (
    "<ATTRIBUTE-VALUE-ENUMERATION><DEFINITION><R>a-prio</R></DEFINITION><VALUES><R>e-hi</R></VALUES>"
    "</ATTRIBUTE-VALUE-ENUMERATION>"
)
STOP = "The pump <h:b>shall</h:b> stop\n  within:<h:ul><h:li>2 s</h:li></h:ul>"
OBJECTS = (
    thing("_2", string("a-id", "SYS-2"), xhtml("a-text", STOP))
    + thing("_1", string("a-id", "SYS-1"), xhtml("a-chap", "Safety"), ENUM)
    + thing("_3", string("a-id", "SYS-3"), xhtml("a-text", "Der Motor muss halten. 停止"))
)  # fmt: skip
OUTLINE = (
    '<SPECIFICATION IDENTIFIER="s" LONG-NAME="System"><CHILDREN>'
    f"{node('_1', node('_2'), node('_3'))}</CHILDREN></SPECIFICATION>"
)


def test_a_whole_file(imported: Import) -> None:
    """Objects come in outline order with ids, texts, enumerations by name, defaults, headings and relations."""
    found = imported("a.reqif", reqif(OBJECTS, relation("_2", "_3"), OUTLINE))

    heading, second, third = found.register.items

    assert (heading.id, heading.kind, heading.title) == ("SYS-1", ItemKind.HEADING, "Safety")
    assert ("Priority", "high") in heading.attributes
    assert second.text == "The pump shall stop within:\n- 2 s"
    assert {("Priority", "low"), ("Outline", "1.1"), ("Document", "System")} <= set(second.attributes)
    assert second.links == (Link(role="refines", target="SYS-3"),)
    assert third.text == "Der Motor muss halten. 停止"
    assert found.listed == ()


def test_an_archive_lists_what_it_does_not_take(imported: Import) -> None:
    """A .reqifz gives the items of its ReqIF files, and says that the pictures stay outside."""
    packed = io.BytesIO()
    picture = thing("_9", string("a-id", "S-9"), xhtml("a-text", 'See <h:object data="pic.png"/>.'))
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("one.reqif", reqif(picture))
        archive.writestr("files/pic.png", b"png")

    found = imported("a.reqifz", packed.getvalue())

    assert [item.text for item in found.register.items] == ["See [object: pic.png]."]
    assert notes(found) == [
        "1 attached files are not taken, the first is 'files/pic.png'",
        "embedded object 'pic.png' is not taken; its place is marked in the text",
    ]


def test_what_is_odd_is_kept_and_listed(imported: Import) -> None:
    """Undefined attributes, relations from and to nowhere, outline to nowhere, tool data: all named, nothing lost."""
    objects = OBJECTS + thing("_4", string("a-id", "SYS-4"), string("a-text", "Text."), string("_unknown", "kept"))
    outline = f'<SPECIFICATION IDENTIFIER="s" LONG-NAME="System"><CHILDREN>{node("_gone")}</CHILDREN></SPECIFICATION>'
    rest = "<TOOL-EXTENSIONS><REQ-IF-TOOL-EXTENSION><X/></REQ-IF-TOOL-EXTENSION></TOOL-EXTENSIONS>"

    found = imported("a.reqif", reqif(objects, relation("_4", "_far") + relation("_far", "_4"), outline, rest))

    (fourth,) = (item for item in found.register.items if item.id == "SYS-4")
    assert ("_unknown", "kept") in fourth.attributes
    assert fourth.links == (Link(role="refines", target="_far"),)
    said = "\n".join(notes(found))
    for words in (
        "'_unknown' is defined nowhere",
        "starts at '_far'",
        "outline names '_gone'",
        "'SYS-4' refines '_far'",
    ):
        assert words in said
    assert "REQ-IF-TOOL-EXTENSION with 1 entries is not taken" in said


def test_objects_without_an_id_are_told(imported: Import) -> None:
    """They are named by IDENTIFIER; that another export may name them anew is said."""
    found = imported("a.reqif", reqif(thing("_1", string("a-text", "It shall."))))

    assert [item.id for item in found.register.items] == ["_1"]
    assert notes(found) == ["1 objects have no id but their IDENTIFIER, which some tools make anew at each export"]


def test_no_known_text_asks_for_a_mapping(imported: Import, refused: Refused) -> None:
    """A file whose text has an unknown name is refused with the names it has; a mapping makes it readable."""
    content = reqif(thing("_1", string("_f00", "Die Pumpe muss."), string("_ba7", "K-1")))

    ((_, message),) = refused("a.reqif", content)
    found = imported("b.reqif", content, Mapping(fields={"id": ("_ba7",), "text": ("_f00",)}))

    assert "no item has a text" in message
    assert "'_f00'" in message
    assert [(item.id, item.text) for item in found.register.items] == [("K-1", "Die Pumpe muss.")]


def test_all_faults_at_once(refused: Refused) -> None:
    """Doubled identifiers, doubled ids and relations without an end are told together, each with its line."""
    objects = thing("_1", string("a-id", "S-1"), string("a-text", "A")) * 2 + thing("_2", string("a-id", "S-1"))
    ends = '\n<SPEC-RELATION IDENTIFIER="r-x"><SOURCE><R>_1</R></SOURCE></SPEC-RELATION>'

    actual = refused("a.reqif", reqif(objects, ends))

    assert [line for line, _ in actual] == [20, 21, 22]
    assert "IDENTIFIER '_1' stands here again" in actual[0][1]
    assert {"relation 'r-x' has no target"} < {message for _, message in actual}


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (reqif(OBJECTS)[:900], 14, "no whole XML"),
        ("<?xml version='1.0'?>\n<html/>", 2, "no ReqIF: its first element is 'html'"),
        ('<!DOCTYPE x [\n<!ENTITY a "aaaa">\n<!ENTITY b "&a;&a;">]>\n<REQ-IF>&b;</REQ-IF>', 2, "declares entities"),
        ("<REQ-IF>\n" + "<a>" * 300, 2, "nested deeper than 200"),
        ("<?xml version='1.0' encoding='UTF-8'?>\n<REQ-IF>\n\xe9</REQ-IF>".encode("latin-1"), 3, "no whole XML"),
        ("<REQ-IF/>", 1, "holds no CORE-CONTENT"),
    ],
    ids=["half", "html", "bomb", "deep", "encoding", "empty"],
)  # fmt: skip
def test_hostile_files(refused: Refused, content: str | bytes, line: int, words: str) -> None:
    """Half, foreign, exploding, deep and wrongly encoded files are one clear message with a line."""
    ((actual, message),) = refused("a.reqif", content)

    assert words in message
    assert actual == line


def test_a_broken_and_a_lying_archive(refused: Refused) -> None:
    """What starts like an archive and is none is refused, without a traceback."""
    ((_, message),) = refused("a.reqifz", b"PK\x03\x04 and nothing else")

    assert "no readable ZIP archive" in message
