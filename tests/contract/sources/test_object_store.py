"""Files in stores by address. The store of the tests is a folder by ``file://``; others go through the same calls."""

import io
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from include.postmarket.model.batch import Label, Media
from include.postmarket.model.errors import ConfigurationError, InputError, UnavailableError
from include.postmarket.sources import exposure, object_store

FIGURES = pd.DataFrame(
    {
        "period": [date(2024, 3, 1)],
        "model": ["X"],
        "software_version": ["2.0"],
        "units_in_use": [10.0],
        "device_days": [310.0],
    }
)


def parquet(frame: pd.DataFrame) -> bytes:
    """Give a frame as Parquet."""
    sink = io.BytesIO()
    frame.to_parquet(sink)
    return sink.getvalue()


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Path:
    for region in ("EMEA", "NA%20SOUTH"):
        folder = tmp_path / "exposure" / f"region={region}"
        folder.mkdir(parents=True)
        (folder / "part-0.parquet").write_bytes(parquet(FIGURES))
    (tmp_path / "exposure" / "_SUCCESS").write_text("")
    (tmp_path / "exposure" / "old").mkdir()
    (tmp_path / "exposure" / "old" / "part.parquet").write_bytes(b"not looked at")
    return tmp_path


@pytest.mark.parametrize("way", ["address", "folder"])
def test_a_partitioned_table_has_the_columns_of_its_folders(store: Path, way: str) -> None:
    """Folders ``region=EMEA`` are a column; folders of any other name are not looked at. Same bytes either way."""
    if way == "address":
        fetched = object_store.fetch(f"file://{store}/exposure", Label.REAL, exposure.SHAPE.media)
    else:
        fetched = exposure.fetch(store / "exposure", Label.REAL)

    rows = exposure.read(fetched.content, fetched.media)

    assert (fetched.media, fetched.origin) == (Media.PARQUET, "exposure/ (2 files)")
    assert rows["region"].tolist() == ["EMEA", "NA SOUTH"]
    assert rows["device_days"].tolist() == [310.0, 310.0]


def test_one_file_by_its_address(store: Path) -> None:
    """A file of a store is fetched as it is."""
    fetched = object_store.fetch(
        f"file://{store}/exposure/region=EMEA/part-0.parquet", Label.REAL, exposure.SHAPE.media
    )

    assert (fetched.origin, fetched.content) == ("part-0.parquet", parquet(FIGURES))


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("file:///nowhere/at/all", InputError),
        ("ftp://host/folder", ConfigurationError),
        ("s3://key-canary:pw-canary@bucket/x?endpoint_override=127.0.0.1:9&scheme=http&region=x", UnavailableError),
    ],
    ids=["nothing there", "no store", "store is down"],
)
def test_what_cannot_be_fetched_says_so(address: str, kind: type[Exception]) -> None:
    """Nothing there, no such kind of store, and a store that is down are three things; no credential is told."""
    with pytest.raises(kind) as error:
        object_store.fetch(address, Label.REAL, exposure.SHAPE.media)

    assert "canary" not in str(error.value)
