"""Mapping files: what they say, and every fault of them by line."""

from pathlib import Path

import pytest

from include.postmarket.model.finding import FaultyContentError
from include.postmarket.model.register import ItemKind
from include.postmarket.requirements.mapping import Mapping, load_mapping


def test_a_mapping_file(tmp_path: Path) -> None:
    """Names are compared without case, blanks and punctuation; what the file does not say stays as it is."""
    path = tmp_path / "m.yaml"
    path.write_text(
        "fields: {id: Objekt-ID, text: [Wortlaut, Text]}\nlinks: {Abgeleitet von: refines}\n"
        "roles: {is verified by: test}\nkinds: {Überschrift: heading}\nseparator: ','\nheader_row: 4\n"
    )

    found = load_mapping(path)

    assert found.names("id") == ("objektid",)
    assert "title" in found.names("title")
    assert (found.link_role("abgeleitet VON"), found.link_role("Parents")) == ("refines", "refines")
    assert (found.role("Is verified by"), found.role("blocks")) == ("test", "blocks")
    assert (found.kind("überschrift"), found.kind("functional")) == (ItemKind.HEADING, None)
    assert (found.separator, found.header_row) == (",", 4)


def test_all_faults_by_line(tmp_path: Path) -> None:
    """Unknown keys, fields and kinds, and values of a wrong type."""
    path = tmp_path / "m.yaml"
    path.write_text("fields:\n  name: X\nkinds:\n  A: chapter\nlinks: []\nheader_row: top\nseperator: ','\nsheet: ''\n")

    with pytest.raises(FaultyContentError) as error:
        load_mapping(path)

    assert [finding.line for finding in error.value.findings] == [2, 4, 5, 6, 7, 8]


def test_the_common_names() -> None:
    """Without a mapping the names that tools use are known."""
    assert {"reqifforeignid", "objectidentifier", "uid"} <= set(Mapping().names("id"))
