"""The PMS plan of a product, as code (MDR Annex III 1.1(b)): what is watched, how, and what it guards."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from include.postmarket.model.batch import Source
from include.postmarket.model.period import Cadence


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A device family and how its records are recognised."""

    name: str
    family: str
    manufacturer: str
    models: tuple[str, ...] = ()
    udi_di: tuple[str, ...] = ()
    fda_product_codes: tuple[str, ...] = ()
    software_versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method of the catalogue by name, with the parameters the plan fixes; the rest are the method's defaults."""

    name: str
    parameters: dict[str, float | int | str] = field(default_factory=dict)


class Counted(StrEnum):
    """What an indicator counts: every report received, or the events behind them."""

    REPORTS = "reports"
    CASES = "cases"


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """What a plan watches.

    ``scope`` maps a column of the source's table to the values that count (IMDRF codes match their whole branch: A07
    covers A0705).
    ``count`` says whether reports count, or cases: reports of one event linked by `series.cases`.
    ``denominator`` is ``units_in_use`` or ``device_days``; None says that this is a reporting count and no rate.
    ``subgroup_by`` is a column: one series for each of its values besides the one for all of them.
    ``severe`` says, in the way of ``scope``, which events in scope are severe: for the method that watches their share.
    For pair methods ``product_by`` and ``event_by`` name the two columns; the scope then says which products are ours.
    """

    id: str
    title: str
    source: Source
    method: Method
    scope: dict[str, tuple[str, ...]] = field(default_factory=dict)
    severe: dict[str, tuple[str, ...]] = field(default_factory=dict)
    count: Counted = Counted.REPORTS
    denominator: str | None = None
    subgroup_by: str | None = None
    product_by: str | None = None
    event_by: str | None = None
    metrics: tuple[str, ...] = ()
    minimum_events: int = 0
    minimum_exposure: float = 0.0
    alarm_budget: float | None = None  # false alarms a year that are accepted of it
    requirements: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()


class Recurrence(StrEnum):
    """What happens to a ticket that was done when its signal alarms again."""

    COMMENT = "comment"
    REOPEN = "reopen"  # within the plan's days; later a successor
    SUCCESSOR = "successor"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRoute:
    """Where the tickets of some signals go instead: the first route whose conditions all hold.

    ``requirements``: the signal is about one of these. ``severity``: it informs a risk of this level or above.
    What is left empty is taken from the plan's ticket.
    """

    requirements: tuple[str, ...] = ()
    severity: int = 0
    project: str = ""
    issue_type: str = ""
    components: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketPolicy:
    """Where the plan's tickets go, how they are linked, and what their end in the tracker means."""

    project: str
    issue_type: str
    link_type: str
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)
    priorities: dict[str, str] = field(default_factory=dict)
    routes: tuple[TicketRoute, ...] = ()
    done: tuple[str, ...] = ("Done", "Fixed", "Resolved")
    rejected: tuple[str, ...] = ("Won't Do", "Won't Fix", "Duplicate", "Cannot Reproduce", "Declined")
    recurrence: Recurrence = Recurrence.COMMENT
    reopen_days: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectCheck:
    """How it is tested that a fix worked, once its version is in the field.

    ``months``: whole months of field data that are waited for. ``at_most``: the criterion, as a multiple of what was
    expected when the signal was opened. ``confidence``: of the bounds that are shown with the answer.
    """

    months: int = 3
    at_most: float = 1.0
    confidence: float = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One version of one product's plan. ``baseline_start`` is the first day whose data count as history."""

    id: str
    version: str
    title: str
    note: str  # what kind of content this is, shown with every result: "Example content, not a real product"
    product: Product
    owner: str
    cadence: Cadence
    baseline_start: date | None = None
    false_discovery_rate: float
    alarm_budget: float | None = None  # false alarms a year that are accepted of all indicators together
    quarantine_limit: float  # share of a pull's rows; above it the batch stops for a person
    requirements_file: str
    risk_file: str
    ticket: TicketPolicy
    indicators: tuple[Indicator, ...]
    effect: EffectCheck = field(default_factory=EffectCheck)
