"""CPU seconds and peak memory of reading openFDA's partitions and MAUDE's files, at growing sizes.

    .venv/bin/python -m benchmarks.bulk_files 100000

Makes the files in a temporary folder, reads one month out of them in a process of its own each, and prints rows a
second and that process's peak memory. One record in twenty is of the month.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from datetime import date, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from include.postmarket.model.batch import Fetched, Label, Window
from include.postmarket.sources import maude_excerpt, openfda_bulk
from include.postmarket.sources.asking import Asking
from include.postmarket.sources.openfda_endpoint import DEVICE_EVENT
from include.postmarket.sources.same_device import Devices

MONTH = Window(date(2024, 3, 1), date(2024, 4, 1))
OTHER = date(2023, 1, 1)
WANTED = Devices(values={"device_report_product_code": ("LOD",)})
#: As long as a usual narrative of MAUDE.
TEXT = "IT WAS REPORTED THAT THE DEVICE STOPPED DURING USE AND WAS REPLACED. " * 20
MASTER = "MDR_REPORT_KEY|EVENT_KEY|REPORT_NUMBER|DATE_RECEIVED|EVENT_TYPE"
DEVICE = "MDR_REPORT_KEY|DEVICE_SEQUENCE_NO|BRAND_NAME|GENERIC_NAME|MANUFACTURER_D_NAME|DEVICE_REPORT_PRODUCT_CODE"
TEXTS = "MDR_REPORT_KEY|MDR_TEXT_KEY|TEXT_TYPE_CODE|PATIENT_SEQUENCE_NUMBER|DATE_REPORT|FOI_TEXT"


def day_of(number: int) -> date:
    """Give the day of a record: one in twenty is of the month."""
    return MONTH.start + timedelta(days=number % 31) if number % 20 == 0 else OTHER


def make_partition(folder: Path, records: int) -> None:
    """Write one partition and its manifest as openFDA does."""
    with (
        zipfile.ZipFile(folder / "event.json.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("event.json", "w", force_zip64=True) as file,
    ):
        file.write(b'{"meta": {"results": {"skip": 0}}, "results": [\n')
        for number in range(records):
            record = {
                "mdr_report_key": str(number),
                "date_received": f"{day_of(number):%Y%m%d}",
                "event_type": "Malfunction",
                "device": [{"device_report_product_code": "LOD", "manufacturer_d_name": "ACME INC."}],
                "mdr_text": [{"text": TEXT}, {"text": TEXT}],
            }
            file.write((",\n" if number else "").encode() + json.dumps(record, indent=2).encode())
        file.write(b"]}")


def make_maude(folder: Path, records: int) -> None:
    """Write a year's master, device and text file."""
    with (folder / "mdrfoi.txt").open("w") as master, (folder / "foidev.txt").open("w") as device:
        master.write(f"{MASTER}\r\n")
        device.write(f"{DEVICE}\r\n")
        for number in range(10, 10 + records):
            master.write(f"{number}|{number}|1234567-2024-{number:05d}|{day_of(number):%m/%d/%Y}|M\r\n")
            device.write(f" {number}.0|1|ALPHA|PUMP|ACME INC.|LOD\r\n")
    with (folder / "foitext.txt").open("w") as text:
        text.write(f"{TEXTS}\r\n")
        for number in range(10, 10 + records):
            text.write(f"{number}|{number}|D|1||{TEXT}{TEXT}\r\n")


def read(kind: str, folder: Path, records: int) -> None:
    """Read one month of what was made, and print what it took."""
    began = time.process_time()
    if kind == "maude":
        fetched = maude_excerpt.fetch(folder, MONTH, WANTED, Label.SIMULATED)
    else:
        fetched = _read_bulk(folder, records)
    seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(_unpacked(file) for file in folder.iterdir()) / 1024**2
    print(
        f"{kind:6} {records:>10,} records  {size:>8,.0f} MB  excerpt {len(fetched.content) / 1024**2:>4,.0f} MB  "
        f"{seconds:>6.1f} CPU s  {records / seconds:>9,.0f} records/s  peak {peak:>5,.0f} MB"
    )


def _unpacked(file: Path) -> int:
    if file.suffix == ".zip":
        with zipfile.ZipFile(file) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    return file.stat().st_size if file.suffix == ".txt" else 0


def _read_bulk(folder: Path, records: int) -> Fetched:
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    SimpleHTTPRequestHandler.log_message = lambda *_: None  # type: ignore[method-assign]
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    partition = {"display_name": "all", "file": f"{address}/event.json.zip", "records": records}
    manifest = {"results": {"device": {"event": {"export_date": "2024-05-01", "partitions": [partition]}}}}
    (folder / "download.json").write_text(json.dumps(manifest))
    bulk = openfda_bulk.Bulk(
        manifest=f"{address}/download.json", endpoint=DEVICE_EVENT, devices=WANTED, folder=folder / "downloads"
    )
    try:
        return openfda_bulk.fetch(bulk, MONTH, Asking())
    finally:
        server.shutdown()


def main() -> None:
    """Make and read each kind of file at each size; ``--read`` is the process that is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=int, nargs="+")
    parser.add_argument("--read", nargs=2, metavar=("KIND", "FOLDER"))
    given = parser.parse_args()
    if given.read:
        read(given.read[0], Path(given.read[1]), given.records[0])
        return
    for records in given.records:
        for kind, make in (("bulk", make_partition), ("maude", make_maude)):
            with tempfile.TemporaryDirectory() as folder:
                make(Path(folder), records)
                command = [sys.executable, "-m", "benchmarks.bulk_files", str(records), "--read", kind, folder]
                subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
