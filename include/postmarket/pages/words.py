"""Values as people read them: numbers, days and moments, and the words of the house in plain English."""

import math
import re
from datetime import UTC, date, datetime

from markupsafe import Markup

from include.postmarket.detection import catalogue
from include.postmarket.model.batch import Source
from include.postmarket.model.period import Cadence, Period
from include.postmarket.model.signal import Detection
from include.postmarket.model.tables import TABLES

NOT_GIVEN = "not given"
KEPT_INSIDE = "(kept inside the lake)"
SHARE = "share of devices"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
#: A second column is only there for pairs; values may hold "=" and ";" themselves.
_PAIR = re.compile(r"(?P<a>\w+)=(?P<x>.*); (?P<b>\w+)=(?P<y>.*)", re.DOTALL)

#: What each method of the catalogue does, for a reader who knows no statistics.
METHODS = {
    "seasonal_excess": "compares the period, alone and with the one before, with what trend and season let expect",
    "rate_change": "compares the period with the periods before it: could it be chance?",
    "poisson_rate": "compares the period with the rate that the risk file assumes",
    "cusum": "adds up small excesses over many periods, so that a slow rise is seen",
    "ewma": "follows a smoothed average of recent periods, so that a slow rise is seen",
    "ears": "compares the period with a short window just before it",
    "farrington": "compares the period with the same season of earlier years and the trend",
    "maxsprt": "watches all events since the start against the rate that was stated, until the planned end",
    "trend_report": "asks whether more incidents came in the observation period than were foreseen (MDR Article 88)",
    "time_between": "asks whether the next events came sooner than they should, where most periods have none",
    "severity_trend": "asks whether more of the events are severe than was foreseen (MDR Article 88)",
    "shewhart": "compares the period with the spread that the first periods showed",
    "rki": "compares the period with the same season and the weeks before, as the Robert Koch Institute does",
    "bayes": "compares the period with what the same season and the weeks before let expect",
    "cusum_standardised": "adds up small excesses over many periods, in standard deviations",
    "prr_ror": "asks whether a kind of event is reported out of proportion for one product",
    "screen": "asks which kinds of events stand out of all that is reported, at a stated share of false signals",
    "lrt": "asks whether a kind of event is reported out of proportion, with one error rate for the whole table",
    "gps": "asks whether a kind of event is reported out of proportion, cautious with small numbers",
    "information_component": "asks whether a kind of event is reported out of proportion, cautious with small numbers",
    "isolation_forest": "looks for devices that measure unlike the fleet did before",
    "robust_covariance": "looks for devices that break the relation between metrics that the fleet showed before",
    "drift": "asks whether the devices of a group measure otherwise than they did before, as a whole",
    "themes": "looks for words that more narratives hold now than before",
    "cohort_shift": "asks whether a group of devices measures otherwise than all the others at the same time",
}

#: What the catalogue itself says of a method that has no plainer words yet.
_CATALOGUE = {
    name: entry.help
    for table in (catalogue.OVER_TIME, catalogue.PAIRS, catalogue.MEASUREMENTS, catalogue.SHIFTS, catalogue.NARRATIVES)
    for name, entry in table.items()
}


def number(value: float | None) -> str:
    """Give a number to four significant digits, thousands with commas, tiny ones as powers of ten."""
    if value is None or not math.isfinite(value):
        return NOT_GIVEN
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= 1000:
        return f"{value:,.0f}" if abs(value) < 1e15 else f"{value:.3e}"
    if abs(value) >= 1e-3:
        return f"{value:.4g}"
    mantissa, exponent = f"{value:.2e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')} × 10{str(int(exponent)).translate(_SUPERSCRIPTS)}"


def amount(value: float | None, unit: str = "") -> str:
    """Give a number with its unit; a share reads as per cent."""
    if value is None:
        return NOT_GIVEN
    if unit == SHARE:
        return f"{figure(value, unit)} of devices"
    return f"{number(value)} {unit}".rstrip()


def figure(value: float | None, unit: str = "") -> str:
    """Give a number where its unit is known from beside it; a share reads as per cent."""
    if value is not None and unit == SHARE:
        return f"{number(float(f'{100 * value:.3g}'))} %"
    return number(value)


def chance(p: float | None) -> str:
    """Give a probability; what underflowed to zero is said to be below the smallest shown."""
    if p is None:
        return NOT_GIVEN
    return "below 10⁻³⁰⁰" if p < 1e-300 else number(p)


def words(value: object) -> str:
    """Give a code of the house as words: ``not_validated`` reads "not validated"."""
    return str(value).replace("_", " ")


def moment(at: datetime) -> Markup:
    """Give a moment in UTC, to the minute, with the exact one for machines."""
    utc = at.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        utc.isoformat(timespec="seconds"), f"{utc:%Y-%m-%d %H:%M} UTC"
    )


def day(value: date) -> Markup:
    """Give a calendar day."""
    return Markup('<time datetime="{0}">{0}</time>').format(value.isoformat())


def period_name(value: Period) -> str:
    """Give a period as text: "November 2017", or "week 2017-W45"."""
    return f"{value.start:%B %Y}" if value.cadence is Cadence.MONTH else f"week {value}"


def period(value: Period) -> Markup:
    """Give a period, with its ISO name for machines."""
    return Markup('<time datetime="{}">{}</time>').format(str(value), period_name(value))


def group(subgroup: str, source: Source | None) -> str:
    """Give a subgroup as words; values of columns that stay inside the lake are withheld (G4)."""
    if not subgroup:
        return "all"
    pair = _PAIR.fullmatch(subgroup)
    pairs = [(pair["a"], pair["x"]), (pair["b"], pair["y"])] if pair else [_split(subgroup)]
    hidden = _inside(source)
    return ", ".join(f"{words(name)} {KEPT_INSIDE if name in hidden else value}" for name, value in pairs)


def heading(title: str, subgroup: str) -> str:
    """Give a signal's title without its subgroup, which is shown beside it as `group` allows."""
    return title.removesuffix(f" ({subgroup})") if subgroup else title


def conceal(text: str, subgroup: str, source: Source | None) -> str:
    """Give a text that may repeat a subgroup with its values withheld that stay inside the lake (G4)."""
    allowed = group(subgroup, source)
    return text.replace(subgroup, allowed) if KEPT_INSIDE in allowed else text


def _split(subgroup: str) -> tuple[str, str]:
    name, _, value = subgroup.partition("=")
    return name, value


def _inside(source: Source | None) -> frozenset[str]:
    tables = TABLES.values() if source is None else (TABLES[source],)
    return frozenset(column for table in tables for column in table.inside)


def sentence(seen: Detection) -> str:
    """Say in one sentence what a detection says."""
    if not seen.evaluated:
        return f"{period_name(seen.period)} could not be evaluated: {seen.reason or 'no reason was given'}."
    span = seen.details.get("periods")  # a comparison of kinds of events looks back over several periods
    when = f"From {span}" if span else f"In {period_name(seen.period)}"
    if seen.unit == SHARE:
        metric = seen.details.get("worst_metric")  # of a shift: the distance of distributions is a least share
        share = amount(seen.observed, seen.unit)
        told = f"at least {share} differ in {words(metric)}" if metric else f"{share} measured unlike the fleet"
        observed = f"{when}, {told}"
    else:
        did = "shared a theme that is new or has risen" if "theme" in seen.details else "came in"
        observed = f"{when}, {amount(seen.observed, seen.unit)} {did}"
    compared = []
    if seen.expected is not None:
        compared.append(f"{figure(seen.expected, seen.unit)} expected")
    if seen.limit is not None:
        compared.append(f"limit {figure(seen.limit, seen.unit)}")
    times = ""
    if seen.alarm and seen.observed and seen.expected and "worst_metric" not in seen.details:
        times = f" That is {number(round(seen.observed / seen.expected, 1))} times what was expected."
    return observed + (f" ({', '.join(compared)})." if compared else ".") + times


def method(name: str) -> str:
    """Give what a method does in plain words, with its name."""
    told = METHODS.get(name) or _CATALOGUE.get(name)
    return f"{words(name)}: {told}" if told else words(name)


def limit_note(name: str) -> str:
    """Give how the limit of a method is to be read, where that is not plain."""
    if name in {"cusum", "cusum_standardised", "ewma", "maxsprt", "time_between"}:
        return "The limit falls as earlier excess adds up, so it may lie below what was expected."
    return ""


def counted(count: int, one: str, many: str) -> str:
    """Give a count with its noun: "1 gap", "3 gaps"."""
    return f"{number(count)} {one if count == 1 else many}"
