"""Our own form: what is written is read back, and nothing else is."""

import json
from pathlib import Path
from typing import Any

import pytest

from include.postmarket.model.finding import FaultyContentError
from include.postmarket.model.register import Item, ItemKind, Link, RegisterFile
from include.postmarket.requirements.exchange import read_register_file, register_text
from tests.unit.requirements.conftest import Import

REGISTER = RegisterFile(
    generator="postmarket", format="csv", source="r.csv", sha256="ab", items=(
        Item(id="R-1", text="It shall. 停", kind=ItemKind.REQUIREMENT, links=(Link(role="risk", target="H-1"),),
             attributes=(("Owner", "A"),), file="r.csv", line=2),
        Item(id="T-1", kind=ItemKind.TEST, result="pass", at="2026-11-20"),
    ),
)  # fmt: skip


def test_a_round_trip(tmp_path: Path) -> None:
    """Every field comes back, and the text is the same each time."""
    path = tmp_path / "r.json"
    path.write_text(register_text(REGISTER))

    assert read_register_file(path) == REGISTER
    assert register_text(read_register_file(path)) == path.read_text()


def test_it_is_recognised(imported: Import) -> None:
    """The general way in reads it by its schema."""
    assert imported("r.json", register_text(REGISTER)).register == REGISTER


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema": "other"}, "is no postmarket-requirement-register"),
        ({"version": 2}, "is version 2 of the form; this release reads 1"),
        ({"more": 1}, "must hold exactly"),
        ({"items": [{"id": "A"}]}, "item 'A' does not fit the form"),
        ({"items": [*json.loads(register_text(REGISTER))["items"]] * 2}, "id 'R-1' stands twice"),
    ],
)
def test_another_form_is_refused(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    """Another schema, a later version, unknown keys, items that lack something and doubled ids."""
    path = tmp_path / "r.json"
    path.write_text(json.dumps(json.loads(register_text(REGISTER)) | change))

    with pytest.raises(FaultyContentError) as error:
        read_register_file(path)

    assert words in error.value.findings[0].message
