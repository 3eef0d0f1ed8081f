"""openFDA's bulk files from a local server: only what changed, resumed, damaged, killed."""

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from include.postmarket.model.batch import Fetched, Window
from include.postmarket.model.errors import InputError, UnavailableError
from include.postmarket.sources import download, manufacturers, openfda_bulk, reports
from include.postmarket.sources.asking import Asking
from include.postmarket.sources.openfda_bulk import Bulk, Partition
from include.postmarket.sources.openfda_endpoint import DEVICE_EVENT
from include.postmarket.sources.same_device import Devices
from tests.conftest import ROOT
from tests.contract.sources.conftest import Reply, Request, Server

MAY = Window(date(2012, 5, 1), date(2012, 6, 1))
LOD = Devices(values={"device_report_product_code": ("LOD",)})


def record(key: int, day: str, code: str = "LOD") -> dict[str, Any]:
    """Give a report of one device."""
    device = {"device_report_product_code": code, "manufacturer_d_name": "ACME", "brand_name": "Käse"}
    return {"mdr_report_key": str(key), "date_received": day, "event_type": "Injury", "device": [device]}


def packed(*records: dict[str, Any]) -> bytes:
    """Give a partition as openFDA packs one: meta first, indented."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        content = {"meta": {"results": {"skip": 0, "total": len(records)}}, "results": list(records)}
        archive.writestr(zipfile.ZipInfo("device-event-0001.json"), json.dumps(content, indent=2))
    return sink.getvalue()


@dataclass
class Depot:
    """The files of the download server by name, each with the number of records that the manifest says."""

    files: dict[str, bytes] = field(default_factory=dict)
    records: dict[str, int] = field(default_factory=dict)
    cut: list[int] = field(default_factory=list)  # after so many bytes the next answers break off

    def put(self, name: str, *found: dict[str, Any]) -> None:
        """Put or replace a partition."""
        self.files[name], self.records[name] = packed(*found), len(found)

    def answer(self, request: Request) -> Reply:
        """Speak as a file server does: ETag, 304, ranges."""
        if request.path == "/download.json":
            return Reply(body=json.dumps(self._manifest(request.headers["Host"])).encode())
        content = self.files[unquote(request.path).rpartition("/")[2]]
        etag = f'"{hash(content)}"'
        headers = {"ETag": etag}
        if request.headers.get("If-None-Match") == etag:
            return Reply(status=304, headers=headers)
        begin, status = 0, 200
        if "Range" in request.headers and request.headers.get("If-Range") == etag:
            begin, status = int(request.headers["Range"].removeprefix("bytes=").rstrip("-")), 206
            headers["Content-Range"] = f"bytes {begin}-{len(content) - 1}/{len(content)}"
        broken_after = self.cut.pop(0) if self.cut else None
        return Reply(status=status, headers=headers, body=content[begin:], broken_after=broken_after)

    def _manifest(self, host: str) -> dict[str, Any]:
        partitions = [
            {
                "display_name": name.removesuffix(".zip"),
                "file": f"http://{host}/device/event/{name}",
                "size_mb": "0.01",
                "records": self.records[name],
            }
            for name in self.files
        ]
        event = {"total_records": 9, "export_date": "2024-05-01", "partitions": partitions}
        return {"meta": {}, "results": {"device": {"event": event}}}


@pytest.fixture(name="depot")
def _depot(server: Server) -> Depot:
    depot = Depot()
    depot.put("2012 q1 (all).zip", record(1, "20120110"))
    depot.put(
        "2012 q2 (all).zip", record(2, "20120430"), record(3, "20120501"), record(4, "20120531"), record(5, "20120601")
    )
    depot.put("All other data.zip", record(6, "20120515", "XYZ"), record(7, "no date"))
    server.answer = depot.answer
    return depot


def pull(server: Server, folder: Path, devices: Devices = LOD) -> Fetched:
    """Pull May from the server."""
    bulk = Bulk(manifest=f"{server.url}/download.json", endpoint=DEVICE_EVENT, devices=devices, folder=folder)
    return openfda_bulk.fetch(bulk, MAY, Asking(timeout=5, attempts=3, pause=server.waits.append))


def keys(fetched: Fetched) -> list[str]:
    """Read what was fetched as reports."""
    return reports.read(fetched.content, fetched.media, manufacturers.load())["report_key"].tolist()


def files_asked(server: Server) -> list[str]:
    """Give the files that were asked for."""
    return [unquote(r.path).rpartition("/")[2] for r in server.asked if r.path != "/download.json"]


@pytest.mark.usefixtures("depot")
def test_the_records_of_the_window_about_wanted_devices(server: Server, tmp_path: Path) -> None:
    """Days of the window, other devices left out, a report without a day kept; another quarter not asked for."""
    fetched = pull(server, tmp_path)

    assert keys(fetched) == ["3", "4", "7"]
    assert "Käse" in json.loads(fetched.content)[0]["device"][0]["brand_name"]
    assert fetched.origin == "openFDA bulk device/event, 2 partitions, exported 2024-05-01"
    assert files_asked(server) == ["2012 q2 (all).zip", "All other data.zip"]


@pytest.mark.usefixtures("depot")
def test_every_device_where_none_is_asked_for(server: Server, tmp_path: Path) -> None:
    """Without `devices` all of MAUDE is pulled."""
    assert keys(pull(server, tmp_path, Devices())) == ["3", "4", "6", "7"]


def test_only_what_changed_is_fetched_again(server: Server, depot: Depot, tmp_path: Path) -> None:
    """A file of the same ETag is not sent again; a changed old partition is."""
    pull(server, tmp_path)
    server.asked.clear()
    depot.put("2012 q2 (all).zip", record(3, "20120501"), record(8, "20120502"))

    again = pull(server, tmp_path)

    assert keys(again) == ["3", "8", "7"]
    assert all("If-None-Match" in r.headers for r in server.asked if r.path != "/download.json")


def test_a_broken_download_goes_on_where_it_was(
    server: Server, depot: Depot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a cut only the rest is asked for, and the file is whole: at most one piece of it comes twice."""
    monkeypatch.setattr(download, "PIECE", 50)
    depot.cut = [100, 50]

    fetched = pull(server, tmp_path)

    assert keys(fetched) == ["3", "4", "7"]
    ranges = [r.headers["Range"] for r in server.asked if "Range" in r.headers]
    assert ranges == ["bytes=100-", "bytes=150-"]


def test_a_file_that_changed_meanwhile_is_fetched_whole(server: Server, depot: Depot, tmp_path: Path) -> None:
    """Half of the old file and half of the new one are never joined."""
    depot.cut = [100, 100, 100]
    with pytest.raises(UnavailableError):
        pull(server, tmp_path)
    depot.put("2012 q2 (all).zip", record(9, "20120509"))

    assert keys(pull(server, tmp_path)) == ["9", "7"]


def test_a_kill_in_the_middle_is_taken_up_again(server: Server, depot: Depot, tmp_path: Path) -> None:
    """A process that is killed while a file comes leaves a part; the next one brings the rest and gives the same."""
    whole = keys(pull(server, tmp_path / "whole"))
    program = (
        "import os, sys\n"
        "from include.postmarket.sources import download\n"
        "kept = download._keep\n"
        "def kill(answer, part):\n"
        "    kept(answer, part)\n"
        "    part.open('r+b').truncate(120)\n"
        "    os._exit(9)\n"
        "download._keep = kill\n"
        "from datetime import date\n"
        "from pathlib import Path\n"
        "from include.postmarket.model.batch import Window\n"
        "from include.postmarket.sources import openfda_bulk\n"
        "from include.postmarket.sources.asking import Asking\n"
        "from include.postmarket.sources.openfda_endpoint import DEVICE_EVENT\n"
        "from include.postmarket.sources.same_device import Devices\n"
        "manifest, folder = sys.argv[1], Path(sys.argv[2])\n"
        "bulk = openfda_bulk.Bulk(manifest=manifest, endpoint=DEVICE_EVENT, devices=Devices(), folder=folder)\n"
        "openfda_bulk.fetch(bulk, Window(date(2012, 5, 1), date(2012, 6, 1)), Asking())\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program, f"{server.url}/download.json", str(tmp_path / "killed")], cwd=ROOT, check=False
    )
    server.asked.clear()

    assert killed.returncode == 9
    assert keys(pull(server, tmp_path / "killed")) == whole
    assert next(r.headers["Range"] for r in server.asked if "Range" in r.headers) == "bytes=120-"
    assert not list((tmp_path / "killed").glob("*.part"))


@pytest.mark.parametrize("damage", ["cut zip", "no json", "other count"])
def test_a_damaged_file_is_told_and_fetched_anew(server: Server, depot: Depot, tmp_path: Path, damage: str) -> None:
    """A damaged partition gives no pull, whole or half; once openFDA has mended it, the next pull is complete."""
    name = "2012 q2 (all).zip"
    sound = depot.files[name]
    if damage == "cut zip":
        depot.files[name] = sound[: len(sound) // 2]
    elif damage == "no json":
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w") as archive:
            archive.writestr("x.json", '{"results": [{"mdr_report_key": "1"}, {"mdr_')
        depot.files[name] = sink.getvalue()
    else:
        depot.records[name] = 99

    with pytest.raises(UnavailableError, match=r"damaged|was said to hold 99"):
        pull(server, tmp_path)
    depot.files[name], depot.records[name] = sound, 4

    assert keys(pull(server, tmp_path)) == ["3", "4", "7"]


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"results": {"device": {"event": {"partitions": []}}}}'], ids=str)
def test_a_manifest_that_is_none(server: Server, tmp_path: Path, body: bytes) -> None:
    """An error page or an empty manifest is no empty pull."""
    server.script(Reply(body=body))

    with pytest.raises((InputError, UnavailableError)) as error:
        pull(server, tmp_path)

    assert error.value.todo


@pytest.mark.parametrize(
    ("name", "may"),
    [("2012 q1 (all)", False), ("2012 q2 (part 1 of 3)", True), ("2012q3", False), ("All other data", True)],
)
def test_a_partition_says_by_its_name_which_days_it_may_hold(name: str, may: bool) -> None:
    """A quarter holds its three months; any other name may hold any day."""
    assert Partition(name=name, file="f", records=1).may_hold(MAY) is may


def test_the_end_of_a_window_is_not_in_it() -> None:
    """June's quarter begins a new one in July: a window that ends on 1 July does not need it."""
    june = replace(MAY, start=date(2012, 6, 1), end=date(2012, 7, 1))

    assert [Partition(name=f"2012 q{q}", file="f", records=1).may_hold(june) for q in (2, 3)] == [True, False]
