"""What a plan must say of itself, without looking at any other file: ids, ranges, columns, denominators, links."""

from collections.abc import Iterator
from difflib import get_close_matches

from include.postmarket.detection.catalogue import NARRATIVES
from include.postmarket.model.batch import Source
from include.postmarket.model.finding import Finding, Weight
from include.postmarket.model.period import Cadence
from include.postmarket.model.plan import Counted, Indicator, Plan
from include.postmarket.model.tables import EXPOSURE, TABLES, Kind, Table
from include.postmarket.plans.ticket_content import ticket_findings

#: What a rate may be counted against: the figures of the exposure table.
DENOMINATORS = tuple(name for name, kind in EXPOSURE.columns.items() if kind is Kind.NUMBER)

Key = tuple[str | int, ...]


def content_findings(plan: Plan) -> tuple[Finding, ...]:
    """Give every fault and every warning of the plan's own content; ``key`` is the path within the plan."""
    found = [*_empty_texts(plan), *_plan_findings(plan), *ticket_findings(plan)]
    for position, indicator in enumerate(plan.indicators):
        found += _indicator_findings(indicator, ("indicators", position))
    return tuple(found)


def _empty_texts(plan: Plan) -> Iterator[Finding]:
    for name in ("id", "version", "title", "note", "owner", "requirements_file", "risk_file"):
        if not getattr(plan, name).strip():
            yield _error((name,), "must not be empty")
    for name in ("name", "family", "manufacturer"):
        if not getattr(plan.product, name).strip():
            yield _error(("product", name), "must not be empty")
    for name in ("project", "issue_type", "link_type"):
        if not getattr(plan.ticket, name).strip():
            yield _error(("ticket", name), "must not be empty: a signal has to reach the developers")


def _plan_findings(plan: Plan) -> Iterator[Finding]:
    if not 0 < plan.false_discovery_rate < 1:
        yield _error(("false_discovery_rate",), f"must lie between 0 and 1, is {plan.false_discovery_rate}")
    if not 0 <= plan.quarantine_limit <= 1:
        yield _error(("quarantine_limit",), f"is a share of rows from 0 to 1, is {plan.quarantine_limit}")
    if plan.alarm_budget is not None and not plan.alarm_budget > 0:
        yield _error(("alarm_budget",), f"is a number of false alarms a year above 0, is {plan.alarm_budget}")
    shares = [i.alarm_budget for i in plan.indicators if i.alarm_budget is not None]
    if plan.alarm_budget is not None and sum(shares) > plan.alarm_budget:
        wrong = f"is {plan.alarm_budget:g}, but its indicators may have {sum(shares):g} false alarms a year"
        yield _error(("alarm_budget",), wrong)
    if plan.cadence is not Cadence.MONTH:
        yield _error(
            ("cadence",), f"must be month: the schedules run months, and {plan.cadence.value}s would be miscounted"
        )
    if not plan.indicators:
        yield _error(("indicators",), "a plan watches at least one indicator (MDR Annex III 1.1(b))")
    if plan.baseline_start is None:
        yield _warning(("baseline_start",), "no first day of history is fixed: all data ever accepted count as history")
    first: dict[str, int] = {}
    for position, indicator in enumerate(plan.indicators):
        if first.setdefault(indicator.id, position) != position:
            wrong = f"indicator {indicator.id!r} stands twice: signals are told apart by it"
            yield _error(("indicators", position, "id"), wrong)


def _indicator_findings(indicator: Indicator, at: Key) -> Iterator[Finding]:
    for name in ("id", "title"):
        if not getattr(indicator, name).strip():
            yield _error((*at, name), "must not be empty")
    if not indicator.requirements:
        yield _warning((*at, "requirements"), "names no requirement: its tickets get the label no-requirement-found")
    if not indicator.risks:
        yield _error((*at, "risks"), "names no risk: a signal could not reach the risk file")
    if indicator.minimum_events < 0 or indicator.minimum_exposure < 0:
        yield _error((*at, "minimum_events"), "minimum_events and minimum_exposure must not be negative")
    if indicator.alarm_budget is not None and not indicator.alarm_budget > 0:
        yield _error((*at, "alarm_budget"), f"is a number of false alarms a year above 0, is {indicator.alarm_budget}")
    table = TABLES[indicator.source]
    yield from _column_findings(indicator, table, at)
    yield from _count_findings(indicator, at)
    yield from _denominator_findings(indicator, at)
    yield from _pair_findings(indicator, at)


def _column_findings(indicator: Indicator, table: Table, at: Key) -> Iterator[Finding]:
    named: list[tuple[Key, str]] = [((*at, "scope", column), column) for column in indicator.scope]
    named += [((*at, "severe", column), column) for column in indicator.severe]
    named += [
        ((*at, name), column)
        for name in ("subgroup_by", "product_by", "event_by")
        if (column := getattr(indicator, name)) is not None
    ]
    for key, column in named:
        yield from _text_column(column, table, key)
    for name, chosen in (("scope", indicator.scope), ("severe", indicator.severe)):
        for column, values in chosen.items():
            if not values or any(not value.strip() for value in values):
                yield _error((*at, name, column), "must list at least one value, and no empty one")
    for column in sorted(set(indicator.scope) & set(indicator.severe)):
        wrong = "stands in scope as well: severe events are told by another column among all events in scope"
        yield _error((*at, "severe", column), wrong)
    for position, column in enumerate(indicator.metrics):
        if table.columns.get(column) is not Kind.NUMBER:
            numbers = [name for name, kind in table.columns.items() if kind is Kind.NUMBER]
            wrong = (
                f"{column!r} is no measured number of {indicator.source.value}: {', '.join(numbers) or 'it has none'}"
            )
            yield _error((*at, "metrics", position), wrong)


def _text_column(column: str, table: Table, key: Key) -> Iterator[Finding]:
    usable = [name for name, kind in table.columns.items() if kind is Kind.TEXT and name not in table.inside]
    if column in usable:
        return
    if column in table.inside:
        yield _error(key, f"column {column!r} never leaves the lake: its values would show in series and tickets")
        return
    nearest = get_close_matches(column, usable, n=1)
    advice = f"did you mean {nearest[0]!r}?" if nearest else f"usable: {', '.join(usable)}"
    yield _error(key, f"table {table.source.value} has no text column {column!r}; {advice}")


def _count_findings(indicator: Indicator, at: Key) -> Iterator[Finding]:
    if indicator.count is not Counted.CASES:
        return
    apart = indicator.product_by or indicator.metrics or indicator.severe or indicator.method.name in NARRATIVES
    if indicator.source not in {Source.REPORTS, Source.COMPLAINTS} or apart:
        yield _error((*at, "count"), "cases are counted over time, of reports or complaints only")


def _denominator_findings(indicator: Indicator, at: Key) -> Iterator[Finding]:
    key = (*at, "denominator")
    if indicator.denominator is None:
        own_kind = indicator.severe or indicator.method.name in NARRATIVES
        divisible = not indicator.product_by and not own_kind
        if indicator.source is Source.COMPLAINTS and divisible:
            yield _warning(key, "counts of own complaints without a denominator are no rate (MDCG 2025-10)")
        if indicator.minimum_exposure > 0:
            yield _error((*at, "minimum_exposure"), "needs a denominator")
        return
    if indicator.denominator not in DENOMINATORS:
        yield _error(key, f"must be one of {', '.join(DENOMINATORS)}, is {indicator.denominator!r}")
    if indicator.source is not Source.COMPLAINTS:
        wrong = f"{indicator.source.value} have no exposure: only own complaints can be given as a rate"
        yield _error(key, wrong)
    if indicator.subgroup_by is not None and indicator.subgroup_by not in EXPOSURE.key:
        known = ", ".join(name for name in EXPOSURE.key if EXPOSURE.columns[name] is Kind.TEXT)
        wrong = f"exposure is not known by {indicator.subgroup_by!r}: a rate can be split by {known}"
        yield _error((*at, "subgroup_by"), wrong)


def _pair_findings(indicator: Indicator, at: Key) -> Iterator[Finding]:
    if (indicator.product_by is None) != (indicator.event_by is None):
        yield _error(at, "product_by and event_by stand together or not at all")
    if indicator.product_by is not None and indicator.subgroup_by is not None:
        yield _error((*at, "subgroup_by"), "pairs are compared with each other and have no subgroups")
    if indicator.product_by is not None and indicator.denominator is not None:
        yield _error((*at, "denominator"), "pairs are compared with each other, not with an exposure")
    if indicator.metrics and indicator.product_by is not None:
        yield _error((*at, "metrics"), "an indicator watches measurements or pairs, not both")


def _error(key: Key, message: str) -> Finding:
    return Finding(weight=Weight.ERROR, message=message, key=key)


def _warning(key: Key, message: str) -> Finding:
    return Finding(weight=Weight.WARNING, message=message, key=key)
