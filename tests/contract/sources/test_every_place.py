"""Every kind of place of sources.yaml, from the line in the file to the rows: what is written there is what happens."""

import json
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from include.postmarket.model.batch import Source, Window
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.sources.address import Address, none_known
from include.postmarket.sources.asking import Asking
from include.postmarket.sources.register import SHAPES
from include.postmarket.steps.pulling import Ways, pull
from include.postmarket.steps.source_places import load_places, place_of
from tests.contract.sources.conftest import Reply, Server
from tests.contract.sources.test_openfda_bulk import packed, record

MAY = Window(date(2012, 5, 1), date(2012, 6, 1))
OTHERS = """
complaints: {path: c.csv, label: real}
exposure: {path: e.csv, label: real}
performance: {path: p.csv, label: real}
"""
REPORT = record(3, "20120501")
CSV = (
    "mdr_report_key,date_received,event_type,manufacturer_d_name,device_report_product_code\n"
    "3,20120501,IN,ACME,LOD\n4,20120502,IN,ACME,XYZ\n"
)
MASTER = "MDR_REPORT_KEY|REPORT_NUMBER|DATE_RECEIVED|EVENT_TYPE\n30|A|05/01/2012|IN\n31|B|05/01/2012|IN\n"
DEVICE = (
    "MDR_REPORT_KEY|BRAND_NAME|GENERIC_NAME|MANUFACTURER_D_NAME|DEVICE_REPORT_PRODUCT_CODE\n30|A|G|ACME|LOD\n"
    "31|A|G|ACME|XYZ\n"
)


@pytest.fixture(name="site")
def _site(tmp_path: Path, server: Server) -> Path:
    """Give a folder that has something in every kind of place."""
    (tmp_path / "reports.csv").write_text(CSV)
    (tmp_path / "maude").mkdir()
    (tmp_path / "maude" / "mdrfoi.txt").write_text(MASTER)
    (tmp_path / "maude" / "foidev.txt").write_text(DEVICE)
    answer = json.dumps({"meta": {"results": {"total": 1}}, "results": [REPORT]}).encode()
    event = {"export_date": "x", "partitions": [{"display_name": "all", "file": f"{server.url}/f.zip", "records": 1}]}
    bodies = {
        "/device/event.json": answer,
        "/download.json": json.dumps({"results": {"device": {"event": event}}}).encode(),
        "/f.zip": packed(REPORT),
    }
    server.answer = lambda request: Reply(body=bodies[request.path])
    return tmp_path


def ways(site: Path, server: Server) -> Ways:
    """Give the ways of the site: two connections, and openFDA played by the server."""
    known = {
        "db": Address(name="db", kind="sqlite", database=str(site / "r.db")),
        "api": Address(name="api", host=server.url, password="pw"),
    }
    return Ways(
        downloads=site / "downloads",
        addresses=lambda name: known[name] if name in known else none_known(name),
        openfda_url=server.url,
        openfda_key="k",
        asking=Asking(attempts=1, pause=server.waits.append),
    )


@pytest.mark.parametrize(
    ("place", "keys"),
    [
        ("path: reports.csv", ["3", "4"]),
        ("path: 'file://{site}/reports.csv'", ["3", "4"]),
        ("search: 'device.device_report_product_code:LOD'", ["3"]),
        ("devices: {{device_report_product_code: [LOD]}}", ["3"]),
        ("bulk: '{url}/download.json', devices: {{device_report_product_code: [lod]}}", ["3"]),
        ("maude: maude", ["30", "31"]),
        ("maude: maude, devices: {{device_report_product_code: [LOD]}}", ["30"]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_every_place_of_reports(site: Path, server: Server, place: str, keys: list[str]) -> None:
    """A line of sources.yaml, pulled and read as the steps do it, gives the reports that lie there."""
    line = place.format(site=site, url=server.url)
    (site / "sources.yaml").write_text(f"reports: {{label: real, {line}}}{OTHERS}")

    found = load_places(site / "sources.yaml")[Source.REPORTS]
    fetched = pull(Source.REPORTS, found, MAY, ways(site, server))
    rows = SHAPES[Source.REPORTS].read(fetched.content, fetched.media, found.asked)

    assert rows["report_key"].tolist() == keys
    assert rows["_faults"].tolist() == [""] * len(keys)


@pytest.mark.parametrize(
    "place",
    [
        "sql: {connection: db, query: select * from c where opened >= :start and opened < :end}",
        "rest: {connection: api, path: rows, rows: data, sign_in: bearer}",
    ],
    ids=["sql", "rest"],
)
def test_own_systems_in_their_own_spelling(site: Path, server: Server, place: str) -> None:
    """Complaints of a database and of an endpoint are the same complaint by the same lines of spelling."""
    connection = sqlite3.connect(site / "r.db")
    connection.execute("create table c (nr, opened, product, failure)")
    connection.execute("insert into c values (7, '2012-05-01', 'X', 'BATT')")
    connection.commit()
    connection.close()
    row = {"nr": 7, "opened": "2012-05-01", "product": "X", "failure": "BATT"}
    server.answer = lambda _: Reply(body=json.dumps({"data": [row]}).encode())
    (site / "sources.yaml").write_text(
        "reports: {path: r.csv, label: real}\nexposure: {path: e.csv, label: real}\n"
        f"performance: {{path: p.csv, label: real}}\ncomplaints:\n  label: real\n  {place}\n"
        "  columns: {complaint_id: nr, received: opened, model: product, problem_code: failure}\n"
        '  codes: {problem_code: {BATT: A0705}}\n  constants: {imdrf_release: "2024"}\n'
    )

    found = place_of(site / "sources.yaml", Source.COMPLAINTS)
    fetched = pull(Source.COMPLAINTS, found, MAY, ways(site, server))
    read = SHAPES[Source.COMPLAINTS].read(fetched.content, fetched.media, found.asked).iloc[0]

    expected = ("7", "X", "2024", "A0705", "")
    assert expected == tuple(read[["complaint_id", "model", "imdrf_release", "problem_code", "_faults"]])


@pytest.mark.parametrize(
    "line",
    [
        "reports: {label: real}",
        "reports: {label: real, path: r.csv, search: x}",
        "reports: {label: real, search: x, bulk: y}",
        "reports: {label: real, path: r.csv, devices: {brand: [x]}}",
        "reports: {label: real, path: r.csv, columns: {reciept: x}}",
        "reports: {label: real, path: r.csv, overlap_days: -1}",
        "reports: {path: r.csv, label: real}\nrecalls: {label: real, maude: folder}",
        "reports: {path: r.csv, label: real}\nrecalls: {label: real, devices: {brand_name: [x]}}",
    ],
)
def test_a_place_that_cannot_be_meant_is_refused(tmp_path: Path, line: str) -> None:
    """Two places, none, a field or column that is not there: refused when the file is read, with what to do."""
    (tmp_path / "sources.yaml").write_text(line + OTHERS)

    with pytest.raises(ConfigurationError) as error:
        load_places(tmp_path / "sources.yaml")

    assert error.value.todo


def test_a_source_that_the_site_does_not_have(tmp_path: Path) -> None:
    """Asking for it is told by name."""
    (tmp_path / "sources.yaml").write_text("reports: {path: r.csv, label: real}" + OTHERS)

    with pytest.raises(ConfigurationError, match="no recalls"):
        place_of(tmp_path / "sources.yaml", Source.RECALLS)


def test_an_unknown_connection_says_how_to_make_it(site: Path, server: Server) -> None:
    """The name of the connection is told, and where it is made."""
    (site / "sources.yaml").write_text("reports: {label: real, sql: {connection: nobody, query: select 1}}" + OTHERS)
    place = place_of(site / "sources.yaml", Source.REPORTS)

    with pytest.raises(ConfigurationError, match="no connection 'nobody'"):
        pull(Source.REPORTS, place, MAY, ways(site, server))
