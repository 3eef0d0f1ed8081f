"""The answers after which a run sends nothing more to a site: a closed door, and a rate limit that takes too long."""

from include.postmarket.model.errors import ConfigurationError, UnavailableError

#: Jira's `RateLimit-Reason`, and what we do: a quota stops everything on the site until its wait is over; a burst slows
#: its endpoint; an issue that was written to too often waits alone, and the other tickets go on (JIRA.md section 3).
QUOTAS = frozenset({"jira-quota-global-based", "jira-quota-tenant-based"})
BURST = "jira-burst-based"
PER_ISSUE = "jira-per-issue-on-write"

DOORS = frozenset({401, 403})


class SiteBusyError(UnavailableError):
    """A rate limit asks for more patience than a run has: nothing more is sent to this site for now."""


class IssueBusyError(UnavailableError):
    """One issue was written to too often: it waits, and nothing else does."""


def closed_door(status: int, message: str, place: str) -> ConfigurationError:
    """Give the error for 401 and 403: nothing that is sent with these credentials will pass."""
    return ConfigurationError(
        f"Jira refuses the account (HTTP {status}: {message})",
        where=place,
        todo="check user, API token and its expiry date, and the account's permissions in the project",
    )
