"""Bounds on files and archives."""

import io
import zipfile
from pathlib import Path

import pytest

from include.postmarket.model.finding import FaultyContentError
from include.postmarket.requirements import content
from include.postmarket.requirements.content import members, read_bytes, text_of


def test_a_file_beyond_the_bound(tmp_path: Path) -> None:
    """It is refused by its size, before a byte is read: a sparse file of a terabyte would not fit."""
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(content.LARGEST + 1)

    with pytest.raises(FaultyContentError, match="export it in parts"):
        read_bytes(path)


def test_an_archive_that_unpacks_without_end() -> None:
    """The sum of what it would unpack to is looked at first."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros", "w") as member:
        for _ in range(content.LARGEST // 2**20 + 1):
            member.write(bytes(2**20))

    with pytest.raises(FaultyContentError, match="unpacks to 1 files"):
        list(members(packed.getvalue(), "bomb.zip"))


@pytest.mark.parametrize(
    ("raw", "encoding", "expected"),
    [
        ("Größe".encode(), "", "Größe"),
        ("\ufeffGröße".encode(), "", "Größe"),
        ("Größe".encode("utf-16"), "", "Größe"),
        ("Größe".encode("cp1252"), "cp1252", "Größe"),
    ],
)
def test_encodings(raw: bytes, encoding: str, expected: str) -> None:
    """UTF-8 with and without mark, UTF-16 with mark, and what a mapping names."""
    assert text_of(raw, "x", encoding) == expected


@pytest.mark.parametrize(("encoding", "words"), [("", "line 2|:2"), ("nonsense", "unknown encoding")])
def test_a_wrong_encoding(encoding: str, words: str) -> None:
    """The line of the first byte that does not fit is told."""
    with pytest.raises(FaultyContentError, match=words):
        text_of("ok\nGröße".encode("cp1252"), "x.csv", encoding)
