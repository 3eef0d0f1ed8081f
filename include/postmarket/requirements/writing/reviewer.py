"""The port of an optional reviewer that reads requirements with a language model. It proposes; it decides nothing.

Off unless a command names a program. What the program proposes is shown apart from the rules' findings, changes no exit
code and no register, and is refused where it does not fit the text that it speaks of.
"""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from include.postmarket.model.errors import ConfigurationError, UnavailableError
from include.postmarket.model.register import Item, ItemKind

#: What goes to the program and what has to come back, named so that a program can refuse what it does not know.
ASKS, ANSWERS = "postmarket-review-request-1", "postmarket-review-answer-1"
_LONGEST = 600  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a reviewer proposes of a requirement: the words it means, why, and other words for them."""

    requirement: str
    words: str
    reason: str
    proposal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What a reviewer said: proposals that fit, and why others were refused."""

    proposals: tuple[Proposal, ...] = ()
    refused: tuple[str, ...] = ()


class Reviewer(Protocol):
    """Reads texts and gives an answer as JSON text."""

    def answer(self, request: str) -> str:
        """Give the answer to a request, both JSON. Raises UnavailableError when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class CommandReviewer:
    """A program that reads the request on standard input and writes the answer; it holds model and keys, not we."""

    words: tuple[str, ...]

    def answer(self, request: str) -> str:
        """Run the program once. Raises UnavailableError when it fails, ConfigurationError when it is not there."""
        where = self.words[0]
        try:
            done = subprocess.run(
                self.words, input=request, capture_output=True, text=True, check=False, timeout=_LONGEST
            )
        except FileNotFoundError:
            raise ConfigurationError(
                "there is no such reviewer", where=where, todo="name a program that runs"
            ) from None
        except (subprocess.TimeoutExpired, OSError) as error:
            raise UnavailableError(
                f"the reviewer did not answer ({type(error).__name__})", where=where, todo="check without it"
            ) from None
        if done.returncode:
            raise UnavailableError(f"the reviewer failed with {done.returncode}", where=where, todo="check without it")
        return done.stdout


def review(items: Sequence[Item], reviewer: Reviewer) -> Review:
    """Ask a reviewer about the requirements among items: ids and texts go out, nothing else.

    Raises UnavailableError when the answer is none of the form that was asked for.
    """
    texts = {item.id: item.text for item in items if item.kind is ItemKind.REQUIREMENT and item.text}
    asked = {"form": ASKS, "requirements": [{"id": name, "text": text} for name, text in texts.items()]}
    try:
        answer: Any = json.loads(reviewer.answer(json.dumps(asked, ensure_ascii=False)))
        entries = answer["proposals"] if answer["form"] == ANSWERS else None
    except (ValueError, KeyError, TypeError):
        entries = None
    if not isinstance(entries, list):
        raise UnavailableError(f"the answer is no {ANSWERS}", where="reviewer", todo="check without it")
    proposals, refused = [], []
    for number, entry in enumerate(entries, start=1):
        found = _proposal(entry, texts)
        if isinstance(found, Proposal):
            proposals.append(found)
        else:
            refused.append(f"proposal {number}: {found}")
    return Review(proposals=tuple(proposals), refused=tuple(refused))


def _proposal(entry: Any, texts: dict[str, str]) -> Proposal | str:
    names = ("requirement", "words", "reason", "proposal")
    if not isinstance(entry, dict) or not all(isinstance(entry.get(name), str) for name in names):
        return f"it does not give {', '.join(names)} as texts"
    found = Proposal(**{name: entry[name] for name in names})
    if found.requirement not in texts:
        return "it speaks of a requirement that was not asked about"
    if not found.words or found.words not in texts[found.requirement]:
        return f"the words it means do not stand in {found.requirement}"
    return found
