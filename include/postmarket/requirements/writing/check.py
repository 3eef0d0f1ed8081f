"""All rules of writing over a register. Pure: items in, notes out."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from include.postmarket.model.register import Item, ItemKind
from include.postmarket.requirements.writing.form import ears_order, no_shall, several_shall
from include.postmarket.requirements.writing.likeness import near_pairs
from include.postmarket.requirements.writing.note import Mark, Note, Rule
from include.postmarket.requirements.writing.quantities import tolerance, unit
from include.postmarket.requirements.writing.sentence import Sentence, is_english, parse
from include.postmarket.requirements.writing.terms import introduced, undefined
from include.postmarket.requirements.writing.voice import passive
from include.postmarket.requirements.writing.words import word_marks

_RULES = (no_shall, ears_order, several_shall, word_marks, passive, unit, tolerance)


def check_writing(items: Sequence[Item], glossary: Collection[str]) -> tuple[Note, ...]:
    """Give the notes on every requirement, in the order of the register and of the text.

    Headings, information and evidence are not judged. A text that the rules cannot judge is told, with the reason.
    """
    judged = [item for item in items if item.kind is ItemKind.REQUIREMENT]
    defined = frozenset(glossary) | introduced(item.text for item in items)
    found = [note for item in judged for note in _notes(item, defined)]
    found += _near_notes([item for item in judged if item.text and is_english(item.text)])
    places = {item.id: position for position, item in enumerate(items)}
    return tuple(sorted(found, key=lambda note: (places[note.requirement], note.start, note.rule)))


def patterns(items: Sequence[Item]) -> Counter[str]:
    """Count the requirements by their pattern of EARS; ``none`` are those without ``shall``."""
    judged = (parse(item.text).pattern for item in items if item.kind is ItemKind.REQUIREMENT)
    return Counter(pattern.value if pattern else "none" for pattern in judged)


def text_marks(text: str, defined: Collection[str]) -> Iterator[Mark]:
    """Give what the rules find in one text."""
    sentence: Sentence = parse(text)
    for rule in _RULES:
        yield from rule(sentence)
    yield from undefined(sentence, defined)


def _notes(item: Item, defined: Collection[str]) -> Iterator[Note]:
    if not item.text:
        yield _note(item, _unjudged("the requirement has no text"))
    elif not is_english(item.text):
        yield _note(item, _unjudged("the text is not English, and the rules know no other language"))
    else:
        yield from (_note(item, mark) for mark in text_marks(item.text, defined))


def _near_notes(items: Sequence[Item]) -> Iterator[Note]:
    for earlier, later, cosine in near_pairs([item.text for item in items]):
        item, other = items[later], items[earlier].id
        message = f"nearly the same as {other} (cosine {cosine:.2f})"
        suggestion = f"merge the two, or say in which condition each holds; see {other}"
        yield _note(item, Mark(rule=Rule.NEAR, start=0, end=len(item.text), message=message, suggestion=suggestion))


def _unjudged(why: str) -> Mark:
    todo = "a person has to read it"
    return Mark(rule=Rule.NOT_EVALUATED, start=0, end=0, message=f"not checked: {why}", suggestion=todo)


def _note(item: Item, mark: Mark) -> Note:
    return Note(
        rule=mark.rule,
        requirement=item.id,
        start=mark.start,
        end=mark.end,
        message=mark.message,
        suggestion=mark.suggestion,
        file=item.file,
        line=item.line,
    )
