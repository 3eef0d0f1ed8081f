"""Which adverse-event reports the demo runs on: the user's, openFDA's, or the reconstructed sample; it says which."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import requests

from include.postmarket.model.batch import Label, Media
from include.postmarket.model.errors import ConfigurationError, PostmarketError
from include.postmarket.model.period import Period, periods
from include.postmarket.sources import manufacturers, reports

OPENFDA = "https://api.fda.gov/device/event.json"
#: Bone cement by FDA product code, 2017: one request, some 500 reports.
SEARCH = "device.device_report_product_code:(LOD OR MBB OR NDN) AND date_received:[20170101 TO 20171231]"
OPENFDA_TOLD = "openFDA device/event: bone cement, 2017"
_PATIENCE = 3.0
#: The demo walks through the last four months that hold reports; what lies before is pulled as history.
MONTHS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoReports:
    """Where the demo's reports lie, how far they may be trusted, and the months to walk through."""

    path: Path
    label: Label
    told: str
    first_day: date
    months: tuple[Period, ...]

    @property
    def history(self) -> Period:
        """The first month that holds reports."""
        return Period.containing(self.first_day)


def choose(environment: Mapping[str, str], folder: Path, sample: Path) -> DemoReports:
    """Give the reports of ``POSTMARKET_DEMO_REPORTS``, else of the openFDA API, else the sample.

    What openFDA answered once is kept in ``folder`` and used again, so that a second run sees the same bytes. Raises
    ConfigurationError when the path that was asked for is not there or holds no dated report.
    """
    asked = environment.get("POSTMARKET_DEMO_REPORTS", "")
    if asked:
        path = Path(asked).expanduser().resolve()
        if not path.exists():
            raise ConfigurationError(
                "there is no such file or folder",
                where=f"POSTMARKET_DEMO_REPORTS={asked}",
                todo="name a file or folder of openFDA device/event JSON or MAUDE CSV, or unset it",
            )
        return described(path, Label.REAL, f"your reports: {path.name}")
    kept = folder / "openfda.json"
    if kept.is_file() or _fetch(kept):
        return described(kept, Label.REAL, OPENFDA_TOLD)
    return described(
        sample,
        Label.RECONSTRUCTED,
        "the sample in the repository (openFDA did not answer): rows reconstructed from real monthly counts",
    )


def _fetch(to: Path) -> bool:
    """Ask openFDA once and keep what it answers; the demo goes on without it.

    False when it does not answer within 3 s, or with anything but dated reports: a login page is an answer, too.
    """
    try:
        answer = requests.get(OPENFDA, params={"search": SEARCH, "limit": "1000"}, timeout=_PATIENCE)
    except requests.RequestException:
        return False
    if not answer.ok:
        return False
    fresh = to.with_name(f"fresh-{to.name}")
    fresh.write_bytes(answer.content)
    try:
        described(fresh, Label.REAL, OPENFDA_TOLD)
    except PostmarketError:
        fresh.unlink()
        return False
    fresh.replace(to)
    return True


def described(path: Path, label: Label, told: str) -> DemoReports:
    """Give what a demo needs to know of its reports. Raises ConfigurationError when none has a readable date."""
    fetched = reports.fetch(path, label)
    frame = reports.read(fetched.content, Media(fetched.media), manufacturers.load())
    days = pd.to_datetime(frame["received"], errors="coerce").dropna()
    if days.empty:
        raise ConfigurationError(
            "no report has a readable date_received", where=path.name, todo="give reports of device/event or MAUDE"
        )
    months = sorted({Period.containing(day.date()) for day in days})
    return DemoReports(path=path, label=label, told=told, first_day=days.min().date(), months=tuple(months[-MONTHS:]))


def runs_of(months: tuple[Period, ...]) -> tuple[tuple[Period, ...], ...]:
    """Give the months as runs of neighbours: history is pulled before the first month of each."""
    found: list[list[Period]] = []
    for month in months:
        if found and found[-1][-1].next() == month:
            found[-1].append(month)
        else:
            found.append([month])
    return tuple(tuple(run) for run in found)


def months_between(first: Period, last: Period) -> int:
    """Give how many months lie from first to last, both included."""
    return len(periods(first, last))
