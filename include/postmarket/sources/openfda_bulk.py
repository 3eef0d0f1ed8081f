"""openFDA in bulk: the download manifest, its partitions (zips of one JSON each), and the records of a window.

A partition is gigabytes of JSON, so it is read record by record and never as a whole; what is kept in memory are the
records of the window that are about a wanted device. Old partitions change: each pull asks for all that may hold its
days, and fetches those whose ETag is another one.
"""

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import ijson
import requests

from include.postmarket.model.batch import Fetched, Label, Media, Window
from include.postmarket.model.errors import InputError, UnavailableError
from include.postmarket.sources import cells, json_text, openfda_records
from include.postmarket.sources.asking import Asking, Question, ask
from include.postmarket.sources.download import download, forget
from include.postmarket.sources.files import Member
from include.postmarket.sources.openfda_endpoint import Endpoint
from include.postmarket.sources.same_device import Devices

#: A partition of device/event is named by the quarter of date_received: "2012 q2 (all)", "2019 q3 (part 1 of 3)".
_QUARTER = re.compile(r"(?P<year>\d{4}) ?q(?P<quarter>[1-4])", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """What is asked of the manifest at an address: one endpoint, and of it the reports about some devices."""

    manifest: str
    endpoint: Endpoint
    devices: Devices
    folder: Path  # where partitions are kept between pulls


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """One file of the manifest and how many records it is said to hold."""

    name: str
    file: str
    records: int

    def may_hold(self, window: Window) -> bool:
        """Give whether records of the window may be in it; a name without a quarter may hold any."""
        found = _QUARTER.search(self.name)
        if found is None:
            return True
        first = int(found["year"]) * 12 + (int(found["quarter"]) - 1) * 3
        last = window.end - timedelta(days=1)
        months = [day.year * 12 + day.month - 1 for day in (window.start, last)]
        return first <= months[1] and months[0] <= first + 2


def fetch(bulk: Bulk, window: Window, asking: Asking) -> Fetched:
    """Give the records of the days of a window, as a list.

    Raises InputError when the manifest is none, UnavailableError when a file cannot be fetched, is damaged, or holds
    other than the records it was said to hold.
    """
    with requests.Session() as session:
        question = Question(address=bulk.manifest, name="openFDA's download manifest")
        exported, listed = ask(session, question, asking, lambda answer: _manifest(answer, bulk.endpoint))
        chosen = [p for p in listed if p.may_hold(window)]
        paths = [_partition(session, p, bulk, asking) for p in chosen]
    excerpt = io.BytesIO(b"[")
    excerpt.seek(1)
    for partition, path in zip(chosen, paths, strict=True):
        for record in _counted(partition, path):
            if _belongs(record, bulk, window):
                excerpt.write(b",\n" if excerpt.tell() > 1 else b"")
                excerpt.write(json.dumps(record).encode())
    excerpt.write(b"]")
    return Fetched(
        content=excerpt.getvalue(),
        media=Media.OPENFDA_JSON,
        origin=f"openFDA bulk {bulk.endpoint.path}, {len(chosen)} partitions, exported {exported}",
        label=Label.REAL,
    )


def records(stream: BinaryIO) -> Iterator[Any]:
    """Give the records of a partition one by one. Raises `ijson.JSONError` where it is no JSON."""
    yield from ijson.items(stream, "results.item", use_float=True)


def _manifest(answer: requests.Response, endpoint: Endpoint) -> tuple[str, list[Partition]]:
    value = next(json_text.values(Member(name="download.json", content=answer.content)))
    found = json_text.step_down(value, f"results.{endpoint.path.replace('/', '.')}")
    listed = found.get("partitions") if isinstance(found, dict) else None
    if answer.status_code != requests.codes.ok or not isinstance(listed, list) or not listed:
        raise InputError(
            f"no partitions of {endpoint.path} in the manifest (HTTP {answer.status_code})",
            where="download.json",
            todo="look at `bulk` in sources.yaml; openFDA's is https://api.fda.gov/download.json",
        )
    partitions = [
        Partition(name=str(p.get("display_name", "")), file=str(p["file"]), records=int(p.get("records", -1)))
        for p in listed
        if isinstance(p, dict) and p.get("file")
    ]
    return str(found.get("export_date", "")), partitions


def _partition(session: requests.Session, partition: Partition, bulk: Bulk, asking: Asking) -> Path:
    name = urlsplit(partition.file).path.rpartition("/")[2]
    known = hashlib.sha256(partition.file.encode()).hexdigest()[:12]  # every quarter has a file of the same name
    question = Question(address=partition.file, name=f"openFDA's file {partition.name}")
    return download(session, question, bulk.folder / f"{known}-{name}", asking).path


def _counted(partition: Partition, path: Path) -> Iterator[Any]:
    """Give the records of a partition, and refuse it at its end when they are not as many as the manifest said."""
    read = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                with archive.open(name) as stream:
                    for record in records(stream):  # type: ignore[arg-type]  # a stream of a zip is one of bytes
                        read += 1
                        yield record
    except (zipfile.BadZipFile, zlib.error, ijson.JSONError, EOFError) as error:
        forget(path)
        raise _damaged(partition, f"is damaged after {read} records ({type(error).__name__})") from error
    if partition.records not in {-1, read}:
        forget(path)
        raise _damaged(partition, f"holds {read} records and was said to hold {partition.records}")


def _damaged(partition: Partition, what: str) -> UnavailableError:
    return UnavailableError(
        f"openFDA's file {partition.name} {what}",
        where=urlsplit(partition.file).path,
        todo="pull again: it is fetched anew where it was damaged",
    )


def _belongs(record: Any, bulk: Bulk, window: Window) -> bool:
    """Give whether a record is of the window and about a wanted device; one that cannot be placed is kept."""
    if not isinstance(record, dict):
        return True
    day = _day(record, bulk.endpoint)
    if day is not None and not window.start <= day < window.end:
        return False
    return not bulk.devices.values or openfda_records.record(record, 0, bulk.devices) is not None


def _day(record: dict[str, Any], endpoint: Endpoint) -> date | None:
    return cells.fda_date(json_text.cell(record.get(endpoint.dated_by))) if endpoint.dated_by else None
