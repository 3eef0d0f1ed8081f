"""The ISO 14971 risk file: items, scales, and the update that a signal proposes."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from include.postmarket.model.stamp import Stamp


class Acceptability(StrEnum):
    """What the matrix says of a severity and a probability level."""

    ACCEPTABLE = "acceptable"
    INVESTIGATE = "investigate"
    UNACCEPTABLE = "unacceptable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """A maker's scales (ISO 14971 clause 4.4).

    ``bands[i]`` is the lower bound of probability level i+1 (inclusive), per ``per``;
    ``cells[level - 1][severity - 1]`` is the acceptability.
    """

    id: str
    per: str  # "device_day", "procedure": what one exposure is
    severities: tuple[str, ...]
    bands: tuple[float, ...]
    cells: tuple[tuple[Acceptability, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskItem:
    """One line of the risk file.

    ``p1``: the hazardous situation occurs, per exposure; ``p2``: it then leads to the harm.
    ``prior_exposure`` is how much exposure the design-time estimate of p1 is worth (capped when field data are used).
    """

    id: str
    hazard: str
    sequence_of_events: str
    hazardous_situation: str
    harm: str
    severity: int
    p1: float
    p2: float
    prior_exposure: float
    exposure_unit: str
    controls: tuple[str, ...]  # requirement ids


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFile:
    """One version of a product's risk file."""

    id: str
    version: str
    matrix: Matrix
    items: tuple[RiskItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskUpdate:
    """A proposed change of one risk item, waiting for a signature; ``record`` follows the risk update schema.

    ``estimable`` is False, with the reason, where field data cannot change the estimate (no exposure): a person has
    to assess it.
    """

    id: str
    signal_id: str
    risk_id: str
    estimable: bool
    reason: str
    record: dict[str, Any]
    stamp: Stamp
