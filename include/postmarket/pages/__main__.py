"""Serves the pages on their own: ``python -m include.postmarket.pages``.

Reads the settings of the site (POSTMARKET_DATABASE_URL and the rest), POSTMARKET_PAGES_HOST and POSTMARKET_PAGES_PORT
(127.0.0.1:8070), POSTMARKET_JIRA_URL (where people open tickets) and POSTMARKET_PAGES_TOKEN. Without a token one is
made on the first start and kept in the site's home, readable by its owner only.
"""

import os
import secrets
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import uvicorn

from include.postmarket.model.errors import ConfigurationError, PostmarketError
from include.postmarket.pages.ports import Ports
from include.postmarket.pages.standalone import PREFIX, Access, make_standalone
from include.postmarket.steps.house import House
from include.postmarket.steps.settings import Settings, from_environment


def main(environment: Mapping[str, str]) -> int:
    """Serve until stopped; gives the exit code, 2 when a setting is wrong."""
    try:
        settings = from_environment(environment)
        access = access_of(settings, environment)
        port = _port(environment.get("POSTMARKET_PAGES_PORT", "8070"))
    except PostmarketError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    host = environment.get("POSTMARKET_PAGES_HOST", "127.0.0.1")
    jira = environment.get("POSTMARKET_JIRA_URL", "")
    ports = Ports(house=cache(lambda: House(settings)), now=lambda: datetime.now(UTC), jira=lambda _site: jira)
    sys.stdout.write(f"Postmarket pages: http://{host}:{port}{PREFIX}/ (token: {_where(environment, settings)})\n")
    sys.stdout.flush()
    uvicorn.run(make_standalone(ports, access), host=host, port=port, log_level="warning", server_header=False)
    return 0


def access_of(settings: Settings, environment: Mapping[str, str]) -> Access:
    """Give the access of a site: the token of the environment, else the kept one, made on first use.

    Raises ConfigurationError for a token that could be guessed.
    """
    token = environment.get("POSTMARKET_PAGES_TOKEN") or _kept_token(settings)
    return Access(token=token, secure_cookie=settings.site_url.startswith("https://"))


def _token_file(settings: Settings) -> Path:
    return settings.home / "pages.secret"


def _where(environment: Mapping[str, str], settings: Settings) -> str:
    return "POSTMARKET_PAGES_TOKEN" if environment.get("POSTMARKET_PAGES_TOKEN") else str(_token_file(settings))


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise ConfigurationError(
            f"{text!r} is no port", where="POSTMARKET_PAGES_PORT", todo="give a number from 1 to 65535"
        )
    return int(text)


def _kept_token(settings: Settings) -> str:
    file = _token_file(settings)
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(32))
        fresh.replace(file)
    return file.read_text().strip()


if __name__ == "__main__":
    sys.exit(main(os.environ))
