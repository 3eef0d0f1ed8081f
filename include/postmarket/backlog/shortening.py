"""Keeping a ticket within a tracker's length by leaving out whole sections, never by cutting bytes."""

from collections.abc import Callable
from dataclasses import replace

from include.postmarket.model.errors import InputError
from include.postmarket.model.ticket import TicketText

_NOTE = "Left out for length"


def fitted(text: TicketText, fits: Callable[[TicketText], bool]) -> TicketText:
    """Give the text with its longest sections replaced by a line that says so, until it fits.

    Raises InputError when table and link alone do not fit.
    """
    while not fits(text):
        text = _without_longest(text)
    return text


def _without_longest(text: TicketText) -> TicketText:
    lengths = [sum(map(len, lines)) if len(lines) != 1 or not _is_note(lines[0]) else 0 for _, lines in text.sections]
    if not any(lengths):
        raise InputError(
            "the ticket is too long even without its sections",
            where="table of the ticket",
            todo="shorten the names and titles in the plan",
        )
    longest = lengths.index(max(lengths))
    heading, lines = text.sections[longest]
    note = (heading, (f"{_NOTE}: {len(lines)} lines are on the signal page.",))
    return replace(text, sections=(*text.sections[:longest], note, *text.sections[longest + 1 :]))


def _is_note(line: str) -> bool:
    return line.startswith(_NOTE)
