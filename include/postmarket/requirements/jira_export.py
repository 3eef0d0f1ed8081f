"""Issues of Jira as the answer of a search, saved as JSON: one page or a list of pages.

People (reporter, assignee, watchers, comments' authors) are not taken. The live client lives in `backlog`; this file
needs no network.
"""

from typing import Any

from include.postmarket.model.register import Role
from include.postmarket.requirements.json_files import JsonFile, spelled
from include.postmarket.requirements.mapping import Mapping
from include.postmarket.requirements.reading import Draft, Reading, fatal

_PEOPLE = frozenset(
    ["reporter", "assignee", "creator", "watches", "votes", "comment", "worklog", "attachment", "lastViewed"]
)
_TAKEN = frozenset(["summary", "description", "issuetype", "status", "issuelinks", "parent", "subtasks"])


def read_jira(content: bytes, file: str, mapping: Mapping) -> Reading:
    """Give the issues of a search; a page that is missing is a fault.

    Raises FaultyContentError when it is no answer of a search.
    """
    reading = Reading()
    source = JsonFile(content, file, reading)
    pages = source.value if isinstance(source.value, list) else [source.value]
    if not all(isinstance(page, dict) and isinstance(page.get("issues"), list) for page in pages) or not pages:
        raise fatal("is no answer of a Jira search: it has no issues", file, 1)
    issues = [issue for page in pages for issue in page["issues"]]
    total = pages[0].get("total")
    if isinstance(total, int) and total != len(issues):
        wrong = f"holds {len(issues)} of {total} issues: save every page of the search"
        reading.error(wrong, file, source.line("total"))
    if pages[-1].get("isLast") is False or pages[-1].get("nextPageToken"):
        reading.error("is not the last page of the search: save every page", file, source.line("isLast"))
    names = {key: str(name) for page in pages for key, name in (page.get("names") or {}).items()}
    left: set[str] = set()
    for issue in issues:
        if isinstance(issue, dict) and issue.get("key") and isinstance(issue.get("fields"), dict):
            reading.drafts.append(_draft(issue, names, source, mapping))
            left |= _PEOPLE & {key for key, value in issue["fields"].items() if value}
        else:
            reading.error("an issue has no key or no fields", file, source.line(str(_get(issue, "id"))))
    if left:
        reading.listed(f"people, comments and attachments are not taken: {', '.join(sorted(left))}", file)
    return reading


def _draft(issue: dict[str, Any], names: dict[str, str], source: JsonFile, mapping: Mapping) -> Draft:
    key, held = str(issue["key"]), issue["fields"]
    fields = {
        "id": key,
        "issue": key,
        "summary": str(held.get("summary") or ""),
        "description": document_text(held.get("description")),
        "issue type": str(_get(held.get("issuetype"), "name") or ""),
        "status": str(_get(held.get("status"), "name") or ""),
    }
    for name, value in held.items():
        if name not in _TAKEN | _PEOPLE and value not in (None, "", [], {}):
            fields[names.get(name, name)] = _value(value)
    return Draft(key=key, fields=fields, links=_links(held, mapping), file=source.file, line=source.line(key))


def _links(held: dict[str, Any], mapping: Mapping) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for link in held.get("issuelinks") or []:
        for side, word in (("outwardIssue", "outward"), ("inwardIssue", "inward")):
            if target := _get(_get(link, side), "key"):
                role = _get(_get(link, "type"), word) or _get(_get(link, "type"), "name") or "links"
                found.append((mapping.role(str(role)), str(target)))
    if parent := _get(held.get("parent"), "key"):
        found.append((Role.REFINES, str(parent)))
    return found


def _value(value: Any) -> str:
    if _get(value, "type") == "doc":
        return document_text(value)
    if isinstance(value, list):
        return "; ".join(filter(None, map(_value, value)))
    if isinstance(value, dict):
        named = value.get("value") or value.get("name") or value.get("key")
        return str(named) if named else spelled(value)
    return spelled(value)


def document_text(value: Any) -> str:
    """Give the text of a description: plain, or Atlassian's document format with a line for each paragraph."""
    if not isinstance(value, dict):
        return str(value or "")
    inner = value.get("content")
    parts = [document_text(part) for part in inner if isinstance(part, dict)] if isinstance(inner, list) else []
    if value.get("type") == "text":
        return str(value.get("text") or "")
    if value.get("type") in {"doc", "bulletList", "orderedList", "table", "tableRow", "listItem", "tableCell"}:
        return "\n".join(part for part in parts if part)
    if value.get("type") == "hardBreak":
        return "\n"
    return "".join(parts) or str(_get(value.get("attrs"), "text") or "")


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None
