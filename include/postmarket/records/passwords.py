"""The hashes of passwords: argon2id with the library's parameters (RFC 9106, second recommended option)."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """Give the salted hash of a password, with its parameters in it."""
    return _HASHER.hash(password)


def matches(stored: str, password: str) -> bool:
    """Say whether a password is the one that was hashed; takes as long for a hash that is empty."""
    try:
        _HASHER.verify(stored or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(stored)


@cache
def _nobodys() -> str:
    """Give a hash to compare with where there is none, so that an unknown user answers no faster than a known one."""
    return _HASHER.hash("nobody's password")
