"""What an entry of the catalogue says of a method, one kind for each shape of data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from include.postmarket.detection.anomaly_share import AnomalyShare
from include.postmarket.detection.change_point import ChangePoint
from include.postmarket.detection.group_shift import Fleet, GroupShift
from include.postmarket.detection.rare_events import GapChart
from include.postmarket.detection.shapes import BoolArray, Chart, Counts, FloatArray, Pairs, ReasonArray
from include.postmarket.detection.themes import Themes


@dataclass(frozen=True, slots=True, kw_only=True)
class OverTime:
    """A method for counts over time: ``detect(counts, parameters)`` gives a chart."""

    name: str
    help: str
    parameters: type[Any]
    required_history: Callable[[Any], int]
    detect: Callable[[Counts, Any], Chart]


class PairResult(Protocol):
    """What every method for pairs says of each pair, shape (P,); its own result class says more."""

    @property
    def pairs(self) -> Pairs:
        """The pairs as given."""

    @property
    def alarm(self) -> BoolArray:
        """False wherever the pair was not evaluated."""

    @property
    def evaluated(self) -> BoolArray:
        """Whether the pair was evaluated."""

    @property
    def reason(self) -> ReasonArray:
        """Why not, as a value of `Reason`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverPairs:
    """A method for product-event pairs of one snapshot: ``detect(pairs, parameters)``. It needs no history."""

    name: str
    help: str
    parameters: type[Any]
    detect: Callable[[Pairs, Any], PairResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverDevices:
    """A method for measurements: ``detect(baseline, current, parameters)`` of matrices devices by metrics.

    ``required_units`` gives the rows the baseline needs.
    """

    name: str
    help: str
    parameters: type[Any]
    required_units: Callable[[Any], int]
    detect: Callable[[FloatArray, FloatArray, Any], AnomalyShare]


class ComparedWith(StrEnum):
    """What a group of devices is compared with."""

    BASELINE = "the same group before"
    OTHERS = "all other devices at the same time"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverGroups:
    """A method for metrics by group of devices: ``detect(baseline, current, parameters)``.

    One that compares with `ComparedWith.OTHERS` needs no history and does not look at the baseline. ``size`` says what
    `GroupShift.size` is.
    """

    name: str
    help: str
    parameters: type[Any]
    size: str
    compared_with: ComparedWith
    detect: Callable[[Fleet, Fleet, Any], GroupShift]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverSeries:
    """A method that says one thing of each whole series of counts: ``detect(counts, parameters)``."""

    name: str
    help: str
    parameters: type[Any]
    detect: Callable[[Counts, Any], ChangePoint]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverTexts:
    """A method for narratives of the past and of now: ``detect(past, current, parameters)``, one text a report."""

    name: str
    help: str
    parameters: type[Any]
    detect: Callable[[Sequence[str], Sequence[str], Any], Themes]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverGaps:
    """A chart of the gaps between events of one series, in their order: ``detect(gaps, parameters)``."""

    name: str
    help: str
    parameters: type[Any]
    detect: Callable[[FloatArray, Any], GapChart]


#: Any entry that can be run on a plain table of numbers.
Entry = OverTime | OverPairs | OverDevices | OverGroups | OverSeries | OverGaps
