"""Signed copies of the chain's head, kept outside the database.

Who can rewrite the whole database can write a chain that holds from end to end, and a restored backup is one that does.
A checkpoint says what the head was at a moment, signed with Ed25519 (RFC 8032) by a key that the database does not
know: a chain that no longer passes through it was rewritten, and one that ends before it is older than it should be.
"""

import base64
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from include.postmarket.model.canonical import canonical_json
from include.postmarket.model.errors import ConfigurationError, InputError
from include.postmarket.records.chain import Break, Fault, Head, Link

SCHEMA, VERSION = "postmarket-checkpoint", 1
PRIVATE, PUBLIC = "checkpoint.key", "checkpoint.pub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What the head of the chain was at a moment, and the file that says so."""

    head: Head
    at: datetime
    file: Path


def write(folder: Path, keys: Path, head: Head, now: datetime) -> Checkpoint:
    """Sign the head and write it as a file of its own; the same head twice is one file.

    ``keys`` is the folder of the key, which is made at the first use (readable by the owner alone). Raises
    ConfigurationError when a folder cannot be written or the key cannot be read.
    """
    body = {
        "schema": SCHEMA,
        "version": VERSION,
        "seq": head.seq,
        "hash": head.hash,
        "at": now.astimezone(UTC).isoformat(timespec="seconds"),
    }
    file = folder / f"{head.seq:012d}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            signature = base64.b64encode(_private_key(keys).sign(canonical_json(body))).decode()
            half = file.with_suffix(".part")
            half.write_text(json.dumps(body | {"signature": signature}, indent=1) + "\n", encoding="utf-8")
            half.replace(file)
    except OSError as error:
        raise ConfigurationError(
            f"the checkpoint cannot be written: {error.strerror}", where=str(folder), todo="give a folder we may write"
        ) from None
    return Checkpoint(head=head, at=now, file=file)


def read(folder: Path, public_key: Path) -> tuple[Checkpoint, ...]:
    """Give the checkpoints of a folder, oldest first.

    Raises ConfigurationError when the key cannot be read, InputError for a folder without checkpoints, and for a file
    that is none or whose signature is not of this key.
    """
    key = _public_key(public_key)
    files = sorted(folder.glob("*.json"))
    if not files:
        raise InputError("there is no checkpoint", where=str(folder), todo="write one with `audit checkpoint`")
    return tuple(_read_one(file, key) for file in files)


def first_contradiction(links: Iterable[Link], checkpoints: Iterable[Checkpoint]) -> Break | None:
    """Give the first checkpoint that the chain does not pass through, None when it passes through all."""
    wanted = {c.head.seq: c for c in checkpoints if c.head.seq > 0}
    for link in links:
        checkpoint = wanted.pop(link.seq, None)
        if checkpoint is not None and checkpoint.head.hash != link.hash:
            found = f"the checkpoint of {checkpoint.at:%Y-%m-%d %H:%M} UTC knows it by another hash"
            return Break(seq=link.seq, table="audit", subject=link.subject, fault=Fault.ALTERED, found=found)
        if not wanted:
            return None
    if not wanted:
        return None
    first = min(wanted.values(), key=lambda c: c.head.seq)
    found = f"the checkpoint of {first.at:%Y-%m-%d %H:%M} UTC has seen it; is this an older backup?"
    return Break(seq=first.head.seq, table="audit", subject="", fault=Fault.MISSING, found=found)


def _read_one(file: Path, key: Ed25519PublicKey) -> Checkpoint:
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
        signature = base64.b64decode(stored.pop("signature"), validate=True)
        key.verify(signature, canonical_json(stored))
        head = Head(int(stored["seq"]), str(stored["hash"]))
        found = Checkpoint(head=head, at=datetime.fromisoformat(stored["at"]), file=file)
        known = (stored["schema"], stored["version"]) == (SCHEMA, VERSION)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidSignature):
        known = False
    if not known:
        raise InputError(
            f"it is no checkpoint of version {VERSION} signed with this key",
            where=str(file),
            todo="compare it with another copy; a checkpoint that was touched is a finding",
        )
    return found


def _private_key(keys: Path) -> Ed25519PrivateKey:
    file = keys / PRIVATE
    if not file.exists():
        keys.mkdir(parents=True, exist_ok=True)
        made = Ed25519PrivateKey.generate()
        text = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            opened.write(text)
        public = made.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (keys / PUBLIC).write_bytes(public)
    try:
        found = load_pem_private_key(file.read_bytes(), password=None)
    except ValueError:
        found = None
    if not isinstance(found, Ed25519PrivateKey):
        raise ConfigurationError(
            "the file holds no Ed25519 key", where=str(file), todo="put the key back, or a new one"
        )
    return found


def _public_key(file: Path) -> Ed25519PublicKey:
    try:
        found = load_pem_public_key(file.read_bytes())
    except (OSError, ValueError):
        found = None
    if not isinstance(found, Ed25519PublicKey):
        raise ConfigurationError(
            "the file holds no public Ed25519 key",
            where=str(file),
            todo=f"give the {PUBLIC} that `audit checkpoint` wrote",
        )
    return found
