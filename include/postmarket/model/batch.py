"""What is pulled: bytes as they came, the rows of one pull, and where each row ended."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from include.postmarket.model.canonical import digest


class Source(StrEnum):
    """What is pulled on a schedule; the value names the ingest DAG and the asset."""

    REPORTS = "reports"
    COMPLAINTS = "complaints"
    EXPOSURE = "exposure"
    PERFORMANCE = "performance"
    RECALLS = "recalls"
    ENFORCEMENTS = "enforcements"
    CLASSIFICATIONS = "classifications"
    CLEARANCES = "clearances"
    APPROVALS = "approvals"
    DEVICES = "devices"
    DRUG_REPORTS = "drug_reports"


#: What every site has; the other sources are pulled where sources.yaml names them.
NEEDED = (Source.REPORTS, Source.COMPLAINTS, Source.EXPOSURE, Source.PERFORMANCE)


class Label(StrEnum):
    """How far data may be trusted to be about the world; shown wherever the data are shown."""

    REAL = "real"
    RECONSTRUCTED = "reconstructed"
    SIMULATED = "simulated"


class Media(StrEnum):
    """The shape of landed bytes, which says how they are read."""

    OPENFDA_JSON = "openfda-json"
    CSV = "csv"
    PARQUET = "parquet"
    XLSX = "xlsx"
    JSON_ROWS = "json-rows"  # rows of a query, one JSON object a line; answers of a REST endpoint behind one another
    MAUDE = "maude"  # FDA's own text files, as the zip that `sources.maude_excerpt` makes of them
    DESK_ROWS = "desk-rows"  # rows a person took out of quarantine; their days were covered by an earlier pull
    DESK_BATCH = "desk-batch"  # a stopped batch that a person let through

    @property
    def by_hand(self) -> bool:
        """Whether the quarantine desk made the batch, out of rows that an earlier batch had pulled."""
        return self in {Media.DESK_ROWS, Media.DESK_BATCH}


@dataclass(frozen=True, slots=True)
class Window:
    """The days a pull covers: start included, end excluded."""

    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """Bytes as a source gave them, before anything looked at them."""

    content: bytes
    media: Media
    origin: str  # for people: "openFDA device/event, bone cement" or a file's name, never a full path or a credential
    label: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """Bytes kept under their hash, and the pull that brought them."""

    source: Source
    window: Window
    sha256: str
    size: int
    media: Media
    origin: str
    label: Label
    pulled_at: datetime

    @property
    def batch(self) -> str:
        """The id of the batch: the same bytes pulled for the same days are the same batch, however often."""
        return digest([self.source, self.window, self.sha256])[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """How many rows of a batch one rule sent to quarantine (a row that breaks two rules counts for both)."""

    rule: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Where the rows of a batch ended (G1: pulled = accepted + quarantined + superseded).

    ``stopped`` says why the whole batch waits for a person; its rows then count as quarantined, nothing is accepted.
    """

    landing: Landing
    pulled: int
    accepted: int
    quarantined: int
    superseded: int
    rules: tuple[RuleCount, ...]
    stopped: str
    evidence: str  # sha256 of the stored check results

    def __post_init__(self) -> None:
        """Refuse an outcome whose rows do not add up: G1 is proven here, in every run."""
        if self.pulled != self.accepted + self.quarantined + self.superseded:
            raise ValueError(
                f"batch {self.landing.batch}: {self.pulled} rows pulled, but {self.accepted} accepted + "
                f"{self.quarantined} quarantined + {self.superseded} superseded"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The exact batches a run saw, oldest first; rows received on or after ``as_of`` were not yet known."""

    as_of: date
    batches: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """The hash of the set of batches and the as-of day."""
        return digest([self.as_of, sorted(self.batches)])
