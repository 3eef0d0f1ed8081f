"""The list of IMDRF codes."""

from pathlib import Path

import pytest

from include.postmarket.checks import codes
from include.postmarket.model.errors import ConfigurationError


def test_list_of_the_product() -> None:
    """Codes of release 2024 from all three levels are there; retired and never-given ones are not."""
    known = codes.load()

    assert {("2024", code) for code in ("A07", "A0705", "A070502", "A1402")} <= known.codes
    assert {("2024", "A071205"), ("2024", "A0799"), ("2023", "A0705")}.isdisjoint(known.codes)
    assert known.releases == {"2024"}


def test_every_code_has_its_parent() -> None:
    """The list is a tree: a branch in a plan's scope covers what lies below it."""
    known = {code for _, code in codes.load().codes}

    orphans = {code for code in known if len(code) > 3 and code[:-2] not in known}
    assert orphans == set()


@pytest.mark.parametrize("content", ["release,code\n2024,A07\n", "# only a comment\nrelease,code,parent,term\n", ""])
def test_unusable_list(tmp_path: Path, content: str) -> None:
    """Other columns or no code at all cannot be checked against."""
    path = tmp_path / "codes.csv"
    path.write_text(content)

    with pytest.raises(ConfigurationError, match=r"codes\.csv"):
        codes.load(path)


def test_missing_list(tmp_path: Path) -> None:
    """A list that is not there is a setting to mend."""
    with pytest.raises(ConfigurationError, match="cannot be read"):
        codes.load(tmp_path / "codes.csv")
