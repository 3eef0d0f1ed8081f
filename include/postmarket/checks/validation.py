"""The one place that runs Great Expectations: one context and one validation run a pull."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from include.postmarket.checks.rules import Rule
from include.postmarket.model.errors import IntegrityError

#: What is kept of a result: counts and, of rules about the whole pull, the number observed. Never a cell's value.
_COUNTS = ("element_count", "unexpected_count", "missing_count", "unexpected_percent")
_OBSERVED = (
    "expect_table_row_count_to_be_between",
    "expect_column_max_to_be_between",
    "expect_column_kl_divergence_to_be_less_than",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one expectation says; ``raised`` is the kind of error when it could not be evaluated, else empty."""

    rule: Rule
    success: bool
    raised: str
    rows: tuple[int, ...]  # _row of the rows that broke it
    plain: dict[str, Any]  # type, arguments and counts, as JSON


def validate(rows: pd.DataFrame, rules: Sequence[Rule]) -> tuple[Verdict, ...]:
    """Give one verdict a rule, in the order of the rules.

    Raises IntegrityError when Great Expectations leaves a rule out: silence is no pass.
    """
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("pull").add_dataframe_asset("rows")
    suite = context.suites.add(gx.ExpectationSuite(name="suite", expectations=[r.expectation for r in rules]))
    run = context.validation_definitions.add(
        gx.ValidationDefinition(name="run", data=asset.add_batch_definition_whole_dataframe("all"), suite=suite)
    ).run(
        batch_parameters={"dataframe": rows},
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["_row"]},
    )
    by_name = {result["expectation_config"]["meta"]["rule"]: result for result in _plain_results(run)}
    missing = [r.name for r in rules if r.name not in by_name]
    if missing or len(by_name) != len(rules):
        raise IntegrityError(
            f"no result for {', '.join(missing) or 'rules of the same name'}",
            where="checks",
            todo="give every rule of a suite its own name",
        )
    return tuple(_verdict(r, by_name[r.name]) for r in rules)


def _plain_results(run: Any) -> list[dict[str, Any]]:
    # rather than run.to_json_dict(), which would spell out every bad cell: only row numbers and counts go on
    return [
        {
            "expectation_config": result.expectation_config.to_json_dict(),
            "success": bool(result.success),
            "result": result.result,
            "exception_info": result.exception_info or {},
        }
        for result in run.results
    ]


def _verdict(rule: Rule, result: Mapping[str, Any]) -> Verdict:
    raised = _raised(result["exception_info"])
    config = result["expectation_config"]
    held = result["result"]
    arguments = {k: v for k, v in config["kwargs"].items() if k != "batch_id"}
    counts = {k: _json_number(held[k]) for k in _COUNTS if k in held}
    if config["type"] in _OBSERVED:
        counts["observed_value"] = _json_number(held.get("observed_value"))
    return Verdict(
        rule=rule,
        success=result["success"],
        raised=raised,
        rows=tuple(sorted({int(entry["_row"]) for entry in held.get("unexpected_index_list") or ()})),
        plain={
            "rule": rule.name,
            "severity": rule.severity.value,
            "type": config["type"],
            "arguments": arguments,
            "success": result["success"] and not raised,
            "raised": raised,
            "result": counts,
        },
    )


def _raised(info: Mapping[str, Any]) -> str:
    """Give the kind of an error, without its message, which may quote a cell."""
    entries = [info] if "raised_exception" in info else [i for i in info.values() if isinstance(i, Mapping)]
    for entry in entries:
        if entry.get("raised_exception"):
            last = str(entry.get("exception_traceback") or "").strip().splitlines() or [""]
            return last[-1].split(":")[0].rsplit(".", maxsplit=1)[-1].strip() or "error"
    return ""


def _json_number(value: Any) -> int | float | str | None:
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, date):
        return value.isoformat()[:10]
    number = float(value)
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number
