"""Ways to write a source and read it as an import does."""

from collections.abc import Callable
from pathlib import Path

import pytest

from include.postmarket.model.finding import FaultyContentError
from include.postmarket.requirements.importing import Imported, import_file
from include.postmarket.requirements.mapping import Mapping

Import = Callable[..., Imported]


@pytest.fixture(name="imported")
def fixture_imported(tmp_path: Path) -> Import:
    """Give a function that writes a file of a name and imports it; ``known`` are ids that evidence may name."""

    def read(name: str, content: str | bytes, mapping: Mapping | None = None, known: tuple[str, ...] = ()) -> Imported:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return import_file(path, mapping or Mapping(), known)

    return read


@pytest.fixture(name="refused")
def fixture_refused(imported: Import) -> Callable[..., list[tuple[int, str]]]:
    """Give a function that imports what has to be refused, and gives line and message of every error."""

    def read(name: str, content: str | bytes, mapping: Mapping | None = None) -> list[tuple[int, str]]:
        with pytest.raises(FaultyContentError) as error:
            imported(name, content, mapping)
        return [(f.line, f.message) for f in error.value.findings if f.weight == "error"]

    return read


Refused = Callable[..., list[tuple[int, str]]]


def notes(found: Imported) -> list[str]:
    """Give what an import lists as not taken or not sure."""
    return [finding.message for finding in found.listed]
