"""Jira Data Center's dialect: version 2, wiki text, the search with startAt, issues one by one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from include.postmarket.backlog.dialect import PROPERTY, Found, Query, as_object
from include.postmarket.backlog.ports import Declined
from include.postmarket.backlog.transport import Transport, segment
from include.postmarket.backlog.wiki import comment_text, fitted_text
from include.postmarket.model.ticket import TicketText


@dataclass(frozen=True, slots=True)
class DataCenter:
    """A `dialect.Dialect`."""

    api: str = "/rest/api/2"

    def description(self, text: TicketText) -> Any:
        """Give a ticket's text as wiki text."""
        return fitted_text(text)

    def comment(self, lines: Sequence[str]) -> Any:
        """Give lines as wiki text, a paragraph each."""
        return comment_text(lines)

    def plain(self, body: Any) -> str:
        """Give wiki text as it is: what we look for in it needs no escape."""
        return str(body or "")

    def search(self, transport: Transport, query: Query) -> Iterator[Found]:
        """Walk the search to its total; an empty page ends it, whatever the total says."""
        start = 0
        while True:
            body = {"jql": query.jql, "startAt": start, "maxResults": query.page, "fields": list(query.fields)}
            told = as_object(transport.ask(f"{self.api}/search", body), "search", "issues")
            yield from told["issues"]
            start += len(told["issues"])
            if not told["issues"] or start >= int(told.get("total", 0)):
                return

    def fetch(self, transport: Transport, issues: Sequence[str], fields: Sequence[str]) -> list[Found]:
        """Give those that exist, each by a request of its own: there is no bulk fetch, and search may lag."""
        found = []
        query = {"fields": ",".join(fields), "properties": PROPERTY}
        for issue in issues:
            try:
                told = transport.read(f"{self.api}/issue/{segment(issue)}", query)
            except Declined as reason:
                if reason.status != 404:
                    raise
                continue
            found.append(as_object(told, "issue", "id"))
        return found
