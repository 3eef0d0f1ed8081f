"""The answers after which a run sends nothing more to a site: a closed door, and a rate limit that takes too long."""

from include.postmarket.model.errors import ConfigurationError, UnavailableError

DOORS = frozenset({401, 403})


class SiteBusyError(UnavailableError):
    """A rate limit asks for more patience than a run has: nothing more is sent to this site for now."""


def closed_door(status: int, message: str, place: str) -> ConfigurationError:
    """Give the error for 401 and 403: nothing that is sent with these credentials will pass."""
    return ConfigurationError(
        f"Jira refuses the account (HTTP {status}: {message})",
        where=place,
        todo="check user, API token and its expiry date, and the account's permissions in the project",
    )
