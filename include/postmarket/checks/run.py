"""One validation run: rows in, every rule's result and every bad row with all its broken rules out."""

from collections import defaultdict
from collections.abc import Sequence

import pandas as pd

from include.postmarket.checks import complaints, exposure, performance, public_lists, reports
from include.postmarket.checks.codes import CodeList
from include.postmarket.checks.evidence import evidence_of
from include.postmarket.checks.result import CheckResult, History, Limits, RuleResult, Severity, Standing
from include.postmarket.checks.rules import PLACED, Asked, Rule
from include.postmarket.checks.usual import known_profiles, of_the_usual, profile
from include.postmarket.checks.validation import Verdict, validate
from include.postmarket.model.batch import Landing, Source
from include.postmarket.model.tables import TABLES


def check(rows: pd.DataFrame, landing: Landing, history: History, limits: Limits, codes: CodeList) -> CheckResult:
    """Give what the suite of the landing's source says of the rows of its pull (`lake.accept.Pull.rows`).

    ``history`` is what is known of earlier pulls: too few of them, and what is usual is not evaluated. A rule that
    raises is a result of its own and stops the batch; the other rules are evaluated all the same. Changes nothing in
    ``rows``.
    """
    asked = Asked(
        table=TABLES[landing.source],
        window=landing.window,
        pulled_on=landing.pulled_at.date(),
        history=history,
        limits=limits,
    )
    prepared, rules = _prepared(rows, asked, codes)
    rules += of_the_usual(asked, len(rows))
    verdicts = validate(prepared.reset_index(drop=True), rules)
    found = tuple(_result(v) for v in verdicts) + _not_evaluated(asked, len(rows))
    failed = _failed(verdicts)
    stopped = _why_stopped(found, len(failed), len(rows), limits)
    judged = CheckResult(rows=len(rows), rules=found, failed=failed, stopped=stopped, evidence={})
    return CheckResult(
        rows=len(rows),
        rules=found,
        failed=failed,
        stopped=stopped,
        evidence=evidence_of(judged, rows, asked, landing)
        | {"profile": profile(rows, asked.table), "expectations": [v.plain for v in verdicts]},
    )


def _prepared(rows: pd.DataFrame, asked: Asked, codes: CodeList) -> tuple[pd.DataFrame, list[Rule]]:
    placed = rows[asked.table.placed_by]
    known = rows.assign(**{PLACED: placed.where(placed <= pd.Timestamp(asked.pulled_on))})
    match asked.table.source:
        case Source.REPORTS:
            return known, reports.suite(asked)
        case Source.COMPLAINTS:
            return complaints.prepare(known), complaints.suite(asked, codes)
        case Source.EXPOSURE:
            return exposure.prepare(known), exposure.suite(asked)
        case Source.PERFORMANCE:
            return known, performance.suite(asked)
        case _:
            return known, public_lists.suite(asked)


def _result(verdict: Verdict) -> RuleResult:
    rule = verdict.rule
    standing, message = Standing.KEPT, ""
    if verdict.raised:
        standing, message = Standing.RAISED, f"the rule itself failed: {verdict.raised}"
    elif not verdict.success:
        standing, message = Standing.BROKEN, _said(verdict)
    return RuleResult(
        rule=rule.name, severity=rule.severity, standing=standing, rows=len(verdict.rows), message=message
    )


def _said(verdict: Verdict) -> str:
    if verdict.rows:
        return f"{len(verdict.rows)} row(s)"
    result, arguments = verdict.plain["result"], verdict.plain["arguments"]
    asked = ", ".join(f"{k} {v}" for k, v in arguments.items() if k.endswith("_value"))
    return f"observed {result.get('observed_value')}; asked {asked}" if asked else "the whole pull"


def _failed(verdicts: Sequence[Verdict]) -> dict[int, tuple[str, ...]]:
    failed: dict[int, list[str]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.rule.severity is Severity.QUARANTINE:
            for row in verdict.rows:
                failed[row].append(verdict.rule.name)
    return {row: tuple(names) for row, names in sorted(failed.items())}


def _not_evaluated(asked: Asked, rows: int) -> tuple[RuleResult, ...]:
    need = asked.limits.volume_history
    pulls, profiles = len(asked.history.per_day), len(known_profiles(asked))
    usual = f"{profiles} earlier pull(s), {need} needed to know what is usual" if profiles < need else "no row"
    missing = {"filled_as_usual": usual, "shares_as_usual": usual} if profiles < need or not rows else {}
    if pulls < need:
        missing["volume"] = f"{pulls} earlier pull(s), {need} needed to know what is usual"
    return tuple(
        RuleResult(
            rule=name,
            severity=asked.limits.volume if name == "volume" else Severity.WARN,
            standing=Standing.NOT_EVALUATED,
            rows=0,
            message=message,
        )
        for name, message in missing.items()
    )


def _why_stopped(found: Sequence[RuleResult], bad: int, rows: int, limits: Limits) -> str:
    reasons = [f"{r.rule} could not be evaluated ({r.message})" for r in found if r.standing is Standing.RAISED]
    reasons += [
        f"{r.rule} is broken ({r.message})"
        for r in found
        if r.standing is Standing.BROKEN
        and (r.severity is Severity.STOP or (r.severity is Severity.QUARANTINE and not r.rows))
    ]
    if bad > limits.quarantine_share * rows:
        reasons.append(
            f"{bad} of {rows} rows are bad ({bad / rows:.1%}), the plan allows {limits.quarantine_share:.1%} of a pull"
        )
    return "; ".join(reasons)
