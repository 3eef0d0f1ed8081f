"""Where each source is pulled from at this site: a strict YAML file, because a typing error here would lose data."""

from dataclasses import dataclass
from pathlib import Path

from include.postmarket.model.batch import Label, Source
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.plans.yaml_record import read_record


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlace:
    """Where one source lies.

    ``path`` is a file or folder, relative to the YAML file; ``search`` asks openFDA, ``title`` is what people call it.
    """

    label: Label
    path: str = ""
    search: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlaces:
    """The places of all sources."""

    reports: SourcePlace
    complaints: SourcePlace
    exposure: SourcePlace
    performance: SourcePlace


def load_places(file: Path) -> dict[Source, SourcePlace]:
    """Give the place of each source, paths made absolute.

    Raises FaultyContentError with every fault of the file, ConfigurationError for a source with none or two places.
    """
    places = read_record(file, SourcePlaces).value
    found: dict[Source, SourcePlace] = {}
    for source in Source:
        place: SourcePlace = getattr(places, source.value)
        if bool(place.path) == bool(place.search) or (place.search and source is not Source.REPORTS):
            raise ConfigurationError(
                f"{source.value} needs a path" + (" or a search, one of them" if source is Source.REPORTS else ""),
                where=file.name,
                todo=f"give {source.value} its path: a file or folder",
            )
        path = str((file.parent / place.path).absolute()) if place.path else ""
        found[source] = SourcePlace(label=place.label, path=path, search=place.search, title=place.title)
    return found
