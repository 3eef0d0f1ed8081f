"""What may leave the house (G4): a list of allowed facts with their shapes, and patterns over every free word.

A hit blocks the whole ticket and it is parked; nothing is masked silently. A leak says where and what kind, never what.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from include.postmarket.backlog.patterns import personal_data
from include.postmarket.model.ticket import CommentPlan, TicketPlan

SUMMARY_LIMIT = 255  # "Summary can't exceed 255 characters." (JIRA.md section 3)
LONGEST_LINE = 600  # characters: a longer line would be a narrative

_HASH = r"[0-9a-f]{12,64}|[a-z-]{1,20}"
_FIGURE = (
    r"-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?(?: (?:[^\W\d_]|[ %/._()-]|(?<!\d)(?:10{3,7}|\d{1,3})(?!\d)){1,60})?|not given"
)
_ANY = r".*"
_COLUMNS = (
    "model|software_version|lot|region|brand|generic_name|manufacturer|product_code|device_class|event_type|source_type"
    "|problem_code|health_impact_code"
)

#: The rows a ticket's table may have and the shape of each value; `_ANY` is free text and goes through the patterns.
ROWS: dict[str, str] = {
    "Product": _ANY,
    "Indicator": _ANY,
    "Subgroup": rf"all|(?:{_COLUMNS})=[^;]{{1,150}}(?:; (?:{_COLUMNS})=[^;]{{1,150}})?",  # pairs name two columns
    "Period": r"\d{4}-\d{2}|\d{4}-W\d{2}",
    "Observed": _FIGURE,
    "Expected": _FIGURE,
    "Limit": _FIGURE,
    "Exposure": _FIGURE + r"|none: this is a reporting count, not a rate",
    "Method": _ANY,
    "p-value": _FIGURE + r"|below 1e-300",
    "Adjusted p-value": _FIGURE + r"|below 1e-300",
    "Data": r"(?:real|reconstructed|simulated)(?:, (?:real|reconstructed|simulated))*",
    "Priority": r"high|medium|low",
    "Signal": r"SIG-[0-9a-f]{10}-\d+",
    "Run": r"[A-Za-z0-9_.:+-]{1,250}",
    "As of": r"\d{4}-\d{2}-\d{2}",
    "Snapshot": _HASH,
    "Plan": r"[A-Za-z0-9_.-]{1,80}@v?\d[A-Za-z0-9.+-]{0,30}",
    "Plan digest": _HASH,
    "Code": _HASH,
}

#: Marks that people choose the words of: the patterns look at these as well.
_FREE = frozenset({"label", "issue type", "component", "field value"})

#: Rows whose shape leaves no room for anything else: the patterns would only take a hash or a version for something.
_CLOSED = frozenset({"Period", "Data", "Priority", "Signal", "As of", "Snapshot", "Plan", "Plan digest", "Code"})

#: A run id of our own making: the digest in it says nothing of anybody.
_OWN_RUN = r"RUN-[0-9a-f]{16}"

#: The sections a ticket may have; their lines are free text.
SECTIONS: frozenset[str] = frozenset({"What was seen", "Requirement, risk and test", "What is asked"})

_MARKS: dict[str, str] = {
    "dedupe key": r"[0-9a-f]{32}",
    "signal id": r"SIG-[0-9a-f]{10}-\d+",
    "project": r"[A-Z][A-Z0-9_]+",
    "issue type": r"[^\W\d][\w ()/-]{0,59}",
    "link type": r"[^\W\d][\w ()/-]{0,59}",
    "priority": r"[^\W\d][\w -]{0,29}",
    "label": r"[A-Za-z0-9._:-]{1,255}",
    "requirement issue": r"[A-Z][A-Z0-9_]+-\d+",
    "followed ticket": r"(?:[A-Z][A-Z0-9_]+-\d+)?",
    "component": r"[^\W\d][\w ().,/&+-]{0,99}",
    "field id": r"[a-z][A-Za-z0-9_]{0,59}",
    "field value": r"[^\n\r]{1,255}",
    "link back": r"https?://[A-Za-z0-9.:\[\]-]+(?:/[A-Za-z0-9._~/%-]*)?",
}


@dataclass(frozen=True, slots=True)
class Leak:
    """Why a ticket may not leave: the place and the kind of what was found there."""

    place: str
    kind: str

    def __str__(self) -> str:
        return f"{self.kind} in {self.place}"


def ticket_leaks(plan: TicketPlan, product_words: Iterable[str] = ()) -> tuple[Leak, ...]:
    """Give every reason why this ticket may not leave the house; empty when it may."""
    words = (*product_words, *plan.requirement_issues)
    return (*_mark_leaks(plan, words), *_row_leaks(plan, words), *_section_leaks(plan, words))


def comment_leaks(plan: CommentPlan, product_words: Iterable[str] = ()) -> tuple[Leak, ...]:
    """Give every reason why this comment may not leave the house; empty when it may."""
    return _line_leaks("comment", plan.lines, tuple(product_words))


def explain(leaks: Sequence[Leak]) -> str:
    """Give the leaks as one message that may be logged and shown: it holds none of the text."""
    return "blocked before sending, nothing left the house: " + "; ".join(map(str, leaks))


def _mark_leaks(plan: TicketPlan, words: tuple[str, ...]) -> tuple[Leak, ...]:
    marks = [
        ("dedupe key", plan.dedupe_key),
        ("signal id", plan.signal_id),
        ("project", plan.project),
        ("issue type", plan.issue_type),
        ("link type", plan.link_type),
        ("priority", plan.priority),
        *(("label", label) for label in plan.labels),
        *(("requirement issue", key) for key in plan.requirement_issues),
        ("followed ticket", plan.follows),
        *(("component", name) for name in plan.components),
        *(("field id", name) for name in plan.fields),
        *(("field value", value) for value in plan.fields.values()),
        ("link back", plan.text.link_back),
    ]
    wrong = [Leak(name, "unexpected form") for name, value in marks if not re.fullmatch(_MARKS[name], value)]
    path = re.sub(r"^https?://[^/]*", "", plan.text.link_back)
    free = [("link back", path), *((name, value) for name, value in marks if name in _FREE)]
    hits = [Leak(name, kind) for name, value in free for kind in personal_data(value, (*words, plan.dedupe_key))]
    long = [Leak("summary", f"line over {SUMMARY_LIMIT} characters")] if len(plan.text.summary) > SUMMARY_LIMIT else []
    return (*wrong, *hits, *long, *_line_leaks("summary", (plan.text.summary,), words))


def _row_leaks(plan: TicketPlan, words: tuple[str, ...]) -> tuple[Leak, ...]:
    found = _repeated("table row", [name for name, _ in plan.text.table])
    for number, (name, value) in enumerate(plan.text.table, 1):
        if name not in ROWS:  # the name itself may be what must not leave: only its number is told
            found.append(Leak(f"table row {number}", "row that is not on the list"))
        elif not re.fullmatch(ROWS[name], value):
            found.append(Leak(f"table row {name!r}", "unexpected form"))
        elif name not in _CLOSED and not re.fullmatch(_OWN_RUN, value):
            found.extend(_line_leaks(f"table row {name!r}", (value,), words))
    return tuple(found)


def _section_leaks(plan: TicketPlan, words: tuple[str, ...]) -> tuple[Leak, ...]:
    found = _repeated("section", [heading for heading, _ in plan.text.sections])
    for number, (heading, lines) in enumerate(plan.text.sections, 1):
        if heading not in SECTIONS:
            found.append(Leak(f"section {number}", "section that is not on the list"))
        else:
            found.extend(_line_leaks(f"section {heading!r}", lines, words))
    return tuple(found)


def _repeated(place: str, names: list[str]) -> list[Leak]:
    """Each row and section once: what the list allows also bounds how long a ticket can be."""
    return [
        Leak(f"{place} {number}", "repetition") for number, name in enumerate(names, 1) if name in names[: number - 1]
    ]


def _line_leaks(place: str, lines: Sequence[str], words: tuple[str, ...]) -> tuple[Leak, ...]:
    found = []
    for number, line in enumerate(lines, 1):
        where = place if len(lines) == 1 else f"{place}, line {number}"
        if len(line) > LONGEST_LINE:
            found.append(Leak(where, f"line over {LONGEST_LINE} characters"))
        if any(not character.isprintable() for character in line):
            found.append(Leak(where, "line break or control character"))
        found.extend(Leak(where, kind) for kind in personal_data(line, words))
    return tuple(found)
