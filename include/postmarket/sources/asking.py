"""Asking another system over HTTP: busy answers and broken ones are asked for again, ever later and at random."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from secrets import SystemRandom
from typing import TypeVar
from urllib.parse import urlsplit

import requests

from include.postmarket.model.errors import InputError, UnavailableError

T = TypeVar("T")

#: Answers that say "later". 500 too, though openFDA also gives it for a wrong search: so not for ever.
BUSY = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How often and how long is waited: ``timeout`` and ``longest_wait`` are seconds.

    A longer wait that the other side asks for is left to the scheduler: the error carries it.
    """

    timeout: float = 60.0
    attempts: int = 6
    longest_wait: float = 60.0
    pause: Callable[[float], None] = field(default=time.sleep, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One address with its parameters and further headers, and what people call whom is asked."""

    address: str
    name: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class _BusyError(Exception):
    """The other side said "later"; ``wait`` is how many seconds, 0 where it did not say."""

    def __init__(self, status: int, wait: float) -> None:
        super().__init__(f"HTTP {status}")
        self.wait = wait


def ask(session: requests.Session, question: Question, asking: Asking, read: Callable[[requests.Response], T]) -> T:
    """Give what ``read`` makes of the answer; raises as `again` does.

    Redirects are not followed: they would take the credentials elsewhere.
    """

    def attempt() -> T:
        answer = session.get(
            question.address,
            params=question.parameters,
            headers=question.headers,
            timeout=asking.timeout,
            allow_redirects=False,
        )
        refuse_busy(answer)
        return read(answer)

    return again(attempt, question, asking)


def again(attempt: Callable[[], T], question: Question, asking: Asking) -> T:
    """Give what an attempt gives, tried again while the other side is busy or breaks off.

    An InputError counts as an answer that broke on its way. Raises UnavailableError after the last attempt; its message
    has the kind of the failure, never an address.
    """
    said, asked_wait = "", 0.0
    for tried in range(asking.attempts):
        if tried:
            # full jitter: many workers that failed together do not come back together
            asking.pause(max(asked_wait, SystemRandom().uniform(0, min(asking.longest_wait, 2.0**tried))))
        try:
            return attempt()
        except _BusyError as error:
            said, asked_wait = str(error), error.wait
        except requests.RequestException as error:
            said, asked_wait = type(error).__name__, 0.0  # its message would spell out the address
        except InputError as error:
            said, asked_wait = error.what, 0.0
        if asked_wait > asking.longest_wait:
            break
    raise UnavailableError(
        f"{question.name} gave no answer: {said}",
        where=urlsplit(question.address).netloc,
        todo="try again later; if HTTP 500 stays, look at the syntax of what is asked",
        retry_after=asked_wait or None,
    )


def refuse_busy(answer: requests.Response) -> None:
    """Let an attempt end when the answer says "later"."""
    if answer.status_code in BUSY:
        raise _BusyError(answer.status_code, wait_asked_for(answer))


def wait_asked_for(answer: requests.Response) -> float:
    """Give the seconds of a Retry-After header, which holds seconds or a moment; 0 without one that can be read."""
    given = answer.headers.get("Retry-After", "").strip()
    if given.isdecimal():
        return float(given)
    try:
        # against the server's own clock, which stands in every answer: ours may be wrong
        now = parsedate_to_datetime(answer.headers.get("Date", ""))
        return max(0.0, (parsedate_to_datetime(given) - now).total_seconds())
    except (ValueError, TypeError):
        return 0.0
