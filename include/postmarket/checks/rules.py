"""Rules: one Great Expectations expectation each, with a name that people read and what breaking it does.

Great Expectations takes seconds to import, so it is imported where an expectation is built.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from include.postmarket.checks.result import History, Limits, Severity
from include.postmarket.model.batch import Window
from include.postmarket.model.tables import Kind, Table

#: Columns that `run.check` adds for rules that need them: the day a row is placed at, missing when after the pull.
PLACED = "_placed"

_GX_SEVERITY = {Severity.STOP: "critical", Severity.QUARANTINE: "warning", Severity.WARN: "info"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One expectation under its name."""

    name: str
    severity: Severity
    expectation: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a pull is judged by besides its rows."""

    table: Table
    window: Window
    pulled_on: date
    history: History
    limits: Limits


def rule(name: str, severity: Severity, kind: str, **arguments: Any) -> Rule:
    """Give the rule that an expectation class of GX, by its name, makes with these arguments."""
    import great_expectations.expectations as gxe

    expectation = getattr(gxe, kind)(severity=_GX_SEVERITY[severity], meta={"rule": name}, **arguments)
    return Rule(name, severity, expectation)


def of_the_table(asked: Asked) -> list[Rule]:
    """Give the rules every table has: schema, shape, readable and present values, keys, and no row from the future."""
    table = asked.table
    typed = [c for c, kind in table.columns.items() if kind is not Kind.TEXT]
    return [
        rule(
            "schema",
            Severity.STOP,
            "ExpectTableColumnsToMatchSet",
            column_set=[*table.columns, "_row", "_raw", "_faults", "_notes"],
            exact_match=False,
        ),
        without_word("row_shape", "_faults", "shape"),
        without_word("no_nul_character", "_faults", "nul"),
        without_word("text_is_utf8", "_notes", "cp1252", Severity.WARN),
        *(without_word(f"{c}_readable", "_faults", c) for c in typed),
        *(rule(f"{c}_present", Severity.QUARANTINE, "ExpectColumnValuesToNotBeNull", column=c) for c in table.required),
        unique(table.key),
        rule(
            f"{table.placed_by}_not_after_pull",
            Severity.QUARANTINE,
            "ExpectColumnValuesToBeBetween",
            column=table.placed_by,
            max_value=_moment(asked.pulled_on),
        ),
    ]


def of_the_pull(asked: Asked, lag_days: int = 0) -> list[Rule]:
    """Give freshness, and volume where history is long enough; ``lag_days`` is how long a row stands for."""
    limits = asked.limits
    newest = asked.window.end - timedelta(days=limits.stale_days + lag_days)
    found = [
        rule("freshness", limits.freshness, "ExpectColumnMaxToBeBetween", column=PLACED, min_value=_moment(newest))
    ]
    if len(asked.history.per_day) >= limits.volume_history:
        low, high = volume_bounds(asked)
        found.append(
            rule("volume", limits.volume, "ExpectTableRowCountToBeBetween", min_value=int(low), max_value=int(high) + 1)
        )
    return found


def volume_bounds(asked: Asked) -> tuple[float, float]:
    """Give the fewest and most rows expected of the window: the limits' shares of the median of history."""
    ordered = sorted(asked.history.per_day)
    middle = len(ordered) // 2
    median = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    expected = median * (asked.window.end - asked.window.start).days
    return expected * asked.limits.volume_low, expected * asked.limits.volume_high


def without_word(name: str, column: str, word: str, severity: Severity = Severity.QUARANTINE) -> Rule:
    """Give the rule that a comma-separated column does not hold a word."""
    return rule(name, severity, "ExpectColumnValuesToNotMatchRegex", column=column, regex=rf"(?:^|,){word}(?:,|$)")


def unique(key: Sequence[str]) -> Rule:
    """Give the rule that no two rows share a key: all rows of a shared key break it, none is picked as the true one."""
    if len(key) == 1:
        return rule("unique_key", Severity.QUARANTINE, "ExpectColumnValuesToBeUnique", column=key[0])
    return rule(
        "unique_key",
        Severity.QUARANTINE,
        "ExpectCompoundColumnsToBeUnique",
        column_list=list(key),
        ignore_row_if="any_value_is_missing",
    )


def in_order(name: str, later: str, earlier: str, severity: Severity = Severity.QUARANTINE) -> Rule:
    """Give the rule that one column is not below another, where both have a value."""
    return rule(
        name,
        severity,
        "ExpectColumnPairValuesAToBeGreaterThanB",
        column_A=later,
        column_B=earlier,
        or_equal=True,
        ignore_row_if="either_value_is_missing",
    )


def _moment(day: date) -> datetime:
    return datetime.combine(day, time.min)  # dates are days at midnight in a frame
