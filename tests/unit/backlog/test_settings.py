"""Settings that refuse nonsense and keep their secret."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest

from include.postmarket.backlog.settings import FilingSettings, JiraSettings, Secret
from include.postmarket.model.canonical import canonical_json
from include.postmarket.model.errors import ConfigurationError

GOOD: dict[str, Any] = {"base_url": "https://example.atlassian.net", "user": "pms@example.org", "token": Secret("hush")}


@pytest.mark.requirement("G4")
def test_a_secret_never_prints() -> None:
    """Not in a repr, a text, a format, nor inside the settings that hold it."""
    settings = JiraSettings(**GOOD)

    assert "hush" not in f"{settings} {settings!r} {settings.token} {settings.token!r} {settings.token!s:>20}"
    assert "hush" not in str(asdict(settings))
    with pytest.raises(TypeError):
        canonical_json(settings)
    assert settings.token.reveal() == "hush"


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "example.atlassian.net"},
        {"base_url": "ftp://example.org"},
        {"base_url": "https://me:pw@example.org"},
        {"base_url": "https://example.org/?a=b"},
        {"user": ""},
        {"token": Secret("")},
        {"timeout": 0.0},
    ],
    ids=str,
)
def test_settings_that_cannot_be_right_are_refused(wrong: dict[str, Any]) -> None:
    """Each with what to do, and without repeating a credential."""
    with pytest.raises(ConfigurationError, match="Jira settings") as refused:
        JiraSettings(**(GOOD | wrong))

    assert "pw" not in str(refused.value)


@pytest.mark.parametrize(
    "wrong",
    [{"settle": timedelta(minutes=1)}, {"sending_limit": timedelta(0)}, {"scan_pages": 0}],
    ids=str,
)
def test_waits_that_would_file_twice_are_refused(wrong: dict[str, Any]) -> None:
    """The settle time must be longer than a sending row may live."""
    with pytest.raises(ConfigurationError):
        FilingSettings(site="https://example.atlassian.net", **wrong)
