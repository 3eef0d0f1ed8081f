"""What the pages work with, told from their side: the house, the clock, and where people open a ticket."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

from include.postmarket.model.ticket import LedgerEntry
from include.postmarket.steps.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The outside of the pages.

    ``house`` opens the house on first use; ``jira`` gives the address of Jira by the ledger's name of the site, empty
    where nobody knows it.
    """

    house: Callable[[], House]
    now: Callable[[], datetime]
    jira: Callable[[str], str]


def ticket_address(jira: str, entry: LedgerEntry) -> str:
    """Give where people open a ticket in the Jira at an address; a site's name may be its address.

    Empty while there is no issue, or nobody knows where that Jira is.
    """
    base = jira or entry.site
    if not entry.issue_key or urlsplit(base).scheme not in {"http", "https"}:
        return ""
    return f"{base.rstrip('/')}/browse/{quote(entry.issue_key, safe='')}"
