"""Simulated complaints of the infusion pump: what is complained about, how often, and from when on too often.

Counts are Poisson with a gamma factor per month (negative binomial): variance 1.1 to 1.3 times the mean, a mild
over-dispersion as complaint handling produces it.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from include.sample.fleet import Cell, Month
from include.sample.narratives import narrative

IMDRF_RELEASE = "2024"

#: Complaints per device-day in control; the risk file's p1 are the design-time estimates of these.
RATES = {
    "power": 1.6e-4,
    "under_delivery": 6.5e-5,
    "over_delivery": 2.5e-5,
    "occlusion": 1.4e-4,
    "air": 4.5e-5,
    "alarm": 8.0e-5,
    "mechanical": 8.0e-5,
    "communication": 6.0e-5,
    "labelling": 3.0e-5,
}

#: IMDRF Annex A codes (release 2024) of each kind.
CODES = {
    "power": ("A0705", "A070504", "A070503", "A0706", "A0708", "A070801", "A0719"),
    "under_delivery": ("A140504", "A140505", "A1407"),
    "over_delivery": ("A1402",),
    "occlusion": ("A1409", "A140901", "A140902", "A1408"),
    "air": ("A1415",),
    "alarm": ("A160102", "A160103", "A160105"),
    "mechanical": ("A0401", "A040101"),
    "communication": ("A1303", "A1305"),
    "labelling": ("A2101", "A2104"),
}

_IMPACTS = ("F05", "F1001", "F1004", "F1005", "F11", "")  # IMDRF Annex F; most complaints report none
_IMPACT_SHARES = (0.10, 0.04, 0.04, 0.01, 0.03, 0.78)
_DISPERSION = 0.012  # variance of the gamma factor of a month and kind


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerFault:
    """From ``start`` on, power complaints of one software version come ``ratio`` times as often."""

    start: Month
    software_version: str
    ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One row of the complaint file, every field as it is written."""

    complaint_id: str
    received: str
    event_date: str
    model: str
    serial: str
    lot: str
    software_version: str
    region: str
    imdrf_release: str
    problem_code: str
    health_impact_code: str
    narrative: str


def simulate_complaints(
    cells: tuple[Cell, ...], fault: PowerFault, generator: np.random.Generator
) -> tuple[Complaint, ...]:
    """Give the complaints of a fleet, in the order they were received."""
    drawn: list[tuple[date, str, Cell]] = []
    factors: dict[tuple[Month, str], float] = {}
    for cell in cells:
        for kind, rate in RATES.items():
            if (cell.month, kind) not in factors:
                factors[cell.month, kind] = float(generator.gamma(1 / _DISPERSION, _DISPERSION))
            mean = rate * cell.device_days * factors[cell.month, kind] * _fault_ratio(cell, kind, fault)
            days = generator.integers(cell.month.days, size=int(generator.poisson(mean)))
            drawn += [(cell.month.first + timedelta(days=int(day)), kind, cell) for day in days]
    drawn.sort(key=lambda complaint: complaint[0])
    return tuple(
        _complaint(number, received, kind, cell, generator) for number, (received, kind, cell) in enumerate(drawn, 1)
    )


def _fault_ratio(cell: Cell, kind: str, fault: PowerFault) -> float:
    faulty = kind == "power" and cell.software_version == fault.software_version and cell.month >= fault.start
    return fault.ratio if faulty else 1.0


def _complaint(number: int, received: date, kind: str, cell: Cell, generator: np.random.Generator) -> Complaint:
    text, person = narrative(kind, generator)
    serial = f"EPX-{generator.integers(100_000, 999_999)}" if person is None else person.serial
    codes = CODES[kind]
    return Complaint(
        complaint_id=f"SIM-{number:06d}",
        received=received.isoformat(),
        event_date=(received - timedelta(days=int(generator.integers(0, 15)))).isoformat(),
        model=cell.model,
        serial=serial,
        lot=f"L{received.year % 100:02d}{generator.integers(1, 53):02d}",
        software_version=cell.software_version,
        region=cell.region,
        imdrf_release=IMDRF_RELEASE,
        problem_code=codes[int(generator.integers(len(codes)))],
        health_impact_code=_IMPACTS[int(generator.choice(len(_IMPACTS), p=_IMPACT_SHARES))],
        narrative=text,
    )
