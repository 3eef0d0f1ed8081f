"""Methods that take a plain table and that no plan names, by name; the others are in `catalogue`."""

from include.postmarket.detection import change_point, rare_events
from include.postmarket.detection.entries import OverGaps, OverSeries

#: What is said of a whole series. No plan names it: every alarm over time is dated by it.
WHOLE_SERIES: dict[str, OverSeries] = {
    "change_point": OverSeries(
        name="change_point",
        help="when a rate changed, with an interval, and the rates before and after",
        parameters=change_point.ChangePointParameters,
        detect=change_point.locate,
    )
}

#: Charts of gaps, for a table of gaps: a plan has periods and no single times.
GAPS: dict[str, OverGaps] = {
    m.name: m
    for m in (
        OverGaps(
            name="g_chart",
            help="units, or whole days, between rare events; textbook limits, the lower one mostly 0",
            parameters=rare_events.GapChartParameters,
            detect=rare_events.g_chart,
        ),
        OverGaps(
            name="t_chart",
            help="times between rare events, made normal by the power 1/3.6",
            parameters=rare_events.GapChartParameters,
            detect=rare_events.t_chart,
        ),
    )
}
