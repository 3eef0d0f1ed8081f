"""Writes the maker's own data of the fictitious infusion pump: complaints, exposure and measurements, all simulated.

In them lie faults and dirt that the tests know and the plan does not; ``truth.json`` beside the data says which.

    python -m include.sample.simulate_own_data --out data/sample --end 2017-12 --months 24 --seed 24971
"""

import argparse
import csv
import dataclasses
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from include.sample.complaints import Complaint, PowerFault, simulate_complaints
from include.sample.dirt import Planted, dirty_complaints, dirty_exposure, dirty_readings
from include.sample.fleet import Cell, Month, fleet
from include.sample.measurements import FlowDrift, Reading, simulate_measurements
from include.sample.narratives import PEOPLE

SEED = 24971  # a typical history: the power fault shows in its first month in nine of ten, half hold no false alarm
LABEL = "simulated"
SHORTEST = 20  # months: a year of history before the first fault, and room for the dirt before it


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnData:
    """Everything simulated, dirt included, and the truth about it."""

    complaints: tuple[Complaint, ...]
    exposure: tuple[Cell, ...]
    readings: tuple[Reading, ...]
    power_fault: PowerFault
    flow_drift: FlowDrift
    dirt: tuple[Planted, ...]


def simulate_own_data(end: Month, months: int, seed: int) -> OwnData:
    """Give the data of ``months`` months that end with ``end``; the same arguments give the same data.

    The power fault starts two months before the last, the flow drift one month before it.
    Raises ValueError for fewer months than the methods need before the faults start.
    """
    if months < SHORTEST:
        raise ValueError(f"{months} months leave no history before the planted faults: give {SHORTEST} or more")
    power = PowerFault(start=end.plus(-2), software_version="3.2", ratio=3.0)
    drift = FlowDrift(start=end.plus(-1), software_version="3.1", flow_error_percent=2.5, motor_current_ma=10.0)
    # One stream each: what is added to one file leaves the others as they are.
    for_fleet, for_complaints, for_readings = (np.random.default_rng([seed, stream]) for stream in range(3))
    cells = fleet(end, months, for_fleet)
    complaints, dirt_1 = dirty_complaints(simulate_complaints(cells, power, for_complaints), end)
    exposure, dirt_2 = dirty_exposure(cells, end)
    readings, dirt_3 = dirty_readings(simulate_measurements(end, months, drift, for_readings), end)
    return OwnData(
        complaints=complaints,
        exposure=exposure,
        readings=readings,
        power_fault=power,
        flow_drift=drift,
        dirt=(*dirt_1, *dirt_2, *dirt_3),
    )


def write_own_data(out: Path, end: Month, months: int, seed: int = SEED) -> tuple[Path, ...]:
    """Write complaints.csv, exposure.csv, performance.parquet and truth.json into ``out`` and give their paths."""
    data = simulate_own_data(end, months, seed)
    out.mkdir(parents=True, exist_ok=True)
    complaints, exposure = out / "complaints.csv", out / "exposure.csv"
    performance, truth = out / "performance.parquet", out / "truth.json"
    _write_csv(complaints, [f.name for f in dataclasses.fields(Complaint)], map(_cells, data.complaints))
    _write_csv(
        exposure,
        ["period", "model", "software_version", "region", "units_in_use", "device_days"],
        ((c.month.first, c.model, c.software_version, c.region, c.units_in_use, c.device_days) for c in data.exposure),
    )
    columns = {f.name: [getattr(row, f.name) for row in data.readings] for f in dataclasses.fields(Reading)}
    pq.write_table(pa.table(columns).replace_schema_metadata({"label": LABEL}), performance, compression="zstd")
    told = json.dumps(truth_of(data, end, months, seed), indent=1, ensure_ascii=False)
    truth.write_text(told + "\n", encoding="utf-8", newline="\n")
    return complaints, exposure, performance, truth


def truth_of(data: OwnData, end: Month, months: int, seed: int) -> dict[str, Any]:
    """Give what was planted, as plain JSON values: label, faults, dirt, canaries and numbers of rows."""
    return {
        "label": LABEL,
        "generator": "include.sample.simulate_own_data",
        "seed": seed,
        "end": str(end),
        "months": months,
        "faults": [
            {
                "kind": "power_complaints",
                "start": str(data.power_fault.start),
                "software_version": data.power_fault.software_version,
                "ratio": data.power_fault.ratio,
            },
            {
                "kind": "flow_drift",
                "start": str(data.flow_drift.start),
                "software_version": data.flow_drift.software_version,
                "flow_error_percent": -data.flow_drift.flow_error_percent,
                "motor_current_ma": data.flow_drift.motor_current_ma,
            },
        ],
        "dirt": [dataclasses.asdict(planted) for planted in data.dirt],
        "canaries": _canaries(data.complaints),
        "rows": {
            "complaints.csv": len(data.complaints),
            "exposure.csv": len(data.exposure),
            "performance.parquet": len(data.readings),
        },
    }


def _canaries(complaints: tuple[Complaint, ...]) -> list[str]:
    """Give the personal data that really lie in the complaints: names, telephone numbers, addresses, serial numbers."""
    written = "\n".join(complaint.narrative for complaint in complaints)
    return [canary for person in PEOPLE for canary in dataclasses.astuple(person) if canary in written]


def _cells(complaint: Complaint) -> tuple[Any, ...]:
    return dataclasses.astuple(complaint)


def _write_csv(path: Path, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(heading)
        writer.writerows(rows)


def main() -> None:
    """Write the files and say where."""
    parser = argparse.ArgumentParser(description="Write the simulated data of the fictitious infusion pump.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    parser.add_argument("--end", type=Month.parse, default=Month(2017, 12), help="last month, as 2017-12")
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args()
    if chosen.months < SHORTEST:
        parser.error(f"--months must be {SHORTEST} or more")
    paths = write_own_data(chosen.out, chosen.end, chosen.months, chosen.seed)
    parser.exit(message="".join(f"wrote {path}\n" for path in paths))


if __name__ == "__main__":
    main()
