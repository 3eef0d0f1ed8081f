"""Instances of the model as the records hold them: small, complete and all different."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from include.postmarket.model.batch import Label, Landing, Media, Outcome, RuleCount, Source, Window
from include.postmarket.model.effect import Effect, EffectResult, KeptEffect
from include.postmarket.model.period import Period
from include.postmarket.model.power import IndicatorPower, PlanPower, Rise, RiskSight, Seen, SeriesPower
from include.postmarket.model.quarantine import Change, Decision, Grounds, Verdict
from include.postmarket.model.requirement import Requirement, Verification
from include.postmarket.model.risk import Acceptability, Matrix, RiskFile, RiskItem, RiskUpdate
from include.postmarket.model.role import Role
from include.postmarket.model.signal import Detection, Priority, Signal
from include.postmarket.model.signature import Decision as SignedDecision
from include.postmarket.model.signature import Meaning, Signature, Subject
from include.postmarket.model.stamp import Stamp
from include.postmarket.model.ticket import (
    CommentPlan,
    KeptStanding,
    RejectionDecision,
    TicketPhase,
    TicketPlan,
    TicketStanding,
    TicketText,
)
from include.postmarket.records.signers import Enrolment

NOW = datetime(2026, 4, 2, 3, 4, 5, 678901, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
SITE = "https://jira.example"
STAMP = Stamp(
    run_id="detect-2026-03", as_of=date(2026, 4, 1), snapshot="5" * 64, plan="pump@1.0", plan_digest="a", code="b"
)


def outcome(sha256: str = "0" * 64, source: Source = Source.COMPLAINTS) -> Outcome:
    """Give an outcome of ten rows; the hash of the bytes tells batches apart."""
    landing = Landing(
        source=source,
        window=Window(date(2026, 3, 1), date(2026, 4, 1)),
        sha256=sha256,
        size=1234,
        media=Media.CSV,
        origin="complaints.csv",
        label=Label.SIMULATED,
        pulled_at=NOW,
    )
    return Outcome(
        landing=landing,
        pulled=10,
        accepted=7,
        quarantined=2,
        superseded=1,
        rules=(RuleCount(rule="received_is_a_date", rows=2),),
        stopped="",
        evidence="e" * 64,
    )


def decision() -> Decision:
    """Give a repair of a row of `outcome`, which became another batch."""
    return Decision(
        batch=outcome().landing.batch,
        verdict=Verdict.REPAIR,
        rows=(3,),
        changes=(Change(row=3, column="received", old=None, new="2026-03-09"),),
        grounds=Grounds(by="E. Engineer", reason="seen in the log", at=NOW),
        became=outcome("2" * 64).landing.batch,
        document="d" * 64,
    )


def power() -> PlanPower:
    """Give the power of a plan with one indicator of two series, of which one is not known."""
    seen = SeriesPower(
        subgroup="",
        expected=12.5,
        exposure=1e5,
        dispersion=1.2,
        false_alarms=0.25,
        error=0.01,
        in_alarm=0.02,
        rises=(
            Rise(within=4, seen=Seen.BEYOND),
            Rise(within=8, seen=Seen.RISE, ratio=2.5, error=0.03),
            Rise(within=13, seen=Seen.RISE, ratio=2.0, error=0.02),
        ),
    )
    sight = RiskSight(risk_id="R-1", sees=False, becomes="unacceptable", rate=1e-4, of_assumed=1.7, needed=1.6)
    indicator = IndicatorPower(
        indicator_id="I",
        method="rate_change",
        unit="device days",
        assumes=1.0,
        budget=0.2,
        false_alarms=0.25,
        error=0.01,
        reason="",
        series=(seen, SeriesPower(subgroup="model=B", reason="history too short")),
        sights=(sight,),
    )
    return PlanPower(plan_id="pump", period=Period(date(2026, 3, 1)), stamp=STAMP, budget=None, indicators=(indicator,))


def detection(subgroup: str = "", observed: float | None = 12.0, month: int = 3) -> Detection:
    """Give an alarm with numbers that JSON types like to bend: 1e22, 0.1 + 0.2, the smallest float."""
    return Detection(
        plan_id="pump",
        plan_version="1.0",
        indicator_id="battery",
        subgroup=subgroup,
        period=Period(date(2026, month, 1)),
        method="poisson_rate",
        unit="events",
        evaluated=observed is not None,
        reason="" if observed is not None else "no exposure",
        observed=observed,
        expected=0.1 + 0.2,
        limit=5e-324,
        exposure=1e22,
        statistic=-0.0,
        p_value=None,
        adjusted_p=None,
        alarm=observed is not None,
        record_ids=("C-1", "C-2"),
        details={"z": "last", "a": "Größe ≥ 3"},
    )


def signal(subgroup: str = "", epoch: int = 1) -> Signal:
    """Give a signal opened by `detection`."""
    opened_by = detection(subgroup)
    return Signal(
        fingerprint=opened_by.fingerprint,
        epoch=epoch,
        plan_id="pump",
        indicator_id="battery",
        title="Battery",
        subgroup=subgroup,
        priority=Priority.HIGH,
        requirements=("REQ-1",),
        risks=("RISK-1",),
        opened_by=opened_by,
        stamp=STAMP,
    )


def ticket_plan(number: int = 1) -> TicketPlan:
    """Give a plan of a ticket."""
    return TicketPlan(
        dedupe_key=f"{number:032x}",
        signal_id=signal().id,
        project="PUMP",
        issue_type="Bug",
        priority="High",
        labels=("pms",),
        link_type="Relates",
        requirement_issues=("PUMP-1",),
        text=TicketText(
            summary="Battery",
            sections=(("What", ("one", "two")), ("Empty", ())),
            table=(("observed", "12"),),
            link_back="http://127.0.0.1/signals/1",
        ),
    )


def comment_plan(event: str = "event-1") -> CommentPlan:
    """Give a plan of a comment."""
    return CommentPlan(event=event, signal_id=signal().id, dedupe_key=f"{1:032x}", lines=("observed 14",))


def risk_item(p1: float = 1e-6) -> RiskItem:
    """Give a risk item; a whole number in a float field stays one."""
    return RiskItem(
        id="RISK-1",
        hazard="energy",
        sequence_of_events="battery ages",
        hazardous_situation="pump stops",
        harm="under-infusion",
        severity=4,
        p1=p1,
        p2=0.1,
        prior_exposure=1000,
        exposure_unit="device_day",
        controls=("REQ-1",),
    )


def risk_file(version: str = "1", p1: float = 1e-6) -> RiskFile:
    """Give a risk file of one item and a two by two matrix."""
    matrix = Matrix(
        id="matrix",
        per="device_day",
        severities=("minor", "serious"),
        bands=(0.0, 1e-5),
        cells=(
            (Acceptability.ACCEPTABLE, Acceptability.INVESTIGATE),
            (Acceptability.INVESTIGATE, Acceptability.UNACCEPTABLE),
        ),
    )
    return RiskFile(id="pump-risk", version=version, matrix=matrix, items=(risk_item(p1),))


def risk_update(risk_id: str = "RISK-1") -> RiskUpdate:
    """Give a proposed update with a nested record."""
    return RiskUpdate(
        id=f"RU-{risk_id}",
        signal_id=signal().id,
        risk_id=risk_id,
        estimable=True,
        reason="",
        record={"before": {"p1": 1e-06}, "after": {"p1": 2.5e-06}, "questions": [None, "undetermined"], "n": 3},
        stamp=STAMP,
    )


def requirement(text: str = "The pump runs for 8 h.") -> Requirement:
    """Give a requirement with a test."""
    test = Verification(id="TEST-1", title="discharge", last_result="pass", last_run="2026-01-01")
    return Requirement(id="REQ-1", version="3", text=text, issue="PUMP-1", risks=("RISK-1",), tests=(test,))


def other_stamp(run_id: str) -> Stamp:
    """Give the stamp of another run."""
    return replace(STAMP, run_id=run_id)


def enrolment() -> Enrolment:
    """Give the enrolment of a signer."""
    return Enrolment(
        user_id="anna",
        printed_name="Dr. Anna Example",
        identity_proof="passport",
        first_password="a first password to change",
    )


def decision_to_sign() -> SignedDecision:
    """Give the first decision about a risk update, before it has its number."""
    return SignedDecision(
        subject=Subject.RISK_UPDATE, subject_id="RU-1", version=0, user_id="anna", at=NOW, content={"p1": 1e-6}
    )


def signature(decided: SignedDecision) -> Signature:
    """Give the author's signature under a decision."""
    return Signature(
        subject=decided.subject,
        subject_id=decided.subject_id,
        version=decided.version,
        record_sha256=decided.sha256,
        user_id="anna",
        printed_name="Dr. Anna Example",
        at=LATER + timedelta(days=1),
        zone="UTC",
        meaning=Meaning.AUTHORSHIP,
        role=Role.RISK,
        for_user="",
        policy="1",
    )


def standing() -> KeptStanding:
    """Give where the ticket stands."""
    plan = ticket_plan()
    return KeptStanding(
        site=SITE,
        dedupe_key=plan.dedupe_key,
        signal_id=plan.signal_id,
        at=NOW,
        standing=TicketStanding(
            key="PUMP-2",
            status="To Do",
            category="new",
            resolution="",
            fix_versions=("4.3",),
            labelled=True,
            phase=TicketPhase.OPEN,
        ),
    )


def rejection_decision() -> RejectionDecision:
    """Give a person's decision about the ticket."""
    plan = ticket_plan()
    return RejectionDecision(
        site=SITE, dedupe_key=plan.dedupe_key, signal_id=plan.signal_id, by="A. Lead", reason="known", at=NOW
    )


def effect() -> KeptEffect:
    """Give what the field said of the ticket's fix."""
    plan = ticket_plan()
    result = EffectResult(
        effect=Effect.EFFECTIVE,
        reason="ratio 0.8 is within 1",
        since=date(2026, 7, 1),
        months=3,
        observed=10.0,
        expected=12.5,
        ratio=0.8,
        lower=0.38,
        upper=1.47,
    )
    return KeptEffect(site=SITE, dedupe_key=plan.dedupe_key, signal_id=plan.signal_id, at=NOW, result=result)
