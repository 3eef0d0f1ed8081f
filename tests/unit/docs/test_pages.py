"""What the pages point at is there: files, headings, commands, targets and settings."""

import re
from collections.abc import Iterator

import pytest
import typer.main
from typer.core import TyperGroup

from include.postmarket.cli.app import app
from tests.conftest import ROOT
from tests.unit.docs.markdown import Page, read_pages

_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ (?P<words>.+)$", re.MULTILINE)
_COMMAND = re.compile(r"python -m include\.postmarket(?![.\w])(?P<words>(?: [a-z]+)*)")
_TARGET = re.compile(r"(?:^|`)make (?P<target>[a-z]+)", re.MULTILINE)
_VARIABLE = re.compile(r"\bPOSTMARKET_[A-Z_]+[A-Z]\b")
_TEST = re.compile(r"`(?P<path>(?:tests|dags|include|plugins|docs|benchmarks)/[\w./-]+)`")

PAGES = pytest.mark.parametrize("page", read_pages(), ids=lambda page: str(page.path.relative_to(ROOT)))


def anchor(heading: str) -> str:
    """Give the anchor that GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def commands(group: TyperGroup, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Give every command of the command line as its words."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, (*before, name))
        else:
            yield (*before, name)


@PAGES
def test_every_relative_link_leads_to_a_file_and_heading(page: Page) -> None:
    """A link within the repository points at a file that is there, and at a heading of it where it names one."""
    broken = []
    for found in _LINK.finditer(page.prose):
        path, _, wanted = found["target"].partition("#")
        if re.match(r"[a-z]+:", path):
            continue
        file = (page.path.parent / path).resolve() if path else page.path
        headings = _HEADING.findall(file.read_text(encoding="utf-8")) if wanted and file.is_file() else []
        if not file.exists() or (wanted and wanted not in map(anchor, headings)):
            broken.append(found["target"])

    assert [] == broken


@PAGES
def test_every_command_on_a_page_exists(page: Page) -> None:
    """``python -m include.postmarket x y`` names a command of the command line; options after it are not read."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    known = set(commands(group))
    unknown = []
    for found in _COMMAND.finditer(page.text):
        words = tuple(found["words"].split())
        if words and not {words[:1], words[:2]} & known:
            unknown.append(" ".join(words))

    assert [] == unknown


@PAGES
def test_every_make_target_on_a_page_exists(page: Page) -> None:
    """``make x`` names a target of the Makefile."""
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    unknown = {found["target"] for found in _TARGET.finditer(page.text)} - known

    assert set() == unknown


@PAGES
def test_every_file_that_a_page_names_is_there(page: Page) -> None:
    """A path of this repository in code type, as `tests/conftest.py`, is the path of a file or folder."""
    missing = {found["path"] for found in _TEST.finditer(page.text) if not (ROOT / found["path"]).exists()}

    assert set() == missing


@PAGES
def test_no_page_holds_a_number_that_was_never_filled_in(page: Page) -> None:
    """A mark as ``@@TIME@@`` stands for a measurement that is still missing."""
    assert [] == re.findall(r"@@\w+@@", page.text)


def test_the_architecture_lists_exactly_the_settings_that_the_code_reads() -> None:
    """Every POSTMARKET_ variable of the code has a row in the table of settings, and no row is of another."""
    files = [path for room in ("include", "plugins", "dags") for path in (ROOT / room).rglob("*.py")]
    read = {name for path in files for name in _VARIABLE.findall(path.read_text(encoding="utf-8"))}
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(POSTMARKET_[A-Z_]+)` \|", page, re.MULTILINE))

    assert read == listed


def test_the_architecture_explains_every_variable_that_compose_asks_for() -> None:
    """Whoever fills the .env file finds each name of the compose file on the page."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    asked = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    unexplained = {name for name in asked if f"`{name}`" not in page}

    assert set() == unexplained


def test_every_step_that_the_architecture_names_is_a_function_of_its_file() -> None:
    """A row as "`include/postmarket/steps/planning.py` `plan_tickets`" leads to the code of the step."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`(include/[\w/]+\.py)` `(\w+)`", page)
    missing = [(file, name) for file, name in named if f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8")]

    assert named
    assert [] == missing
