"""Where each source is pulled from at this site: a strict YAML file, because a typing error here would lose data."""

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path

from include.postmarket.model.batch import NEEDED, Label, Source
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.plans.yaml_record import read_record
from include.postmarket.sources.database import Query
from include.postmarket.sources.register import SHAPES
from include.postmarket.sources.rest_api import Rest
from include.postmarket.sources.same_device import Devices
from include.postmarket.sources.shape import Asked
from include.postmarket.sources.translation import Translation, translated

#: The kinds of places, of which a source has one; openFDA's are for what openFDA has.
_KINDS = ("path", "sql", "rest", "search", "devices", "bulk", "maude")
_OPENFDA = ("search", "devices", "bulk")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlace:
    """Where one source lies, and how it is spelled there.

    ``path`` is a file or folder relative to the YAML file, or the address of one in an object store; ``sql`` and
    ``rest`` go through a connection. ``search`` and ``devices`` ask openFDA, or choose among what ``bulk`` (the address
    of openFDA's download manifest) or ``maude`` (a folder of FDA's own files) hold; ``title`` is what people call that.
    """

    label: Label
    path: str = ""
    sql: Query | None = None
    rest: Rest | None = None
    search: str = ""
    devices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    bulk: str = ""
    maude: str = ""
    title: str = ""
    overlap_days: int = 0
    columns: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    date_format: str = ""
    decimal_comma: bool = False

    @property
    def asked(self) -> Asked:
        """How what is pulled from here is read."""
        translation = Translation(
            columns=self.columns,
            codes=self.codes,
            constants=self.constants,
            date_format=self.date_format,
            decimal_comma=self.decimal_comma,
        )
        return Asked(
            translation=translation,
            rows=self.rest.rows if self.rest else "",
            devices=Devices(values=self.devices),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlaces:
    """The places of all sources; those without a default are needed."""

    reports: SourcePlace
    complaints: SourcePlace
    exposure: SourcePlace
    performance: SourcePlace
    recalls: SourcePlace | None = None
    enforcements: SourcePlace | None = None
    classifications: SourcePlace | None = None
    clearances: SourcePlace | None = None
    approvals: SourcePlace | None = None
    devices: SourcePlace | None = None
    drug_reports: SourcePlace | None = None


def load_places(file: Path) -> dict[Source, SourcePlace]:
    """Give the place of each source that the site has, paths made absolute.

    Raises FaultyContentError with every fault of the file, ConfigurationError for a source with none or two places, or
    with a spelling that its table does not have.
    """
    places = read_record(file, SourcePlaces).value
    found: dict[Source, SourcePlace] = {}
    for source in Source:
        place: SourcePlace | None = getattr(places, source.value)
        if place is None:
            continue
        _refuse(source, place, file.name)
        found[source] = dataclasses.replace(
            place, path=_absolute(place.path, file.parent), maude=_absolute(place.maude, file.parent)
        )
    return found


def place_of(file: Path, source: Source) -> SourcePlace:
    """Give the place of one source. Raises ConfigurationError when the site does not have it, and as `load_places`."""
    places = load_places(file)
    if source not in places:
        raise ConfigurationError(
            f"this site has no {source.value}",
            where=file.name,
            todo=f"name its place under `{source.value}:`, or leave ingest_{source.value} paused",
        )
    return places[source]


def _refuse(source: Source, place: SourcePlace, file: str) -> None:
    named = [kind for kind in _KINDS if getattr(place, kind)]
    asks = {"search", "devices"} & set(named)
    holds = [kind for kind in named if kind not in asks]
    wrong = ""
    if len(holds) > 1 or (asks and holds and holds[0] not in {"bulk", "maude"}) or (holds and "search" in asks):
        wrong = f"{source.value} has several places: {', '.join(named)}"
    elif SHAPES[source].endpoint is None and set(named) & set(_OPENFDA):
        wrong = f"{source.value} is nothing that openFDA has"
    elif source is not Source.REPORTS and {"devices", "maude"} & set(named):
        wrong = f"{source.value} are no reports about devices"
    elif not named and (source in NEEDED or not SHAPES[source].endpoint):
        wrong = f"{source.value} has no place"
    elif place.overlap_days < 0:
        wrong = f"{source.value} overlaps by less than no day"
    if wrong:
        raise ConfigurationError(
            wrong,
            where=file,
            todo=f"give {source.value} one of path, sql and rest"
            + (", or what openFDA is asked for" if SHAPES[source].endpoint else ""),
        )
    translated(SHAPES[source].layout, place.asked.translation, f"{file}, {source.value}")


def _absolute(path: str, folder: Path) -> str:
    return path if not path or "://" in path else str((folder / path).absolute())
