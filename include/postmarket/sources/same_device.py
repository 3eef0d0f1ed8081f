"""Which devices a report has to be about: every asked field on one and the same device of the report.

openFDA flattens the devices of a report: a search for brand A and code B also finds a report of two devices, one of
brand A and one of code B. So the search is put to openFDA, and the answer is judged here again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from include.postmarket.model.errors import ConfigurationError

#: The fields of a device that may be asked for (openFDA device/event; MAUDE's files name them alike).
FIELDS = (
    "brand_name",
    "generic_name",
    "manufacturer_d_name",
    "device_report_product_code",
    "model_number",
    "catalog_number",
    "udi_di",
)

#: Fields that openFDA keeps whole besides word by word.
_EXACT = frozenset({"brand_name", "generic_name", "manufacturer_d_name", "model_number", "catalog_number"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Devices:
    """For each field of a device the values it may have, in any case; no field at all means every device."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a field that devices do not have, and one without a value."""
        for name, values in self.values.items():
            if name not in FIELDS or not values or not all(value.strip() for value in values):
                raise ConfigurationError(
                    f"devices cannot be asked for {name!r} with {len(values)} value(s)",
                    where="sources.yaml, devices",
                    todo=f"use one of {', '.join(FIELDS)}, with at least one value",
                )

    @property
    def search(self) -> str:
        """What openFDA is asked, in its search syntax; "" for every device."""
        return " AND ".join(
            f"device.{name}{'.exact' if name in _EXACT else ''}:({' OR '.join(_quoted(v) for v in values)})"
            for name, values in self.values.items()
        )

    def chosen(self, devices: Sequence[Mapping[str, str]]) -> Mapping[str, str] | None:
        """Give the first device that has all that is asked; None when none has, an empty one when nothing is asked."""
        if not self.values:
            return next(iter(devices), {})
        wanted = {name: {value.strip().upper() for value in values} for name, values in self.values.items()}
        return next(
            (d for d in devices if all(d.get(n, "").strip().upper() in values for n, values in wanted.items())), None
        )


def _quoted(value: str) -> str:
    found = value.strip().replace('"', " ")
    return found if found.isalnum() else f'"{found}"'
