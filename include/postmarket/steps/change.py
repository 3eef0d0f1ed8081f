"""Since when: the most probable change of the rate of a series that alarms, as a sentence for the signal's page."""

from include.postmarket.detection import change_point
from include.postmarket.detection.evaluation import check_counts, usable
from include.postmarket.detection.shapes import Counts
from include.postmarket.model.period import Cadence, Period
from include.postmarket.series.counts import CountSeries

_ASKED = change_point.ChangePointParameters()


def since_when(series: CountSeries, s: int, denominator: str | None) -> str:
    """Say when the rate of series ``s`` changed and from what to what; empty with fewer than two periods to compare.

    One change is assumed; a series that changed twice, or never, has a wide interval.
    """
    exposure = series.counts.exposure
    own = Counts(
        counts=series.counts.counts[s : s + 1],
        exposure=None if exposure is None else exposure[s : s + 1],
    )
    if usable(*check_counts(own, "change")).sum() < 2:
        return ""
    found = change_point.locate(own, _ASKED)
    about, earliest, latest = (series.periods[int(at[0])] for at in (found.period, found.earliest, found.latest))
    before, after = float(found.rate_before[0]), float(found.rate_after[0])
    per = f"per {denominator.replace('_', ' ').removesuffix('s')}" if denominator else f"a {about.cadence.value}"
    certain = f"{_ASKED.level:.0%} interval ".replace("%", " %")
    when = (
        f"{certain}{_name(earliest)} to {_name(latest)}"
        if earliest != latest
        else f"{certain}that {about.cadence.value}"
    )
    return f"The rate changed about {_name(about)} ({when}), from {before:.3g} to {after:.3g} {per}."


def _name(period: Period) -> str:
    return f"{period.start:%B %Y}" if period.cadence is Cadence.MONTH else f"week {period}"
