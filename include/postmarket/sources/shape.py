"""What a source is: the one shape that every module of a source has, under the name ``SHAPE``."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Protocol

import pandas as pd

from include.postmarket.model.batch import Fetched, Label, Media
from include.postmarket.model.tables import Table
from include.postmarket.sources import files
from include.postmarket.sources.openfda_endpoint import Endpoint
from include.postmarket.sources.records import Layout
from include.postmarket.sources.same_device import Devices
from include.postmarket.sources.translation import Translation


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How landed bytes are to be read, besides their media: what sources.yaml says of the place they are from.

    ``rows`` is where in an answer of a REST endpoint the rows stand; ``devices`` what a report has to be about;
    ``listed`` the day that a list without dates is of.
    """

    translation: Translation = field(default_factory=Translation)
    rows: str = ""
    devices: Devices = field(default_factory=Devices)
    listed: date | None = None


#: Spelled as the house spells it, nothing left out.
AS_IT_IS = Asked()


class Read(Protocol):
    """Reads landed bytes: rows with the columns of the source's table and those that `records.frame` adds.

    Raises InputError when the bytes are none of the source.
    """

    def __call__(self, content: bytes, media: Media, asked: Asked = AS_IT_IS) -> pd.DataFrame:
        """Read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One source: how its columns are read, the kinds of files it is read from, and where openFDA has it."""

    layout: Layout
    media: frozenset[Media]
    read: Read
    endpoint: Endpoint | None = None

    @property
    def table(self) -> Table:
        """The table of the source."""
        return self.layout.table

    def fetch(self, path: Path, label: Label) -> Fetched:
        """Give the bytes of a file, or of all files of a folder as one archive.

        Raises InputError when there is nothing to read.
        """
        return files.fetch(path, label, self.media)
