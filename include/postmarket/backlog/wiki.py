"""A TicketText as Jira's wiki text, for Data Center: kept within its length by shortening whole sections.

Text renderer: https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa. Every character that has a meaning there
is escaped with a backslash; what stands in our lines is shown as it is.
"""

import re
from collections.abc import Sequence

from include.postmarket.backlog.shortening import fitted
from include.postmarket.model.ticket import TicketText

#: Data Center's default for text fields is 32,767 characters (jira.text.field.character.limit), and may be set lower.
LIMIT = 32_000

_MEANT = re.compile(r"[\\{}\[\]|*_+^~!?#-]")


def text_of(text: TicketText) -> str:
    """Give the whole text: table, sections, link back."""
    parts = ["\n".join(f"||{escaped(name)}|{escaped(value)}|" for name, value in text.table)] if text.table else []
    for heading, lines in text.sections:
        parts.append(f"h3. {escaped(heading)}")
        parts.extend(escaped(line) for line in lines)
    parts.extend(("h3. Signal page", f"[{text.link_back}]"))
    return "\n\n".join(part for part in parts if part)


def fitted_text(text: TicketText, limit: int = LIMIT) -> str:
    """Give the text within a number of characters, the longest sections replaced by a line that says so.

    Raises InputError when table and link alone do not fit.
    """
    return text_of(fitted(text, lambda given: len(text_of(given)) <= limit))


def comment_text(lines: Sequence[str]) -> str:
    """Give lines as paragraphs; a trailer stays as it is, so that it is found again."""
    return "\n\n".join(line if re.fullmatch(r"pms-event:[0-9a-f]+", line) else escaped(line) for line in lines)


def escaped(line: str) -> str:
    """Give a line in which no character means anything to the wiki."""
    return _MEANT.sub(r"\\\g<0>", line)
