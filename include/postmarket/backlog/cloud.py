"""Jira Cloud's dialect: version 3, documents, the enhanced search, bulk fetch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from include.postmarket.backlog.adf import comment_document, fitted_document, plain_text
from include.postmarket.backlog.dialect import PROPERTY, Found, Query, as_object
from include.postmarket.backlog.transport import Transport
from include.postmarket.model.errors import UnavailableError
from include.postmarket.model.ticket import TicketText

#: By the document issues that are not there are left out of issueErrors; a site that names them is understood as well.
_MISSING = "does not exist"


@dataclass(frozen=True, slots=True)
class Cloud:
    """A `dialect.Dialect`."""

    api: str = "/rest/api/3"

    def description(self, text: TicketText) -> Any:
        """Give the document of a ticket's text."""
        return fitted_document(text)

    def comment(self, lines: Sequence[str]) -> Any:
        """Give lines as a document."""
        return comment_document(lines)

    def plain(self, body: Any) -> str:
        """Give the text of a document."""
        return plain_text(body)

    def search(self, transport: Transport, query: Query) -> Iterator[Found]:
        """Walk the enhanced search; raises UnavailableError when a page token comes back a second time."""
        body: dict[str, Any] = {
            "jql": query.jql,
            "maxResults": query.page,
            "fields": list(query.fields),
            "properties": [PROPERTY],
        }
        tokens: set[str] = set()
        while True:
            told = as_object(transport.ask(f"{self.api}/search/jql", body), "search/jql", "issues")
            yield from told["issues"]
            token = told.get("nextPageToken")
            if told.get("isLast") or not token:
                return
            if token in tokens:
                raise UnavailableError("paging runs in a circle", where="search/jql", todo="try again later")
            tokens.add(token)
            body = {**body, "nextPageToken": token}

    def fetch(self, transport: Transport, issues: Sequence[str], fields: Sequence[str]) -> list[Found]:
        """Give those that exist; raises UnavailableError when Jira could not look at one."""
        body = {"issueIdsOrKeys": list(issues), "fields": list(fields), "properties": [PROPERTY]}
        told = as_object(transport.ask(f"{self.api}/issue/bulkfetch", body), "issue/bulkfetch", "issues")
        unread = [error for error in told.get("issueErrors") or () if _MISSING not in str(error.get("errorMessage"))]
        if unread:
            raise UnavailableError(
                f"Jira could not read {len(unread)} of {len(issues)} issues",
                where="issue/bulkfetch",
                todo="try again later",
            )
        return list(told["issues"])
