"""The suite of exposure: figures are of whole months and above zero, because rates are divided by them."""

import pandas as pd

from include.postmarket.checks.result import Severity
from include.postmarket.checks.rules import Asked, Rule, in_order, of_the_pull, of_the_table, rule

#: A row stands for a month and is placed at its first day.
MONTH_DAYS = 31


def prepare(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the rows with ``_day`` of the month, and ``_most_days``: the device-days if every unit ran all month."""
    return rows.assign(
        _day=rows["period"].dt.day.astype("float64"),
        _most_days=rows["units_in_use"] * rows["period"].dt.days_in_month.astype("float64"),
    )


def suite(asked: Asked) -> list[Rule]:
    """Give the rules, in the order in which a row's broken rules are named."""
    return [
        *of_the_table(asked),
        rule(
            "period_is_first_of_month",
            Severity.QUARANTINE,
            "ExpectColumnValuesToBeBetween",
            column="_day",
            min_value=1,
            max_value=1,
        ),
        *(
            rule(
                f"{c}_above_zero",
                Severity.QUARANTINE,
                "ExpectColumnValuesToBeBetween",
                column=c,
                min_value=0,
                strict_min=True,
            )
            for c in ("units_in_use", "device_days")
        ),
        in_order("device_days_within_units", "_most_days", "device_days", Severity.WARN),
        *of_the_pull(asked, lag_days=MONTH_DAYS),
    ]
