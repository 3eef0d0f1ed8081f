"""The simulated data: labelled, repeatable, with exactly the dirt and the canaries that the truth file lists."""

import csv
import hashlib
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from include.postmarket.model.tables import COMPLAINTS, EXPOSURE, PERFORMANCE
from include.sample.dirt import RETIRED_CODE, UNKNOWN_CODE
from include.sample.fleet import Month, software_shares
from include.sample.simulate_own_data import simulate_own_data, write_own_data
from tests.unit.sample.conftest import END, MONTHS, Written


@pytest.fixture(name="complaints", scope="module")
def _complaints(written: Written) -> list[dict[str, str]]:
    with written.complaints.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(name="exposure", scope="module")
def _exposure(written: Written) -> list[dict[str, str]]:
    with written.exposure.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class TestShape:
    """The files have the columns of the canonical tables and a plausible size."""

    def test_columns(self, written: Written, complaints: list[dict[str, str]], exposure: list[dict[str, str]]) -> None:
        """Column for column what the tables of the lake hold, in their order."""
        expected = (list(COMPLAINTS.columns), list(EXPOSURE.columns), list(PERFORMANCE.columns))

        actual = (list(complaints[0]), list(exposure[0]), pq.read_schema(written.performance).names)

        assert expected == actual

    def test_complaints_a_month(self, complaints: list[dict[str, str]]) -> None:
        """Each month has 60 to 120 complaints."""
        months = Counter(row["received"][:7] for row in complaints if not row["complaint_id"].startswith("SIM-D"))

        assert len(months) == MONTHS
        assert all(60 <= count <= 120 for count in months.values()), months

    def test_devices_a_month(self, written: Written) -> None:
        """Each month has 300 devices, and each device several readings."""
        table = pq.read_table(written.performance, columns=["device", "measured"]).to_pylist()
        devices: dict[str, set[str]] = {}
        for row in table:
            devices.setdefault(row["measured"].isoformat()[:7], set()).add(row["device"])
        clean = {month: {d for d in found if not d.startswith("dev-0")} for month, found in devices.items()}

        expected = {300}

        assert expected == {len(found) for found in clean.values()}
        assert len(table) > 3 * 300 * MONTHS

    def test_exposure_of_every_cell(self, exposure: list[dict[str, str]]) -> None:
        """Exposure is there once for each month, model, version and region, and device-days fit the units."""
        keys = Counter(tuple(row[name] for name in EXPOSURE.key) for row in exposure)
        days = [
            float(row["device_days"]) / float(row["units_in_use"]) for row in exposure if row["units_in_use"] != "0"
        ]

        expected = {1}

        assert expected == set(keys.values())
        assert all(25 < used <= 31 for used in days)

    def test_no_version_before_its_release(self) -> None:
        """Shares of the versions add up to one, and 3.2 does not exist before it is released."""
        shares = [software_shares(back) for back in range(40)]

        assert all(abs(sum(share.values()) - 1) < 1e-12 and min(share.values()) > 0 for share in shares)
        assert ["3.2" in share for share in shares] == [True] * 14 + [False] * 26


class TestLabel:
    """Nobody can take the data for real ones."""

    def test_labelled(self, written: Written, complaints: list[dict[str, str]]) -> None:
        """The truth file, the Parquet file and every complaint say so."""
        assert written.truth["label"] == "simulated"
        assert pq.read_schema(written.performance).metadata[b"label"] == b"simulated"
        assert all(row["narrative"].startswith("Simulated record.") for row in complaints)
        assert all(row["complaint_id"].startswith("SIM-") for row in complaints)


class TestRepeatable:
    """Data are a function of end, months and seed."""

    def test_same_bytes(self, written: Written, tmp_path: Path) -> None:
        """Written again, every file is the same to the byte."""
        again = write_own_data(tmp_path, END, MONTHS, written.truth["seed"])
        expected = [p.read_bytes() for p in (written.complaints, written.exposure, written.performance)]

        actual = [path.read_bytes() for path in again[:3]]

        assert expected == actual

    def test_text_files_are_these_bytes(self, written: Written) -> None:
        """The CSV files are these very bytes wherever numpy is the one of requirements.txt."""
        expected = {
            "complaints.csv": "d589d93b60b7a1cff365a360706a0aac3d5acb533a4dbbf6a1fd0c3fa34c7ee0",
            "exposure.csv": "3dc71a1af6b1b195d2992a3820b3fcb9446caa43387bec961d3b641079d6189f",
        }

        actual = {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (written.complaints, written.exposure)
        }

        assert expected == actual

    def test_another_seed_is_another_history(self) -> None:
        """The seed matters."""
        first, second = (simulate_own_data(END, MONTHS, seed) for seed in (1, 2))

        assert first.complaints != second.complaints
        assert first.readings != second.readings

    def test_another_end_moves_the_faults(self) -> None:
        """The faults start two months and one month before the end, wherever that is."""
        data = simulate_own_data(Month(2020, 1), 20, 1)

        expected = (Month(2019, 11), Month(2019, 12))

        assert expected == (data.power_fault.start, data.flow_drift.start)

    def test_too_few_months(self) -> None:
        """Without history before the faults there is nothing to find them against."""
        with pytest.raises(ValueError, match="give 20 or more"):
            simulate_own_data(END, 19, 1)


class TestDirt:
    """What was planted lies in the files, and nothing else does."""

    def test_complaints(self, written: Written, complaints: list[dict[str, str]]) -> None:
        """Every kind of dirt has the number of rows that the truth file says."""
        same = Counter(tuple(row.values()) for row in complaints)
        ids = Counter(row["complaint_id"] for row in complaints)
        doubled = sum(count > 1 for count in same.values())
        actual = {
            "future_date": sum(row["received"][:4] > "2017" for row in complaints),
            "unreadable_date": sum(not _readable(row["received"]) for row in complaints),
            "unknown_code": sum(row["problem_code"] == UNKNOWN_CODE for row in complaints),
            "retired_code": sum(row["problem_code"] == RETIRED_CODE for row in complaints),
            "event_after_received": sum(
                _readable(row["received"]) and row["event_date"] > row["received"] for row in complaints
            ),
            "missing_model": sum(row["model"] == "" for row in complaints),
            "duplicate_same": doubled,
            "duplicate_conflicting": sum(count > 1 for count in ids.values()) - doubled,
        }
        expected = {d["kind"]: d["rows"] for d in written.truth["dirt"] if d["file"] == "complaints.csv"}

        assert expected == actual

    def test_exposure_and_measurements(self, written: Written, exposure: list[dict[str, str]]) -> None:
        """One row without exposure, three with impossible values."""
        readings = pq.read_table(written.performance).to_pylist()
        impossible = [
            row
            for row in readings
            if row["battery_hours"] < 0 or row["motor_current_ma"] < 0 or abs(row["flow_error_percent"]) > 1000
        ]
        actual = {
            "zero_exposure": sum(row["device_days"] == "0" for row in exposure),
            "impossible_measurement": len(impossible),
        }
        expected = {d["kind"]: d["rows"] for d in written.truth["dirt"] if d["file"] != "complaints.csv"}

        assert expected == actual

    def test_no_month_is_mostly_dirt(self, complaints: list[dict[str, str]]) -> None:
        """A gate that stops a month at a tenth of bad rows lets every month through."""
        dirty = Counter(row["received"][:7] for row in complaints if row["complaint_id"].startswith("SIM-D"))
        of_2017 = {month: count for month, count in dirty.items() if month <= "2017-12"}

        assert max(of_2017.values()) <= 3

    def test_faulty_months_are_clean(self, complaints: list[dict[str, str]]) -> None:
        """The months of the planted faults hold no dirt, so that what is found there is the fault."""
        dirty = {row["received"][:7] for row in complaints if row["complaint_id"].startswith("SIM-D")}

        assert not dirty & {"2017-10", "2017-11", "2017-12"}


class TestCanaries:
    """Personal data to look for, all of it invented."""

    def test_all_lie_in_the_narratives(self, written: Written, complaints: list[dict[str, str]]) -> None:
        """Each canary is in a narrative, and each kind of personal data is among them."""
        texts = "\n".join(row["narrative"] for row in complaints)
        canaries = written.truth["canaries"]

        expected = 24

        assert expected == len(canaries)
        assert all(canary in texts for canary in canaries)

    def test_every_person_is_listed(self, written: Written, complaints: list[dict[str, str]]) -> None:
        """No narrative names somebody whom the list leaves out."""
        named = {found[1] for row in complaints if (found := re.search(r"Reported by ([^,]+),", row["narrative"]))}

        assert named <= set(written.truth["canaries"])

    def test_serial_of_a_named_person_is_in_the_serial_column(self, complaints: list[dict[str, str]]) -> None:
        """A canary serial number stands in both columns that never leave the lake."""
        rows = [row for row in complaints if "CANARY" in row["narrative"]]

        assert rows
        assert all(row["serial"] in row["narrative"] for row in rows)

    def test_nowhere_else(self, written: Written, complaints: list[dict[str, str]]) -> None:
        """Outside the inside columns of the table no canary stands."""
        outside = "\n".join(
            cell for row in complaints for name, cell in row.items() if name not in COMPLAINTS.inside
        ) + written.exposure.read_text(encoding="utf-8")

        assert not [canary for canary in written.truth["canaries"] if canary in outside]


def _readable(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
