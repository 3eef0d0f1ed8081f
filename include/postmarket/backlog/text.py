"""What a ticket says (pure): a signal, its plan and the chain requirement -> risk -> test become a TicketPlan.

The ticket shows the evidence as of filing and a link back; later numbers go into comments. Only facts that `outbound`
lists are used: no narrative, no record, no detail of a method, no sequence of events.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from include.postmarket.backlog.figures import chance, figure
from include.postmarket.backlog.outbound import SUMMARY_LIMIT
from include.postmarket.backlog.routing import Chain, routed
from include.postmarket.model.batch import Label
from include.postmarket.model.canonical import digest
from include.postmarket.model.effect import Effect, KeptEffect
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.plan import Indicator, Method, Plan, TicketPolicy
from include.postmarket.model.requirement import Requirement
from include.postmarket.model.risk import RiskFile, RiskItem
from include.postmarket.model.signal import Detection, Priority, Signal
from include.postmarket.model.ticket import CommentPlan, LedgerEntry, TicketPlan, TicketText

QUOTE_LIMIT = 240  # characters of a requirement's or a hazard's text that a ticket quotes
NO_RATE = "none: this is a reporting count, not a rate"

#: The label of tickets whose signal names no requirement that the register knows: the queue that a person traces.
UNTRACEABLE = "no-requirement-found"

#: Jira's own names of priorities; a site that renamed them files without one (`filing`).
_PRIORITIES = {Priority.HIGH: "High", Priority.MEDIUM: "Medium", Priority.LOW: "Low"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the signal page adds: how far the data behind the number may be trusted, and where to see them."""

    labels: frozenset[Label]
    page: str  # address of the signal's page


def dedupe_key(signal: Signal) -> str:
    """Give the identity of a signal's ticket, 32 hex characters: fingerprint and epoch, never wording or counts."""
    return digest(["ticket", signal.fingerprint, signal.epoch])[:32]


def plan_ticket(signal: Signal, plan: Plan, chain: Chain, evidence: Evidence) -> TicketPlan:
    """Give the ticket that a signal asks for; the same arguments give the same bytes.

    Raises ConfigurationError when the plan has no such indicator or nothing says how far the data may be trusted.
    """
    if not evidence.labels:
        raise ConfigurationError(
            "nothing says whether the data are real, reconstructed or simulated",
            where=f"ticket of {signal.id}",
            todo="give the labels of the batches behind the signal",
        )
    indicator = _indicator(signal, plan)
    requirements = tuple(found for found in chain.requirements if found.id in signal.requirements)
    route = routed(signal, plan.ticket, chain)
    return TicketPlan(
        dedupe_key=dedupe_key(signal),
        signal_id=signal.id,
        project=route.project,
        issue_type=route.issue_type,
        priority=priority_names(plan.ticket)[tuple(Priority).index(signal.priority)],
        labels=("pms", f"pms-{dedupe_key(signal)}", *route.labels, *(() if requirements else (UNTRACEABLE,))),
        components=route.components,
        fields=plan.ticket.fields,
        link_type=plan.ticket.link_type,
        requirement_issues=tuple(dict.fromkeys(found.issue for found in requirements if found.issue)),
        text=TicketText(
            summary=summary(signal),
            sections=(
                ("What was seen", _seen(signal, plan)),
                ("Requirement, risk and test", chain_lines(signal, chain)),
                ("What is asked", _asked(signal)),
            ),
            table=_table(signal, plan, indicator, evidence),
            link_back=evidence.page,
        ),
    )


def priority_names(policy: TicketPolicy) -> tuple[str, ...]:
    """Give the tracker's names of our priorities, in the order of `Priority`."""
    return tuple(policy.priorities.get(one.value, _PRIORITIES[one]) for one in Priority)


def succeed(ticket: TicketPlan, before: LedgerEntry) -> TicketPlan:
    """Give a ticket as the successor of an earlier one: with an identity of its own and a link to the old one.

    One successor for each ticket: the identity is made of the old one's.
    """
    key = digest(["ticket after", before.plan.dedupe_key])[:32]
    own, earlier = f"pms-{ticket.dedupe_key}", f"pms-{key}"
    labels = tuple(earlier if label == own else label for label in ticket.labels)
    return replace(ticket, dedupe_key=key, labels=labels, follows=before.issue_key)


def plan_comment(signal: Signal, detection: Detection, event: str, ticket: str = "") -> CommentPlan:
    """Give the comment that tells a filed ticket a later number; ``event`` is its identity.

    ``ticket`` is the dedupe key of the ticket it is for, where that is not the signal's first.
    """
    lines = (
        f"{detection.period}: {_compared(detection)}.",
        f"Alarm: {'yes' if detection.alarm else 'no'}." if detection.evaluated else "Not evaluated.",
        f"Plan {detection.plan_id}@{detection.plan_version}, method {detection.method}.",
    )
    return CommentPlan(event=event, signal_id=signal.id, dedupe_key=ticket or dedupe_key(signal), lines=lines)


def effect_comment(kept: KeptEffect) -> CommentPlan:
    """Give the comment that tells a ticket whether its fix is seen in the field."""
    result = kept.result
    span = f"{result.months} months from {result.since:%Y-%m} on"
    lines = [f"Effect of the fix, {span}: {result.effect.value} ({result.reason})."]
    if result.observed is not None and result.expected is not None:
        lines.append(f"{figure(result.observed)} observed, {figure(result.expected)} expected before the signal.")
    if result.ratio is not None and result.lower is not None and result.upper is not None:
        bounds = f"between {figure(result.lower)} and {figure(result.upper)}"
        lines.append(f"Ratio {figure(result.ratio)}, {bounds}.")
    lines.append(_PROPOSED[result.effect])
    return CommentPlan(
        event=digest(["effect", kept.dedupe_key, result.months])[:32],
        signal_id=kept.signal_id,
        dedupe_key=kept.dedupe_key,
        lines=tuple(lines),
    )


_PROPOSED = {
    Effect.EFFECTIVE: "It is proposed to close the signal; that waits for a signature.",
    Effect.NOT_EFFECTIVE: "The signal stays open, and the cause has to be looked for again.",
    Effect.NOT_EVALUATED: "It is tested again with the next month.",
}


def product_words(plan: Plan, chain: Chain) -> tuple[str, ...]:
    """Give the names that the plan itself fixes: codes that look like serial numbers but are not one unit's."""
    product = plan.product
    tests = (test.id for requirement in chain.requirements for test in requirement.tests)
    words = (
        product.name,
        product.family,
        product.manufacturer,
        *product.models,
        *product.udi_di,
        *product.fda_product_codes,
        *product.software_versions,
        *(requirement.id for requirement in chain.requirements),
        *(item.id for item in chain.risk_file.items),
        *tests,
    )
    return tuple(dict.fromkeys(words))


def summary(signal: Signal) -> str:
    """Give the ticket's title: one line of at most 255 characters, the signal's own title shortened if need be."""
    tail = f": {_compared(signal.opened_by)} ({signal.opened_by.period})"
    return shorten(signal.title, SUMMARY_LIMIT - len(tail)) + tail


def shorten(text: str, limit: int) -> str:
    """Give a text in one line and within a number of characters, cut between words and marked with an ellipsis."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    whole = cut.rsplit(" ", 1)[0] if " " in cut and line[limit - 1] != " " else cut
    return whole.rstrip() + "…"


def chain_lines(signal: Signal, chain: Chain) -> tuple[str, ...]:
    """Give requirement -> risk -> test with the last result, a line each; what is missing is said, not left out."""
    known = {requirement.id: requirement for requirement in chain.requirements}
    lines: list[str] = []
    for wanted in signal.requirements:
        if wanted in known:
            lines.extend(_requirement_lines(known[wanted], chain.risk_file))
        else:
            lines.append(f"{wanted}: not in the requirement register")
    if not signal.requirements:
        lines.append("No requirement found: the plan names none for this indicator, so the link has to be made by hand")
    told = {risk for wanted in signal.requirements if wanted in known for risk in known[wanted].risks}
    lines.extend(f"Also informs {_risk(risk, chain.risk_file)}" for risk in signal.risks if risk not in told)
    return tuple(lines)


def _requirement_lines(requirement: Requirement, risk_file: RiskFile) -> Iterable[str]:
    issue = f", {requirement.issue}" if requirement.issue else ", no issue in the tracker"
    yield f"{requirement.id} (version {requirement.version}{issue}): {shorten(requirement.text, QUOTE_LIMIT)}"
    for risk in requirement.risks:
        yield f"{requirement.id} -> {_risk(risk, risk_file)}"
    if not requirement.risks:
        yield f"{requirement.id} -> no risk item"
    for test in requirement.tests:
        when = f", {test.last_run}" if test.last_run else ""
        title = shorten(test.title, QUOTE_LIMIT)
        yield f"{requirement.id} -> {test.id}: {title} (last result: {test.last_result}{when})"
    if not requirement.tests:
        yield f"{requirement.id} -> no test"


def _risk(risk_id: str, risk_file: RiskFile) -> str:
    item = next((item for item in risk_file.items if item.id == risk_id), None)
    if item is None:
        return f"{risk_id}: not in risk file {risk_file.id} version {risk_file.version}"
    hazard, harm = shorten(item.hazard, QUOTE_LIMIT // 2), shorten(item.harm, QUOTE_LIMIT // 2)
    severity = f"severity {item.severity}, {_severity(item, risk_file)}"
    return f"{item.id}: {hazard} -> {harm} ({severity}; risk file version {risk_file.version})"


def _severity(item: RiskItem, risk_file: RiskFile) -> str:
    names = risk_file.matrix.severities
    return names[item.severity - 1] if 0 < item.severity <= len(names) else "not on the scale"


def _seen(signal: Signal, plan: Plan) -> tuple[str, ...]:
    kind = "Subgroup " + signal.subgroup if signal.subgroup else "All of the product"
    rate = "" if signal.opened_by.exposure is not None else " This is a reporting count, not a rate."
    lines = (
        f"{signal.title}: {_compared(signal.opened_by)} in {signal.opened_by.period}.{rate}",
        f"{kind}. Records behind the number: {len(signal.opened_by.record_ids):,}, listed on the signal page.",
    )
    return (*lines, shorten(plan.note, QUOTE_LIMIT)) if plan.note else lines


def _asked(signal: Signal) -> tuple[str, ...]:
    lines = ["Say whether the requirement still holds in the field, and what would bring the number back."]
    if signal.risks:
        risks = ", ".join(signal.risks)
        lines.append(f"Does the estimated probability of {risks} still hold (ISO 14971 clause 10)?")
    lines.append("Later numbers come as comments. Closing this ticket does not close the signal.")
    return tuple(lines)


def _compared(detection: Detection) -> str:
    parts = [f"{figure(detection.observed, detection.unit)} observed"]
    if detection.expected is not None:
        parts.append(f"{figure(detection.expected)} expected")
    if detection.limit is not None:
        parts.append(f"limit {figure(detection.limit)}")
    return ", ".join(parts)


def _table(signal: Signal, plan: Plan, indicator: Indicator, evidence: Evidence) -> tuple[tuple[str, str], ...]:
    seen, stamp = signal.opened_by, signal.stamp
    unit = indicator.denominator.replace("_", " ") if indicator.denominator else ""
    return (
        ("Product", shorten(plan.product.name, QUOTE_LIMIT)),
        ("Indicator", f"{signal.indicator_id}: {shorten(indicator.title, QUOTE_LIMIT)}"),
        ("Subgroup", signal.subgroup or "all"),
        ("Period", str(seen.period)),
        ("Observed", figure(seen.observed, seen.unit)),
        ("Expected", figure(seen.expected, seen.unit)),
        ("Limit", figure(seen.limit, seen.unit)),
        ("Exposure", NO_RATE if seen.exposure is None else figure(seen.exposure, unit)),
        ("Method", _method(seen.method, indicator.method)),
        ("p-value", chance(seen.p_value)),
        ("Adjusted p-value", chance(seen.adjusted_p)),
        ("Data", ", ".join(sorted(label.value for label in evidence.labels))),
        ("Priority", signal.priority.value),
        ("Signal", signal.id),
        ("Run", stamp.run_id),
        ("As of", stamp.as_of.isoformat()),
        ("Snapshot", stamp.snapshot),
        ("Plan", stamp.plan),
        ("Plan digest", stamp.plan_digest),
        ("Code", stamp.code),
    )


def _method(name: str, method: Method) -> str:
    if name != method.name or not method.parameters:
        return name
    return f"{name} ({', '.join(f'{key} = {value}' for key, value in sorted(method.parameters.items()))})"


def _indicator(signal: Signal, plan: Plan) -> Indicator:
    for indicator in plan.indicators:
        if indicator.id == signal.indicator_id:
            return indicator
    raise ConfigurationError(
        f"the plan has no indicator {signal.indicator_id!r}",
        where=f"plan {plan.id}@{plan.version}, ticket of {signal.id}",
        todo="give the plan version the signal was opened with",
    )
