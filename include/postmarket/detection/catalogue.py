"""Every method by the name a plan calls it: what it takes, its parameters with defaults, and the history it needs.

A plain table: a new method is one more line here, and the plans, the command line and the docs know it.
"""

from collections.abc import Mapping
from typing import Any

from include.postmarket.detection import (
    bayes,
    cohort_shift,
    cusum,
    cusum_standardised,
    drift,
    ears,
    ewma,
    farrington,
    gps,
    information_component,
    isolation_forest,
    lrt,
    maxsprt,
    poisson_rate,
    prr_ror,
    rate_change,
    rki,
    robust_covariance,
    screen,
    seasonal_excess,
    shewhart,
    themes,
    time_between,
    trend_report,
)
from include.postmarket.detection.entries import (
    ComparedWith,
    OverDevices,
    OverGroups,
    OverPairs,
    OverTexts,
    OverTime,
)
from include.postmarket.detection.shapes import MethodInputError

#: The method to begin with for counts over time, and the rule to begin with for pairs.
RECOMMENDED_OVER_TIME = "seasonal_excess"
RECOMMENDED_PAIRS = "screen"

OVER_TIME: dict[str, OverTime] = {
    m.name: m
    for m in (
        OverTime(
            name="seasonal_excess",
            help="where to begin: trend, season and overdispersion are learnt from a year of history or more",
            parameters=seasonal_excess.SeasonalExcessParams,
            required_history=seasonal_excess.required_history,
            detect=seasonal_excess.detect,
        ),
        OverTime(
            name="poisson_rate",
            help="count against a stated rate and the exposure, exact Poisson",
            parameters=poisson_rate.PoissonRateParams,
            required_history=poisson_rate.required_history,
            detect=poisson_rate.detect,
        ),
        OverTime(
            name="rate_change",
            help="the latest periods against those before, exact conditional binomial",
            parameters=rate_change.RateChangeParams,
            required_history=rate_change.required_history,
            detect=rate_change.detect,
        ),
        OverTime(
            name="cusum",
            help="a small lasting rise, Poisson CUSUM with the run length asked for",
            parameters=cusum.CusumParams,
            required_history=cusum.required_history,
            detect=cusum.detect,
        ),
        OverTime(
            name="ewma",
            help="a lasting rise, exponentially weighted moving average",
            parameters=ewma.EwmaParams,
            required_history=ewma.required_history,
            detect=ewma.detect,
        ),
        OverTime(
            name="maxsprt",
            help="a surveillance up to a planned exposure, looked at all the time, against a stated rate",
            parameters=maxsprt.MaxSprtParams,
            required_history=maxsprt.required_history,
            detect=maxsprt.detect,
        ),
        OverTime(
            name="trend_report",
            help="more incidents than foreseen over the observation period, MDR Article 88",
            parameters=trend_report.TrendReportParams,
            required_history=trend_report.required_history,
            detect=trend_report.detect,
        ),
        OverTime(
            name="severity_trend",
            help="a larger share of severe events than foreseen over the observation period, MDR Article 88",
            parameters=trend_report.SeverityTrendParams,
            required_history=trend_report.required_history,
            detect=trend_report.detect_severity,
        ),
        OverTime(
            name="farrington",
            help="the same season of past years with a trend, as health agencies do",
            parameters=farrington.FarringtonParams,
            required_history=farrington.required_history,
            detect=farrington.detect,
        ),
        OverTime(
            name="ears",
            help="the newest period against the few before it, for a series with little history",
            parameters=ears.EarsParams,
            required_history=ears.required_history,
            detect=ears.detect,
        ),
        OverTime(
            name="shewhart",
            help="process control as an auditor knows it: c, u, Laney's u', p and individuals charts",
            parameters=shewhart.ShewhartParams,
            required_history=shewhart.required_history,
            detect=shewhart.detect,
        ),
        OverTime(
            name="time_between",
            help="events so rare that most periods have none: how soon the next ones come, exact",
            parameters=time_between.TimeBetweenParams,
            required_history=time_between.required_history,
            detect=time_between.detect,
        ),
        OverTime(
            name="rki",
            help="the Robert Koch Institute's systems 1 to 3, for comparison",
            parameters=rki.RkiParams,
            required_history=rki.required_history,
            detect=rki.detect,
        ),
        OverTime(
            name="bayes",
            help="the Bayes systems 1 to 3, for comparison",
            parameters=bayes.BayesParams,
            required_history=bayes.required_history,
            detect=bayes.detect,
        ),
        OverTime(
            name="cusum_standardised",
            help="a CUSUM of standardised counts as in R surveillance, for comparison",
            parameters=cusum_standardised.CusumStandardisedParams,
            required_history=cusum_standardised.required_history,
            detect=cusum_standardised.detect,
        ),
    )
}

PAIRS: dict[str, OverPairs] = {
    m.name: m
    for m in (
        OverPairs(
            name="screen",
            help="recommended from 10 products on: pairs that stand out, at a stated share of false signals",
            parameters=screen.ScreenParameters,
            detect=screen.detect,
        ),
        OverPairs(
            name="prr_ror",
            help="events reported out of proportion: PRR, ROR and chi-square, Evans criteria",
            parameters=prr_ror.RatioParameters,
            detect=prr_ror.detect,
        ),
        OverPairs(
            name="information_component",
            help="shrunk log2 of observed over expected reports with exact bounds, the WHO centre's measure",
            parameters=information_component.InformationComponentParameters,
            detect=information_component.detect,
        ),
        OverPairs(
            name="gps",
            help="gamma-Poisson shrinker with EBGM and EB05, the FDA's measure; needs 20 pairs",
            parameters=gps.GpsParameters,
            detect=gps.detect,
        ),
        OverPairs(
            name="lrt",
            help="likelihood ratio test with one error rate for the whole table, by simulation",
            parameters=lrt.LrtParameters,
            detect=lrt.detect,
        ),
    )
}

MEASUREMENTS: dict[str, OverDevices] = {
    m.name: m
    for m in (
        OverDevices(
            name="isolation_forest",
            help="devices that measure unlike the baseline fleet, more of them than expected",
            parameters=isolation_forest.IsolationForestParameters,
            required_units=isolation_forest.required_units,
            detect=isolation_forest.detect,
        ),
        OverDevices(
            name="robust_covariance",
            help="devices that break the relation between metrics, more of them than expected",
            parameters=robust_covariance.RobustCovarianceParameters,
            required_units=robust_covariance.required_units,
            detect=robust_covariance.detect,
        ),
    )
}

SHIFTS: dict[str, OverGroups] = {
    m.name: m
    for m in (
        OverGroups(
            name="drift",
            help="a metric distributed otherwise than in the baseline, by subgroup: stability index and distance test",
            parameters=drift.DriftParameters,
            size="stability index",
            compared_with=ComparedWith.BASELINE,
            detect=drift.detect_fleet,
        ),
        OverGroups(
            name="cohort_shift",
            help="a software version, lot or model that measures otherwise than all others at the same time",
            parameters=cohort_shift.CohortShiftParameters,
            size="probability to measure higher",
            compared_with=ComparedWith.OTHERS,
            detect=cohort_shift.detect_fleet,
        ),
    )
}

NARRATIVES: dict[str, OverTexts] = {
    "themes": OverTexts(
        name="themes",
        help="terms that more narratives name now than before: a new kind of complaint before it has a code",
        parameters=themes.ThemeParameters,
        detect=themes.detect,
    )
}


def parameters() -> dict[str, type[Any]]:
    """Give the parameter dataclass of every method that a plan may name, by name."""
    tables: tuple[Mapping[str, Any], ...] = (OVER_TIME, PAIRS, MEASUREMENTS, SHIFTS, NARRATIVES)
    return {name: entry.parameters for table in tables for name, entry in table.items()}


def over_time(name: str) -> OverTime:
    """Give a method for counts over time. Raises MethodInputError when there is none of that name."""
    if name not in OVER_TIME:
        raise MethodInputError(f"{name!r} is no method for counts over time; use one of {', '.join(sorted(OVER_TIME))}")
    return OVER_TIME[name]


def over_pairs(name: str) -> OverPairs:
    """Give a method for product-event pairs. Raises MethodInputError when there is none of that name."""
    if name not in PAIRS:
        raise MethodInputError(f"{name!r} is no method for product-event pairs; use one of {', '.join(sorted(PAIRS))}")
    return PAIRS[name]


def over_devices(name: str) -> OverDevices:
    """Give a method for measurements of devices. Raises MethodInputError when there is none of that name."""
    if name not in MEASUREMENTS:
        raise MethodInputError(f"{name!r} is no method for measurements; use one of {', '.join(sorted(MEASUREMENTS))}")
    return MEASUREMENTS[name]


def over_groups(name: str) -> OverGroups:
    """Give a method for metrics by group. Raises MethodInputError when there is none of that name."""
    if name not in SHIFTS:
        raise MethodInputError(f"{name!r} is no method for groups of devices; use one of {', '.join(sorted(SHIFTS))}")
    return SHIFTS[name]
