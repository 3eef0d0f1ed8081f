"""What has to be set to reach a Jira and to file into it; the wiring reads it from the connection, nobody else does."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from requests import PreparedRequest
from requests.auth import AuthBase, HTTPBasicAuth

from include.postmarket.model.errors import ConfigurationError


class Secret:
    """A word that never prints: not in a repr, a log line or an error trace. Only the client calls ``reveal``.

    No dataclass on purpose: `dataclasses.asdict` and `canonical.plain` would open it.
    """

    __slots__ = ("_word",)

    def __init__(self, word: str) -> None:
        self._word = word

    def __repr__(self) -> str:
        return "<secret>"

    def reveal(self) -> str:
        """Give the word itself."""
        return self._word


class Deployment(StrEnum):
    """Which Jira it is: they differ in version, text, search and credentials."""

    CLOUD = "cloud"
    DATA_CENTER = "data_center"


class BearerToken(AuthBase):
    """A personal access token as Data Center takes it: Bearer, without a user."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Put the token on a request."""
        request.headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return request


@dataclass(frozen=True, slots=True, kw_only=True)
class JiraSettings:
    """Where Jira is and who files; ``timeout`` is in seconds, for connecting and for each wait on an answer.

    Cloud takes user and API token; Data Center takes a personal access token alone (no user). ``token_expires`` is the
    day the token ends, where the site told it: `doctor` warns before. Raises ConfigurationError when an address or a
    credential cannot be right.
    """

    base_url: str
    user: str
    token: Secret
    timeout: float = 30.0
    deployment: Deployment = Deployment.CLOUD
    token_expires: date | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise _wrong("the address is not an http or https address", "base_url", "give https://<site>.atlassian.net")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise _wrong(
                "the address holds more than a place", "base_url", "give user and token apart from the address"
            )
        if not self.token.reveal() or (not self.user and self.deployment is Deployment.CLOUD):
            raise _wrong("user or token is empty", "user, token", "give the e-mail of the account and an API token")
        if not self.timeout > 0:
            raise _wrong("the timeout is not above zero", "timeout", "give seconds, for instance 30")

    def credentials(self) -> AuthBase:
        """Give what signs a request."""
        return HTTPBasicAuth(self.user, self.token.reveal()) if self.user else BearerToken(self.token)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingSettings:
    """How the filer waits and how far it looks.

    ``settle``: how long a create of unknown end must have been looked for in vain before it is sent again; longer than
    the search index lags ("from a few seconds to minutes") and than ``sending_limit``.
    ``sending_limit``: the age from which a row in ``sending`` no longer belongs to a living dispatcher; at least the
    time a request may take from its claim to its last answer.
    ``patience``: the longest wait for a rate limit that is slept through; longer ones end the run, to be tried later.
    ``complete_within``: how long after filing links are still looked after.
    ``scan_pages``: how many pages of 100 keys are read above the last key seen before the first attempt.
    ``product_words``: names the plans fix, which look like personal data and are none (`text.product_words`).
    """

    site: str
    settle: timedelta = timedelta(minutes=10)
    sending_limit: timedelta = timedelta(minutes=2)
    patience: timedelta = timedelta(seconds=60)
    complete_within: timedelta = timedelta(days=7)
    scan_pages: int = 50
    product_words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not timedelta(0) < self.sending_limit < self.settle:
            raise _wrong(
                "the settle time is not longer than the sending limit",
                "settle, sending_limit",
                "give minutes to settle: too short a time files tickets twice",
            )
        if self.scan_pages < 1:
            raise _wrong("no key would be looked at", "scan_pages", "give at least 1")


def _wrong(what: str, where: str, todo: str) -> ConfigurationError:
    return ConfigurationError(what, where=f"Jira settings, {where}", todo=todo)
