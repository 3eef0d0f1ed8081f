"""Starting the pages on their own."""

import stat
from pathlib import Path

import pytest

from include.postmarket.model.errors import ConfigurationError
from include.postmarket.pages.__main__ import access_of, main
from tests.unit.pages import stage

ADDRESS = {"POSTMARKET_DATABASE_URL": "postgresql://app:hidden-word@127.0.0.1:1/records"}


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ({}, "POSTMARKET_DATABASE_URL"),
        (ADDRESS | {"POSTMARKET_PAGES_TOKEN": "guess-me"}, "POSTMARKET_PAGES_TOKEN"),
        (ADDRESS | {"POSTMARKET_PAGES_PORT": "http"}, "POSTMARKET_PAGES_PORT"),
        (ADDRESS | {"POSTMARKET_PAGES_PORT": "70000"}, "POSTMARKET_PAGES_PORT"),
    ],
)
def test_wrong_settings_are_named(
    setting: dict[str, str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing address, a weak token or a wrong port ends the start with what to do, and repeats no secret."""
    code = main({"POSTMARKET_HOME": str(tmp_path), **setting})
    printed = capsys.readouterr()

    assert code == 2
    assert told in printed.err
    assert "guess-me" not in printed.out + printed.err
    assert "hidden-word" not in printed.out + printed.err


def test_token_is_made_once_and_kept_for_its_owner(tmp_path: Path) -> None:
    """Without a token in the environment one is made; the next start uses it, and nobody else can read it."""
    settings = stage.house_at("", tmp_path).settings
    first, second = access_of(settings, {}), access_of(settings, {})
    kept = tmp_path / "pages.secret"

    assert first == second
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert first.opens(kept.read_text())


def test_token_of_the_environment_goes_first(tmp_path: Path) -> None:
    """A site may bring its own token; then none is written down."""
    settings = stage.house_at("", tmp_path).settings
    own = "a-token-of-more-than-24-characters"

    assert access_of(settings, {"POSTMARKET_PAGES_TOKEN": own}).opens(own)
    assert not (tmp_path / "pages.secret").exists()
    with pytest.raises(ConfigurationError):
        access_of(settings, {"POSTMARKET_PAGES_TOKEN": "short"})
