"""An endpoint of openFDA: its path, the date that a window of days is asked by, and how that date is written."""

from dataclasses import dataclass
from datetime import timedelta

from include.postmarket.model.batch import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One endpoint; ``dated_by`` is empty where a list has no date and is pulled whole, ``day`` is `strftime`'s."""

    path: str
    dated_by: str = ""
    day: str = "%Y-%m-%d"

    def search(self, text: str, window: Window) -> str:
        """Give openFDA's search for the days of a window, both ends included there, and some more conditions."""
        if not self.dated_by:
            return text
        last = window.end - timedelta(days=1)
        days = f"{self.dated_by}:[{window.start:{self.day}} TO {last:{self.day}}]"
        return f"({text}) AND {days}" if text else days


DEVICE_EVENT = Endpoint(path="device/event", dated_by="date_received", day="%Y%m%d")
