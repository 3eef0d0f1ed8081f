"""The suite of complaints: codes are valid in the IMDRF release that the complaint names."""

from functools import partial

import pandas as pd

from include.postmarket.checks.codes import CodeList
from include.postmarket.checks.result import Severity
from include.postmarket.checks.rules import Asked, Rule, in_order, of_the_pull, of_the_table, rule


def prepare(rows: pd.DataFrame) -> pd.DataFrame:
    """Give the rows with ``_code``: release and problem code in one, missing where either is."""
    return rows.assign(_code=rows["imdrf_release"] + ":" + rows["problem_code"])


def suite(asked: Asked, codes: CodeList) -> list[Rule]:
    """Give the rules, in the order in which a row's broken rules are named."""
    known = partial(rule, severity=Severity.QUARANTINE, kind="ExpectColumnValuesToBeInSet")
    return [
        *of_the_table(asked),
        in_order("event_date_not_after_received", "received", "event_date"),
        known("imdrf_release_known", column="imdrf_release", value_set=sorted(codes.releases)),
        known(
            "problem_code_valid",
            column="_code",
            value_set=sorted(f"{release}:{code}" for release, code in codes.codes),
        ),
        rule(
            "health_impact_code_shape",
            Severity.QUARANTINE,
            "ExpectColumnValuesToMatchRegex",
            column="health_impact_code",
            regex=r"^F\d{2}(?:\d{2}){0,2}$",
        ),
        *of_the_pull(asked),
    ]
