"""CSV and XLSX: headings found, mapped, doubled, cut; encodings; spreadsheets as people keep them."""

import io
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook

from include.postmarket.model.register import Link
from include.postmarket.requirements.mapping import Mapping
from tests.unit.requirements.conftest import Import, Refused, notes


def workbook(*rows: list[object], sheets: tuple[str, ...] = ()) -> bytes:
    """Give a spreadsheet of rows, with further empty sheets."""
    book, content = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for name in sheets:
        book.create_sheet(name)
    book.save(content)
    return content.getvalue()


def test_a_table_with_our_own_columns(imported: Import) -> None:
    """Ids, lists of links and unknown columns are kept; several links stand in one cell."""
    found = imported(
        "r.csv", 'Req ID;Text;Risks;Owner group\nR-1;"The pump; it shall stop.";H-1;A\nR-2;It shall.;H-1,H-2;\n'
    )

    first, second = found.register.items

    assert (first.id, first.text, first.links) == (
        "R-1",
        "The pump; it shall stop.",
        (Link(role="risk", target="H-1"),),
    )
    assert first.attributes == (("Owner group", "A"),)
    assert (second.line, second.links) == (3, (Link(role="risk", target="H-1,H-2"),))
    assert found.listed == ()


def test_a_mapping_for_another_language(imported: Import) -> None:
    """Names, link columns, the separator and the encoding come from the mapping; HTML becomes text."""
    mapping = Mapping(
        fields={"id": ("Schlüssel",), "text": ("Wortlaut",)}, links={"Abgeleitet von": "refines"}, separator=",",
        encoding="cp1252",
    )  # fmt: skip
    content = "Schlüssel,Wortlaut,Abgeleitet von\n"
    content += 'A,<p>Die Pumpe <b>muss</b></p><p>halten &amp; melden.</p>,"B, C"\nB,p < 0.05 gilt.,\n'

    found = imported("r.csv", content.encode("cp1252"), mapping)

    assert found.register.items[0].text == "Die Pumpe muss\nhalten & melden."
    assert [link.target for link in found.register.items[0].links] == ["B", "C"]
    assert found.register.items[1].text == "p < 0.05 gilt."
    assert notes(found) == ["'A' refines 'C', which is not in this import; the link is kept"]


def test_a_spreadsheet_with_a_title_above(imported: Import) -> None:
    """The heading is found below a title; numbers are written as people see them; other sheets are listed."""
    rows: tuple[list[object], ...] = (
        ["Requirements of the pump"],
        [],
        ["ID", "Requirement", "Rev"],
        ["R-1", "It shall.", 3.0],
    )

    found = imported("r.xlsx", workbook(*rows, sheets=("Old",)))

    (item,) = found.register.items
    assert (item.id, item.text, item.version, item.line) == ("R-1", "It shall.", "3", 4)
    assert notes(found) == ["sheet 'Sheet' is read, not Old", "1 filled rows above the heading are not taken"]


def altered(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Give a spreadsheet whose only sheet was changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(out, "w") as changed:
        for name in archive.namelist():
            held = archive.read(name)
            changed.writestr(name, change(held) if name.endswith("sheet1.xml") else held)
    return out.getvalue()


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    "change",
    [
        lambda sheet: sheet[: len(sheet) // 2],
        lambda sheet: BOMB + sheet[sheet.index(b"<worksheet") :].replace(b"It shall.", b"&b;"),
        lambda sheet: sheet.replace(b"A1", b"ZZZZ99999999"),
    ],
    ids=["half", "bomb", "place"],
)
def test_a_broken_sheet_is_one_message(refused: Refused, change: Callable[[bytes], bytes]) -> None:
    """A sheet that ends in the middle, declares entities or names cells that cannot be leaves nothing imported."""
    content = workbook(["ID", "Text"], ["R-1", "It shall."])

    ((_, message),) = refused("r.xlsx", altered(content, change))

    assert message.startswith("is no readable XLSX")


def test_a_formula_that_was_never_computed(refused: Refused) -> None:
    """A cell whose value is not in the file is not an empty one."""
    content = workbook(["ID", "Text"], ["R-1", '=CONCATENATE("It"," shall.")'])

    assert refused("r.xlsx", content) == [(2, "Text is a formula whose value was never stored: open and save it")]


def test_all_faults_of_rows(refused: Refused) -> None:
    """Empty and doubled ids, cut rows and cells beyond the heading are told together."""
    text = "id,text,status\nA,one,x\nA,two,x\n,three,x\nB,four, with a comma,x\nC,five\n"

    actual = refused("r.csv", text)

    assert [line for line, _ in actual] == [3, 4, 5, 6]
    assert "stands here again" in actual[0][1]
    assert actual[1][1] == "has no id"
    assert actual[2][1].startswith("has a cell beyond the named columns")
    assert actual[3][1] == "ends before column 'status': the row is cut short"


@pytest.mark.parametrize(
    ("name", "content", "line", "words"),
    [
        ("r.csv", "id,text\nA,\xe9\n".encode("latin-1"), 2, "is not UTF-8 at byte 10"),
        ("r.csv", 'id,text\nA,"never ends\n', 2, "look at the quotes"),
        ("r.csv", "a,b\n1,2\n", 1, "no row names both an id and a text; the first one has 'a', 'b'"),
        ("r.csv", "id,text,id\nA,b,c\n", 1, "column 'id' stands twice"),
        ("r.csv", "id,text\n", 0, "holds no item"),
        ("r.csv", b"id,text\nA,\x00\n", 2, "holds zero bytes"),
        ("r.xlsx", b"PK\x03\x04broken", 0, "no readable ZIP"),
        ("r.csv", b" \n", 0, "is empty"),
    ],
)
def test_files_that_cannot_be_read(refused: Refused, name: str, content: str | bytes, line: int, words: str) -> None:
    """Each is one message that says what to do, with its line."""
    ((actual, message),) = refused(name, content)

    assert words in message
    assert actual == line
