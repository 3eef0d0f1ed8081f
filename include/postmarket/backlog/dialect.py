"""What differs between Jira Cloud and Jira Data Center, told from the client's side.

Cloud: version 3, documents (ADF), the enhanced search with page tokens, bulk fetch. Data Center: version 2, wiki text,
the search with startAt, issues one by one (JIRA.md sections 1 and 3).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from include.postmarket.backlog.transport import Transport, unreadable
from include.postmarket.model.ticket import TicketText

PROPERTY = "pms.signal"

Found = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Query:
    """One search: JQL, the fields wanted of each issue, and how many a page."""

    jql: str
    fields: tuple[str, ...]
    page: int


class Dialect(Protocol):
    """One kind of Jira."""

    @property
    def api(self) -> str:
        """Where its REST interface begins."""
        ...

    def description(self, text: TicketText) -> Any:
        """Give a ticket's text as this Jira writes descriptions, within its length."""
        ...

    def comment(self, lines: Sequence[str]) -> Any:
        """Give lines as this Jira writes comments."""
        ...

    def plain(self, body: Any) -> str:
        """Give the text of a comment, one line a paragraph."""
        ...

    def search(self, transport: Transport, query: Query) -> Iterator[Found]:
        """Walk everything the index shows; raises UnavailableError when paging runs in a circle."""
        ...

    def fetch(self, transport: Transport, issues: Sequence[str], fields: Sequence[str]) -> list[Found]:
        """Give those of at most 100 issues (ids or keys) that exist, read directly, with the marker property."""
        ...


def as_object(told: Any, place: str, *members: str) -> Found:
    """Give an answer as the object it must be, with these members in it; raises UnavailableError otherwise."""
    if not isinstance(told, dict) or any(member not in told for member in members):
        raise unreadable(place)
    return told
