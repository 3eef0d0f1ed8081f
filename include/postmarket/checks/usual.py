"""What is usual of a source: how much is missing and which categories come in what shares, against earlier pulls.

A pull's profile is kept with its evidence; the profiles of earlier pulls say what the next one is judged by. A break is
said and stops nothing: a new market or a new form changes shares as well.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import pandas as pd

from include.postmarket.checks.result import Severity
from include.postmarket.checks.rules import Asked, Rule, rule
from include.postmarket.model.batch import Source
from include.postmarket.model.tables import Table

#: Columns whose shares of values are compared: few values each, and none of them personal.
CATEGORIES: dict[Source, tuple[str, ...]] = {
    Source.REPORTS: ("event_type", "source_type", "device_class"),
    Source.COMPLAINTS: ("model", "region", "imdrf_release"),
    Source.EXPOSURE: ("model", "region"),
    Source.PERFORMANCE: ("model",),
}
#: Of a column with more values only the most frequent are kept, and none that fewer rows hold; the rest is one value.
#: What stands in a few cells only may be anything, a name that slipped in included, and must not reach the evidence.
MOST_VALUES = 40
LEAST_ROWS = 5
OTHER = "(other)"
#: So many of the latest pulls say what is usual.
LOOK_BACK = 12
#: The share given to values that no earlier pull had: without it one new value would make any drift infinite.
_UNSEEN = 0.01


def profile(rows: pd.DataFrame, table: Table) -> dict[str, Any]:
    """Give what is missing by column, and how often each category comes, as plain JSON values.

    A column that is not there at all is the schema's to tell.
    """
    return {
        "rows": len(rows),
        "missing": {c: int(rows[c].isna().sum()) for c in table.columns if c in rows and c not in table.required},
        "values": {c: _counted(rows[c]) for c in CATEGORIES.get(table.source, ()) if c in rows},
    }


def of_the_usual(asked: Asked, rows: int) -> list[Rule]:
    """Give a rule for each column that may be missing and for each column of categories; none without history.

    A column is missing too often when its share lies ``missing_above`` over the median of earlier pulls. Categories
    have drifted when the Kullback-Leibler divergence of their shares from those of earlier pulls exceeds ``drift`` (in
    nats) by more than chance gives ``rows`` rows: (k - 1) / 2n is its mean where nothing changed (Wilks 1938), and
    twice that is allowed.
    """
    profiles = known_profiles(asked)
    if len(profiles) < asked.limits.volume_history or not rows:
        return []
    return [
        *(_filled(column, profiles, asked) for column in asked.table.columns if column not in asked.table.required),
        *(found for c in CATEGORIES.get(asked.table.source, ()) for found in _steady(c, profiles, asked, rows)),
    ]


def known_profiles(asked: Asked) -> list[Mapping[str, Any]]:
    """Give the profiles that say what is usual: of the latest pulls that had rows."""
    return [p for p in asked.history.profiles if p["rows"]][-LOOK_BACK:]


def _filled(column: str, profiles: Sequence[Mapping[str, Any]], asked: Asked) -> Rule:
    usual = median(p["missing"].get(column, 0) / p["rows"] for p in profiles)
    return rule(
        f"{column}_filled_as_usual",
        Severity.WARN,
        "ExpectColumnValuesToNotBeNull",
        column=column,
        mostly=round(max(0.0, 1 - usual - asked.limits.missing_above), 6),
    )


def _steady(column: str, profiles: Sequence[Mapping[str, Any]], asked: Asked, rows: int) -> list[Rule]:
    seen: Counter[str] = Counter()
    for known in profiles:
        seen.update(known["values"].get(column, {}))
    if not seen:
        return []
    total = seen.total()
    return [
        rule(
            f"{column}_shares_as_usual",
            Severity.WARN,
            "ExpectColumnKLDivergenceToBeLessThan",
            column=column,
            partition_object={
                "values": sorted(seen),
                "weights": [seen[value] / total for value in sorted(seen)],
            },
            tail_weight_holdout=_UNSEEN,
            threshold=asked.limits.drift + len(seen) / rows,
        )
    ]


def _counted(column: "pd.Series[str]") -> dict[str, int]:
    counts = column.dropna().astype("str").value_counts().sort_index().sort_values(ascending=False, kind="stable")
    found = {str(value): int(n) for value, n in counts.head(MOST_VALUES).items() if n >= LEAST_ROWS}
    rest = int(counts.sum()) - sum(found.values())
    return found | ({OTHER: rest} if rest else {})
