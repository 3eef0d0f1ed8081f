"""Simulated real-world performance of the infusion pump: what devices in use report of themselves."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from include.sample.fleet import MODELS, Month, months_until, software_shares

DEVICES_A_MONTH = 300
READINGS = 3  # of each device and month

#: Mean, standard deviation between devices, standard deviation between readings of one device.
METRICS = {
    "battery_hours": (11.0, 0.8, 0.3),
    "flow_error_percent": (0.0, 1.0, 0.4),
    "motor_current_ma": (85.0, 4.0, 1.5),
}
_ALARMS_PER_100_H = 1.5
_HOURS_BETWEEN_READINGS = 200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowDrift:
    """From ``start`` on, pumps of one software version deliver too little and their motors draw more."""

    start: Month
    software_version: str
    flow_error_percent: float
    motor_current_ma: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One row of the performance file."""

    device: str
    measured: date
    model: str
    software_version: str
    lot: str
    battery_hours: float
    flow_error_percent: float
    occlusion_alarms_per_100_h: float
    motor_current_ma: float


def simulate_measurements(
    end: Month, months: int, drift: FlowDrift, generator: np.random.Generator
) -> tuple[Reading, ...]:
    """Give the readings of about 300 devices a month, another sample of the fleet every month, by month and device."""
    readings: list[Reading] = []
    for position, month in enumerate(months_until(end, months)):
        shares = software_shares(months - 1 - position)
        devices = sorted(int(n) for n in generator.choice(900_000, size=DEVICES_A_MONTH, replace=False))
        for device in devices:
            model = str(generator.choice(list(MODELS), p=list(MODELS.values())))
            version = str(generator.choice(list(shares), p=list(shares.values())))
            readings += _of_device(f"dev-{device + 100_000}", month, (model, version), drift, generator)
    return tuple(readings)


def _of_device(
    device: str, month: Month, kind: tuple[str, str], drift: FlowDrift, generator: np.random.Generator
) -> list[Reading]:
    model, version = kind
    drifting = version == drift.software_version and month >= drift.start
    shift = {
        "flow_error_percent": -drift.flow_error_percent if drifting else 0.0,
        "motor_current_ma": drift.motor_current_ma if drifting else 0.0,
    }
    level = {
        name: mean + shift.get(name, 0.0) + between * float(generator.standard_normal())
        for name, (mean, between, _) in METRICS.items()
    }
    lot = f"L{month.year % 100:02d}{generator.integers(1, 53):02d}"
    days = sorted(int(day) for day in generator.choice(month.days, size=READINGS, replace=False))
    found: list[Reading] = []
    for day in days:
        values = {name: level[name] + METRICS[name][2] * float(generator.standard_normal()) for name in METRICS}
        alarms = int(generator.poisson(_ALARMS_PER_100_H * _HOURS_BETWEEN_READINGS / 100))
        found.append(
            Reading(
                device=device,
                measured=month.first + timedelta(days=day),
                model=model,
                software_version=version,
                lot=lot,
                battery_hours=round(values["battery_hours"], 2),
                flow_error_percent=round(values["flow_error_percent"], 2),
                occlusion_alarms_per_100_h=round(alarms * 100 / _HOURS_BETWEEN_READINGS, 2),
                motor_current_ma=round(values["motor_current_ma"], 1),
            )
        )
    return found
