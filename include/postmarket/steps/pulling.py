"""From the place of a source to bytes: each kind of place has its adapter, and every source may be at each."""

from dataclasses import dataclass, field
from pathlib import Path

from include.postmarket.model.batch import Fetched, Source, Window
from include.postmarket.sources import database, maude_excerpt, object_store, openfda_api, openfda_bulk, rest_api
from include.postmarket.sources.address import Addresses
from include.postmarket.sources.asking import Asking
from include.postmarket.sources.register import SHAPES
from include.postmarket.sources.shape import Shape
from include.postmarket.steps.source_places import SourcePlace


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How other systems are reached: connections by name, openFDA's key, where big files are kept, how patiently."""

    downloads: Path
    addresses: Addresses = field(repr=False)
    openfda_url: str = openfda_api.ADDRESS
    openfda_key: str = field(default="", repr=False)
    asking: Asking = field(default_factory=Asking)


def pull(source: Source, place: SourcePlace, window: Window, ways: Ways) -> Fetched:
    """Give what lies at a place for the days of a window.

    Raises InputError when there is nothing to read, UnavailableError when the other system does not answer,
    ConfigurationError when it refuses.
    """
    shape = SHAPES[source]
    if place.sql:
        return database.fetch(place.sql, ways.addresses(place.sql.connection), window, place.label)
    if place.rest:
        address = ways.addresses(place.rest.connection)
        return rest_api.fetch(place.rest, address, window, place.label, ways.asking)
    if "://" in place.path:
        return object_store.fetch(place.path, place.label, shape.media)
    if place.path:
        return shape.fetch(Path(place.path), place.label)
    if place.maude:
        return maude_excerpt.fetch(Path(place.maude), window, place.asked.devices, place.label)
    return _ask_openfda(shape, place, window, ways)


def _ask_openfda(shape: Shape, place: SourcePlace, window: Window, ways: Ways) -> Fetched:
    if shape.endpoint is None:
        raise ValueError(f"{shape.table.source} has no place, which `load_places` refuses")
    if place.bulk:
        bulk = openfda_bulk.Bulk(
            manifest=place.bulk, endpoint=shape.endpoint, devices=place.asked.devices, folder=ways.downloads
        )
        return openfda_bulk.fetch(bulk, window, ways.asking)
    text = place.search or place.asked.devices.search
    search = openfda_api.Search(title=place.title or text or "all of it", text=text, endpoint=shape.endpoint)
    return openfda_api.fetch(
        search, window, openfda_api.Api(url=ways.openfda_url, key=ways.openfda_key, asking=ways.asking)
    )
