"""Commits and pull requests that name requirements: the output of ``git log``, and a list of pull requests as JSON.

Names and addresses of authors are not taken. A commit names requirements in trailers (``Requirement: R-1``) or anywhere
in its message by an id of the register.
"""

import re
from collections.abc import Collection, Iterable
from typing import Any

from include.postmarket.model.register import ItemKind, Role
from include.postmarket.requirements.assembly import split_ids
from include.postmarket.requirements.content import text_of
from include.postmarket.requirements.json_files import JsonFile
from include.postmarket.requirements.reading import Draft, Reading, fatal

_COMMIT = re.compile(r"^commit ([0-9a-f]{7,64})\b")
_DATE = re.compile(r"^(?:Author|Commit)?Date:\s+(.+)$")
_TRAILER = re.compile(r"^(?:requirements?|implements|verifies|refs|req)\s*:\s*(.+)$", re.IGNORECASE)
_WORD = re.compile(r"[^\s,;()\[\]{}<>\"'`]+")


def read_git_log(content: bytes, file: str, known: Collection[str]) -> Reading:
    """Give the commits of ``git log --date=iso-strict`` that name requirements; the others are counted.

    ``known`` are the ids of the register. Raises FaultyContentError when it is no such output.
    """
    reading = Reading()
    lines = text_of(content, file).splitlines()
    starts = [number for number, line in enumerate(lines) if _COMMIT.match(line)]
    if not starts or any(line.strip() for line in lines[: starts[0]]):
        raise fatal("is no output of `git log --date=iso-strict`", file, 1)
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        commit = _COMMIT.match(lines[start])
        name = commit[1] if commit else ""
        head = lines[start + 1 : end]
        at = next((found[1] for line in head if (found := _DATE.match(line))), "")
        message = [line[4:] for line in head if line.startswith("    ")]
        title = next((line for line in message if line.strip()), "")
        links = _links(message, known, Role.IMPLEMENTS)
        if links:
            fields = {"title": title, "at": at}
            draft = Draft(key=name, fields=fields, links=links, kind=ItemKind.COMMIT, file=file, line=start + 1)
            reading.drafts.append(draft)
    _count_unlinked(reading, len(starts), "commits", file)
    return reading


def read_pull_requests(content: bytes, file: str, known: Collection[str]) -> Reading:
    """Give the pull requests of a JSON list that name requirements, as GitHub (API and ``gh``) and GitLab spell them.

    Raises FaultyContentError when it is no such list.
    """
    reading = Reading()
    source = JsonFile(content, file, reading)
    if not isinstance(source.value, list) or not all(isinstance(entry, dict) for entry in source.value):
        raise fatal("is no JSON list of pull requests", file, 1)
    for entry in source.value:
        number = _first(entry, "number", "iid", "id")
        if not number:
            reading.error("a pull request has no number", file)
            continue
        title, body = _first(entry, "title"), _first(entry, "body", "description")
        links = _links([title, *body.splitlines()], known, Role.IMPLEMENTS)
        if links:
            fields = {
                "title": title,
                "at": _first(entry, "merged_at", "mergedAt", "closed_at", "closedAt"),
                "status": _first(entry, "state"),
                "address": _first(entry, "html_url", "web_url", "url"),
            }
            draft = Draft(key=f"#{number}", fields=fields, links=links, kind=ItemKind.PULL_REQUEST, file=file)
            draft.line = source.line(title) if title else 0
            reading.drafts.append(draft)
    _count_unlinked(reading, len(source.value), "pull requests", file)
    return reading


def _links(message: Iterable[str], known: Collection[str], role: str) -> list[tuple[str, str]]:
    found: dict[str, None] = {}
    for line in message:
        trailer = _TRAILER.match(line.strip())
        if trailer:
            found |= dict.fromkeys(split_ids(trailer[1].replace(",", ";"), ";"))
        words = (word.rstrip(".:!?") for word in _WORD.findall(line))
        found |= dict.fromkeys(word for word in words if word in known)
    return [(role, name) for name in found]


def _count_unlinked(reading: Reading, total: int, what: str, file: str) -> None:
    if left := total - len(reading.drafts):
        reading.listed(f"{left} of {total} {what} name no requirement and are not taken", file)


def _first(entry: dict[str, Any], *names: str) -> str:
    found = next((entry[name] for name in names if entry.get(name)), "")
    return str(found)
