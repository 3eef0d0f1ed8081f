"""Passwords for commands: asked for on a terminal without showing them, else read from standard input, a line each.

Never from an argument or the environment: both can be read by other processes and stay in histories.
"""

import getpass
import sys

from include.postmarket.model.errors import InputError
from include.postmarket.steps.people import Person


def ask_password(whose: str) -> str:
    """Give a password. Raises InputError when standard input ends before it."""
    if sys.stdin.isatty():
        return getpass.getpass(f"{whose}: ")
    line = sys.stdin.readline()
    if not line:
        raise InputError(
            f"no {whose} was given", where="standard input", todo="type it on a terminal, or give one line each"
        )
    return line.rstrip("\r\n")


def ask_person(user_id: str) -> Person:
    """Give a person with the password they type."""
    return Person(user_id=user_id, password=ask_password(f"password of {user_id}"))
