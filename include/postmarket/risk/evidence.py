"""What the field says of one risk item: events in exposure over a window, and where the numbers come from."""

from dataclasses import dataclass

from include.postmarket.model.batch import Label, Window
from include.postmarket.model.errors import InputError

#: Our denominators by the names of the risk update record; units in use are the installed base.
RECORD_UNITS = {
    "device_days": "device_days",
    "units_in_use": "units_installed",
    "units_installed": "units_installed",
    "units_sold": "units_sold",
    "uses": "uses",
    "patients": "patients",
    "procedures": "procedures",
}

#: What one exposure is called where a matrix says what its bands are per.
ONE_EXPOSURE = {
    "device_day": "device_days",
    "unit_in_use": "units_installed",
    "unit_installed": "units_installed",
    "unit_sold": "units_sold",
    "use": "uses",
    "patient": "patients",
    "procedure": "procedures",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Field data for one risk item.

    ``events`` counts hazardous situations (failures), so it informs P1 and not harm. ``exposure`` is in ``unit``, None
    for a reporting count. ``under_reporting_factor`` f says that one of f events is reported; 1.0 claims no correction.
    ``query_sha256`` names the selection, ``dataset_sha256`` the snapshot it was made on.
    """

    events: int
    exposure: float | None
    unit: str
    window: Window
    record_keys: tuple[str, ...]
    query_sha256: str
    dataset_sha256: str
    label: Label
    limitations: str
    under_reporting_factor: float = 1.0

    def __post_init__(self) -> None:
        """Refuse numbers that no field can have given."""
        faults = []
        if self.events < 0:
            faults.append(f"{self.events} events")
        if self.exposure is not None and not 0 <= self.exposure < float("inf"):
            faults.append(f"exposure of {self.exposure}")
        if not 1 <= self.under_reporting_factor < float("inf"):
            faults.append(f"under-reporting factor {self.under_reporting_factor}")
        if self.window.end <= self.window.start:
            faults.append(f"window from {self.window.start} to {self.window.end}")
        if faults:
            raise InputError(
                f"evidence cannot be: {', '.join(faults)}",
                where="risk evidence",
                todo="count events and exposure again from the snapshot",
            )


def record_unit(name: str) -> str:
    """Give a unit of exposure by its name in the risk update record, from our plural or a matrix's singular name.

    Empty when the record has no such unit, which leaves the risk to a person.
    """
    return RECORD_UNITS.get(name, ONE_EXPOSURE.get(name, ""))
