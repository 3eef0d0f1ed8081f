"""Files, folders and archives to bytes, and bytes to text."""

import io
import zipfile
from pathlib import Path

import pytest

from include.postmarket.model.batch import Label, Media
from include.postmarket.model.errors import InputError
from include.postmarket.sources import files

CSV = frozenset({Media.CSV})


def test_file_is_fetched_as_it_is(tmp_path: Path) -> None:
    """The whole content, unread; the origin is the name and not the path."""
    path = tmp_path / "reports.csv"
    path.write_bytes(b"\xff\x00anything")

    fetched = files.fetch(path, Label.REAL, CSV)

    expected = (b"\xff\x00anything", Media.CSV, "reports.csv")
    assert expected == (fetched.content, fetched.media, fetched.origin)


def test_folder_is_one_pull_with_one_hash(tmp_path: Path) -> None:
    """A folder's files come in the order of their names, and the same files give the same bytes wherever they lie."""
    contents = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        for name in ("b.csv", "a.csv", "c.CSV") if folder.name == "one" else ("c.CSV", "a.csv", "b.csv"):
            (folder / name).write_text(name)
        (folder / ".hidden.csv").write_text("no")
        (folder / "readme.md").write_text("no")
        contents.append(files.fetch(folder, Label.REAL, CSV).content)

    members = files.members(contents[0])

    assert contents[0] == contents[1]
    expected = [("a.csv", b"a.csv"), ("b.csv", b"b.csv"), ("c.CSV", b"c.CSV")]
    assert expected == [(m.name, m.content) for m in members]


@pytest.mark.parametrize("name", ["absent.csv", "report.xlsx", "empty-folder"])
def test_nothing_to_read_says_so(tmp_path: Path, name: str) -> None:
    """A missing file, a kind that is not of this source and an empty folder are named, but without their path."""
    (tmp_path / "report.xlsx").write_bytes(b"PK\x03\x04damaged")
    (tmp_path / "empty-folder").mkdir()

    with pytest.raises(InputError) as error:
        files.fetch(tmp_path / name, Label.REAL, CSV)

    assert str(tmp_path) not in str(error.value)
    assert error.value.todo


def test_folder_that_mixes_kinds_is_refused(tmp_path: Path) -> None:
    """Which of two kinds is meant is not guessed."""
    (tmp_path / "a.csv").write_text("x")
    (tmp_path / "b.json").write_text("{}")

    with pytest.raises(InputError, match="mixes kinds"):
        files.fetch(tmp_path, Label.REAL, frozenset({Media.CSV, Media.OPENFDA_JSON}))


def test_zip_is_read_like_a_folder(tmp_path: Path) -> None:
    """OpenFDA's bulk files are zips of one JSON."""
    path = tmp_path / "device-event-0001.json.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("device-event-0001.json", '{"results": []}')
        archive.writestr("__MACOSX/._device-event-0001.json", "junk")

    fetched = files.fetch(path, Label.REAL, frozenset({Media.CSV, Media.OPENFDA_JSON}))

    assert fetched.media is Media.OPENFDA_JSON
    assert [m.content for m in files.members(fetched.content)] == [b'{"results": []}']


@pytest.mark.parametrize("damage", ["cut", "no members", "locked"])
def test_bad_archive_says_what_is_wrong(damage: str) -> None:
    """A cut, empty or locked archive is an InputError, never a traceback."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv" if damage != "no members" else "a.exe", "x" * 1000)
    content = packed.getvalue()
    if damage == "cut":
        content = content[:200]
    if damage == "locked":  # the flag of encryption, in the local and in the central header
        content = content.replace(b"PK\x03\x04\x14\x00\x00\x00", b"PK\x03\x04\x14\x00\x01\x00")
        content = content.replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")

    with pytest.raises(InputError):
        files.members(content)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("Göteborg".encode(), "utf-8"),
        (b"\xef\xbb\xbf" + "Göteborg".encode(), "utf-8"),
        ("Göteborg".encode("latin-1"), "cp1252"),
        ("Göteborg".encode("utf-16"), "utf-16"),
    ],
    ids=["utf-8", "with BOM", "latin-1", "utf-16"],
)
def test_encodings(content: bytes, encoding: str) -> None:
    """UTF-8 with or without BOM, UTF-16 with BOM and Latin-1 are read, and which one is told."""
    expected = ("Göteborg", encoding)

    assert expected == files.decode(files.Member(name="x.csv", content=content))


@pytest.mark.parametrize("content", [b"\x81\x8d\x8f", b"\xff\xfea"], ids=["undefined bytes", "odd UTF-16"])
def test_bytes_that_are_no_text(content: bytes) -> None:
    """Bytes that no encoding reads are an InputError that names the file."""
    with pytest.raises(InputError, match=r"x\.csv"):
        files.decode(files.Member(name="x.csv", content=content))
