"""One big file over HTTP: fetched only when it has changed, and resumed where it broke off.

Beside the file lies ``.state.json`` with the ETag it came with. While it comes it is called ``.part``, and is taken up
again with ``Range`` and ``If-Range``: a server whose file has changed meanwhile gives it whole.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import requests

from include.postmarket.model.errors import ConfigurationError, InputError, UnavailableError
from include.postmarket.sources.asking import Asking, Question, again, refuse_busy

#: Bytes that are kept at once; of a broken download at most so many come twice.
PIECE = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    """A file that is whole, and whether this call brought anything of it."""

    path: Path
    fresh: bool


def download(session: requests.Session, question: Question, path: Path, asking: Asking) -> Downloaded:
    """Give the file of an address at a path, brought up to date.

    Raises UnavailableError when it cannot be fetched (what came is kept for the next time), ConfigurationError when the
    server refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return again(lambda: _attempt(session, question, path, asking), question, asking)
    except OSError as error:
        raise UnavailableError(
            f"cannot keep {path.name}: {error.strerror or type(error).__name__}",
            where="folder of downloads",
            todo="look at the disk and its rights; what came so far is kept",
        ) from error


def forget(path: Path) -> None:
    """Take a damaged file out of the way, so that it is fetched anew."""
    for file in (path, _state(path), _part(path), _state(_part(path))):
        file.unlink(missing_ok=True)


def _attempt(session: requests.Session, question: Question, path: Path, asking: Asking) -> Downloaded:
    part = _part(path)
    have = part.stat().st_size if part.exists() and _etag(part) else 0
    headers = dict(question.headers)
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": _etag(part)}
    elif path.exists() and _etag(path):
        headers["If-None-Match"] = _etag(path)
    headers["Accept-Encoding"] = "identity"  # a range of a compressed answer could not be joined
    with session.get(
        question.address, headers=headers, timeout=asking.timeout, stream=True, allow_redirects=False
    ) as answer:
        refuse_busy(answer)
        if answer.status_code == requests.codes.not_modified:
            return Downloaded(path=path, fresh=False)
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            part.unlink(missing_ok=True)
            raise InputError("the part that was kept is longer than the file", where=path.name, todo="try again")
        if answer.status_code not in {requests.codes.ok, requests.codes.partial_content}:
            raise ConfigurationError(
                f"{question.name} refused with HTTP {answer.status_code}",
                where=path.name,
                todo="look at the address of the manifest; its files may have moved",
            )
        _keep(answer, part)
    _finish(part, path)
    return Downloaded(path=path, fresh=True)


def _keep(answer: requests.Response, part: Path) -> None:
    resumed = answer.status_code == requests.codes.partial_content
    etag = answer.headers.get("ETag", "")
    if not resumed:
        part.unlink(missing_ok=True)
        _state(part).write_text(json.dumps({"etag": "" if etag.startswith("W/") else etag}))
    with part.open("ab" if resumed else "wb") as file:
        for piece in answer.iter_content(PIECE):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    whole = _whole(answer)
    if whole is not None and part.stat().st_size != whole:
        raise InputError(
            f"{part.stat().st_size} of {whole} bytes came", where=part.name, todo="try again; what came is kept"
        )


def _finish(part: Path, path: Path) -> None:
    etag = _etag(part)
    part.replace(path)
    _state(path).write_text(json.dumps({"etag": etag}))  # after the file: at worst it is fetched once more
    _state(part).unlink(missing_ok=True)


def _whole(answer: requests.Response) -> int | None:
    if answer.status_code == requests.codes.partial_content:
        size = answer.headers.get("Content-Range", "").rpartition("/")[2]
    else:
        size = answer.headers.get("Content-Length", "")
    return int(size) if size.isdecimal() else None


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _state(path: Path) -> Path:
    return path.with_name(f"{path.name}.state.json")


def _etag(path: Path) -> str:
    state = _state(path)
    try:
        return str(json.loads(state.read_text()).get("etag", "")) if state.exists() else ""
    except ValueError:  # killed while it was written: as if there were none, and the file is fetched anew
        return ""
