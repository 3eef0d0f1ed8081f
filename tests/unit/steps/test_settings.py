"""Where a site keeps its things, and where its sources lie."""

from pathlib import Path

import pytest

from include.postmarket.model.batch import NEEDED, Label, Source
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.finding import FaultyContentError
from include.postmarket.steps.code_digest import code_digest
from include.postmarket.steps.settings import ROOT, from_environment
from include.postmarket.steps.source_places import load_places

URL = {"POSTMARKET_DATABASE_URL": "postgresql+psycopg://app:a-secret@host/records"}
FOUR = {"reports": "r.csv", "complaints": "c.csv", "exposure": "e.csv", "performance": "p.parquet"}


def places(folder: Path, **changed: str) -> Path:
    """Write a file of sources with some lines changed."""
    lines = {name: f"{{path: {path}, label: simulated}}" for name, path in FOUR.items()} | changed
    file = folder / "sources.yaml"
    file.write_text("".join(f"{name}: {line}\n" for name, line in lines.items()))
    return file


def test_defaults_are_the_checkouts() -> None:
    """With the address of the records alone, everything lies in .postmarket and the example plans are watched."""
    found = from_environment(URL)

    assert (found.home, found.lake) == (ROOT / ".postmarket", ROOT / ".postmarket" / "lake")
    assert found.plans == ROOT / "include" / "plans"
    assert found.site_url == "http://127.0.0.1:8080"


def test_settings_move_everything(tmp_path: Path) -> None:
    """The home moves the lake with it; a slash at the end of the address of the pages does not double."""
    found = from_environment(URL | {"POSTMARKET_HOME": str(tmp_path), "POSTMARKET_SITE_URL": "https://pms.example/"})

    assert (found.home, found.lake) == (tmp_path, tmp_path / "lake")
    assert found.site_url == "https://pms.example"


@pytest.mark.parametrize("environment", [{}, {"POSTMARKET_DATABASE_URL": ""}])
def test_no_records_no_site(environment: dict[str, str]) -> None:
    """Unset or empty: the message names the variable."""
    with pytest.raises(ConfigurationError) as caught:
        from_environment(environment)

    assert "POSTMARKET_DATABASE_URL" in caught.value.where


def test_secrets_are_not_shown() -> None:
    """Settings that are printed show neither the address of the records nor the key."""
    shown = repr(from_environment(URL | {"POSTMARKET_OPENFDA_KEY": "a-key"}))

    assert "a-secret" not in shown
    assert "a-key" not in shown


def test_places_are_beside_their_file(tmp_path: Path) -> None:
    """A relative path is meant from the file's folder; an absolute one stays; each source has its label."""
    found = load_places(places(tmp_path, exposure="{path: /data/e.csv, label: real}"))

    assert found[Source.REPORTS].path == str(tmp_path / "r.csv")
    assert (found[Source.EXPOSURE].path, found[Source.EXPOSURE].label) == ("/data/e.csv", Label.REAL)
    assert set(found) == set(NEEDED)


def test_reports_may_be_a_search(tmp_path: Path) -> None:
    """The search is put to openFDA; there is no path then."""
    found = load_places(places(tmp_path, reports='{search: "device.brand_name:x", label: real}'))

    assert (found[Source.REPORTS].search, found[Source.REPORTS].path) == ("device.brand_name:x", "")


@pytest.mark.parametrize(
    "changed",
    [
        {"reports": "{label: real}"},
        {"reports": "{path: r.csv, search: x, label: real}"},
        {"complaints": "{search: x, label: real}"},
        {"complaints": "{path: '', label: real}"},
    ],
    ids=str,
)
def test_a_source_has_just_one_place(tmp_path: Path, changed: dict[str, str]) -> None:
    """None, two, or a search where only files are: refused, naming the source."""
    with pytest.raises(ConfigurationError, match=next(iter(changed))):
        load_places(places(tmp_path, **changed))


@pytest.mark.parametrize(
    "changed",
    [{"reports": "{path: r.csv, label: reel}"}, {"report": "{path: r.csv, label: real}"}, {"reports": "{path: r.csv}"}],
    ids=str,
)
def test_typing_errors_are_told_with_their_line(tmp_path: Path, changed: dict[str, str]) -> None:
    """Unknown words, unknown keys and missing keys each have a finding with file and line."""
    with pytest.raises(FaultyContentError) as caught:
        load_places(places(tmp_path, **changed))

    assert all("sources.yaml" in str(finding) for finding in caught.value.findings)


def test_the_digest_of_the_code_sees_every_change(tmp_path: Path) -> None:
    """Another line, another name, another file or another lock is another digest; the same code has the same one."""
    package = tmp_path / "include" / "package"
    package.mkdir(parents=True)
    (tmp_path / "requirements.txt").write_text("a==1\n")
    (package / "one.py").write_text("x = 1\n")
    seen = [code_digest.__wrapped__(package)]

    assert code_digest.__wrapped__(package) == seen[0]
    (package / "one.py").write_text("x = 2\n")
    seen.append(code_digest.__wrapped__(package))
    (package / "one.py").rename(package / "two.py")
    seen.append(code_digest.__wrapped__(package))
    (package / "one.py").write_text("")
    seen.append(code_digest.__wrapped__(package))
    (tmp_path / "requirements.txt").write_text("a==2\n")
    seen.append(code_digest.__wrapped__(package))

    assert len(set(seen)) == len(seen)
