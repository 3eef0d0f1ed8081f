"""Doorstop folders: YAML and Markdown items, headings, links with stamps, inactive items, faults of many files."""

from pathlib import Path

import pytest

from include.postmarket.model.finding import FaultyContentError
from include.postmarket.model.register import ItemKind, Link
from include.postmarket.requirements.importing import import_file
from include.postmarket.requirements.mapping import Mapping
from tests.unit.requirements.conftest import notes

HEAD = "active: {}\nderived: false\nheader: ''\nlevel: {}\nlinks: {}\nnormative: {}\n"
ITEM = HEAD + "ref: ''\nreviewed: abc=\ntext: |\n  {}\n"
MARKDOWN = (
    "---\nactive: true\nlevel: 1.1\nlinks:\n- REQ002: T2tSkn-=\nnormative: true\n---\n# Listen\n\nCut the power.\n"
)


@pytest.fixture(name="tree")
def fixture_tree(tmp_path: Path) -> Path:
    """Give two documents, one within the other."""
    files = {
        ".doorstop.yml": "settings:\n  digits: 3\n  prefix: REQ\n  sep: ''\n",
        "REQ001.yml": ITEM.format("true", "1.0", "[]", "false", "Alarms"),
        "REQ002.yml": ITEM.format("true", "1.1", "[]", "true", "The pump shall alarm.\n  Within 2 s."),
        "REQ003.yml": ITEM.format("false", "1.2", "[]", "true", "The pump shall sing."),
        "README.md": "# Words\n",
        "tests/.doorstop.yml": "settings:\n  digits: 3\n  parent: REQ\n  prefix: TST\n  sep: '-'\n",
        "tests/TST-001.md": MARKDOWN,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_two_documents(tree: Path) -> None:
    """Items are named by their files; headings, inactive items and stamps of links are kept as such."""
    found = import_file(tree, Mapping())

    heading, alarm, sing, test = found.register.items

    assert (heading.id, heading.kind) == ("REQ001", ItemKind.HEADING)
    assert (alarm.id, alarm.text, alarm.kind) == ("REQ002", "The pump shall alarm.\nWithin 2 s.", ItemKind.REQUIREMENT)
    assert sing.status == "inactive"
    assert (test.id, test.title, test.text) == ("TST-001", "Listen", "Cut the power.")
    assert test.links == (Link(role="refines", target="REQ002"),)
    assert ("Doorstop stamp of REQ002", "T2tSkn-=") in test.attributes
    assert notes(found) == ["is no item of document 'REQ': not taken"]


def test_the_hash_is_of_all_files(tree: Path) -> None:
    """Any changed file is another source."""
    before = import_file(tree, Mapping()).register.sha256
    (tree / "REQ002.yml").write_text(ITEM.format("true", "1.1", "[]", "true", "The pump shall shout."))

    assert import_file(tree, Mapping()).register.sha256 != before


def test_faults_of_all_files_at_once(tree: Path) -> None:
    """An anchor bomb, a half item and a link that is none are refused together, and nothing is imported."""
    (tree / "REQ004.yml").write_text("a: &a [x]\nb: *a\n")
    (tree / "REQ005.yml").write_text("active: true\ntext: 'never\n")
    (tree / "REQ006.yml").write_text("active: true\nlinks:\n- [1, 2]\ntext: x\n")
    (tree / "REQ007.yml").write_bytes(b"active: true\ntext: caf\xe9\n")

    with pytest.raises(FaultyContentError) as error:
        import_file(tree, Mapping())

    actual = {Path(finding.file).name for finding in error.value.findings if finding.weight == "error"}
    assert actual == {"REQ004.yml", "REQ005.yml", "REQ006.yml", "REQ007.yml"}
