"""From drafts to items: fields found by name, links resolved to ids, and every fault of the whole register."""

import re
from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass

from include.postmarket.model.finding import errors_of
from include.postmarket.model.register import EVIDENCE, OUTSIDE, Item, ItemKind, Link, Role
from include.postmarket.requirements.mapping import Mapping, folded
from include.postmarket.requirements.markup import plain_text
from include.postmarket.requirements.reading import Draft, Reading

#: A longer id is a text in the wrong column.
LONGEST_ID = 200
_FIELDS = ("id", "title", "text", "version", "status", "issue", "kind")
_RAN = ("result", "at")  # of evidence, by the names that our own readers give


def assemble(reading: Reading, mapping: Mapping, where: str) -> tuple[Item, ...]:
    """Give the items of an import, in the order of the source.

    Raises FaultyContentError with every fault: no or doubled ids, no text anywhere, circles of refinement. Links to
    what is not in the import are kept and listed.
    """
    drafts = reading.drafts
    if not drafts and not reading.findings:
        reading.error("holds no item: is it the right file, and the whole of it?", where)
    taken = [_fields(draft, mapping) for draft in drafts]
    ids = [fields.get("id") or (draft.key if draft.keyed else "") for draft, fields in zip(drafts, taken, strict=True)]
    _check_ids(reading, ids)
    by_key = dict(zip((draft.key for draft in drafts), ids, strict=True))
    names = _Names(mapping=mapping, by_key=by_key, ids=set(ids))
    items = tuple(
        _item(draft, fields, item_id, names) for draft, fields, item_id in zip(drafts, taken, ids, strict=True)
    )
    _check_texts(reading, items, where)
    _list_dangling(reading, items)
    _check_circles(reading, items)
    reading.refuse_faults(where)
    return items


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """How links of a source are resolved."""

    mapping: Mapping
    by_key: Dictionary[str, str]
    ids: set[str]

    def target(self, key: str) -> str:
        """Give the id behind a key; ``REQ.part`` of sphinx-needs is the need itself when it is no need of its own."""
        if key in self.by_key:
            return self.by_key[key]
        whole = key.rpartition(".")[0]
        return whole if key not in self.ids and whole in self.ids else key


def _fields(draft: Draft, mapping: Mapping) -> dict[str, str]:
    """Give our fields by name, and under ``from <name>`` how the source calls them."""
    by_name = {folded(name): name for name in reversed(draft.fields)}
    found: dict[str, str] = {}
    for wanted in _FIELDS:
        names = [by_name[name] for name in mapping.names(wanted) if name in by_name]
        filled = next((name for name in names if draft.fields[name].strip()), None)
        if filled is not None:
            found[wanted] = draft.fields[filled]
            found[f"from {wanted}"] = filled
    return found


def _item(draft: Draft, fields: dict[str, str], item_id: str, names: _Names) -> Item:
    taken = {fields[f"from {wanted}"] for wanted in _FIELDS if f"from {wanted}" in fields and wanted != "kind"}
    links = list(draft.links)
    attributes: list[tuple[str, str]] = []
    for name, value in draft.fields.items():
        role = names.mapping.link_role(name)
        if role and name not in taken:
            links += [(role, part) for part in split_ids(value, names.mapping.separator)]
        elif name not in taken and value.strip() and not (name in _RAN and draft.kind in EVIDENCE):
            attributes.append((name, plain_text(value)))
    title, text = plain_text(fields.get("title", "")), plain_text(fields.get("text", ""))
    return Item(
        id=item_id,
        kind=draft.kind or _kind(fields, title, text, names.mapping),
        title="" if title == text else title,
        text=text,
        version=fields.get("version", "").strip(),
        status=plain_text(fields.get("status", "")),
        issue=fields.get("issue", "").strip(),
        result=draft.fields.get("result", "") if draft.kind in EVIDENCE else "",
        at=draft.fields.get("at", "") if draft.kind in EVIDENCE else "",
        links=tuple(dict.fromkeys(Link(role=role, target=names.target(key)) for role, key in links)),
        attributes=tuple(attributes),
        file=draft.file,
        line=draft.line,
    )


def split_ids(value: str, separator: str) -> list[str]:
    """Give the ids of one field; line breaks separate as well."""
    return [part.strip() for part in re.split(rf"{re.escape(separator)}|\n", value) if part.strip()]


def _kind(fields: dict[str, str], title: str, text: str, mapping: Mapping) -> ItemKind:
    named = mapping.kind(fields.get("kind", ""))
    if named is not None:
        return named
    heading = folded(fields.get("from title", "")) in {"reqifchaptername", "objectheading"}
    return ItemKind.HEADING if heading and title and not text else ItemKind.REQUIREMENT


def _check_ids(reading: Reading, ids: list[str]) -> None:
    first: dict[str, Draft] = {}
    for draft, item_id in zip(reading.drafts, ids, strict=True):
        if not item_id:
            reading.error("has no id", draft.file, draft.line)
        elif len(item_id) > LONGEST_ID or "\n" in item_id:
            reading.error("its id is a text: map the right field to id", draft.file, draft.line)
        elif first.setdefault(item_id, draft) is not draft:
            place = f"{first[item_id].file}:{first[item_id].line}"
            reading.error(f"id {item_id!r} stands here again, first in {place}", draft.file, draft.line)


def _check_texts(reading: Reading, items: tuple[Item, ...], where: str) -> None:
    if errors_of(reading.findings):  # a file that is faulty anyway would only seem to have no texts
        return
    judged = [item for item in items if item.kind is ItemKind.REQUIREMENT]
    empty = [item for item in judged if not item.text and not item.title]
    if judged and len(empty) == len(judged):
        names = Counter(name for item in judged for name, _ in item.attributes)
        found = ", ".join(repr(name) for name, _ in names.most_common(12)) or "none"
        reading.error(f"no item has a text; say in a mapping which of these fields is it: {found}", where)
        return
    for item in empty:
        reading.listed(f"{item.id!r} has neither title nor text", item.file, item.line)


def _list_dangling(reading: Reading, items: tuple[Item, ...]) -> None:
    ids = {item.id for item in items}
    for item in items:
        for link in item.links:
            told_later = item.kind in EVIDENCE and link.role in {Role.VERIFIES, Role.IMPLEMENTS}
            if link.target not in ids and link.role not in OUTSIDE and not told_later:
                message = f"{item.id!r} {link.role} {link.target!r}, which is not in this import; the link is kept"
                reading.listed(message, item.file, item.line)


def _check_circles(reading: Reading, items: tuple[Item, ...]) -> None:
    for circle in circles(items):
        first = circle[0]
        path = " refines ".join(repr(item.id) for item in (*circle, first))
        reading.error(f"a circle: {path}", first.file, first.line)


def circles(items: tuple[Item, ...]) -> Iterator[list[Item]]:
    """Give each circle of refinement once, walking without recursion: a chain may be as long as the register."""
    by_id = {item.id: item for item in items}
    above = {
        item.id: [link.target for link in item.links if link.role == Role.REFINES and link.target in by_id]
        for item in items
    }
    done: set[str] = set()
    for start in by_id:
        path, places, waiting = [start], {start: 0}, [iter(above[start])]
        if start in done:
            continue
        while path:
            target = next(waiting[-1], None)
            if target is None:
                done.add(path[-1])
                del places[path.pop()]
                waiting.pop()
            elif target in places:
                yield [by_id[name] for name in path[places[target] :]]
            elif target not in done:
                places[target] = len(path)
                path.append(target)
                waiting.append(iter(above[target]))
