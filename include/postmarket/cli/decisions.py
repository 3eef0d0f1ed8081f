"""The commands of people: decide, sign, withdraw, and see what waits for whom."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from include.postmarket.cli.asking import ask_person
from include.postmarket.cli.site import house
from include.postmarket.model.errors import InputError
from include.postmarket.model.signal import SignalState
from include.postmarket.model.signature import Meaning, Subject
from include.postmarket.records.decisions import Signed, Withdrawal
from include.postmarket.records.signer_account import ACCOUNTABILITY
from include.postmarket.risk.assessment import QUESTIONS
from include.postmarket.risk.decision import Answer, Decision, Verdict
from include.postmarket.steps import carrying_out, deciding, signing
from include.postmarket.steps.needed import missing
from include.postmarket.steps.people import proven_alone

app = typer.Typer(help="Decide about plans, signals and risk updates; see what waits for whom.", no_args_is_help=True)
out = Console(soft_wrap=True, highlight=False)

Who = Annotated[str, typer.Option("--as", help="Id of the signer who decides; the password is asked for.")]


@app.command("waiting")
def waiting() -> None:
    """List the decisions that are not in force, with the signatures they miss or what stands in the way."""
    table = Table(box=None, pad_edge=False)
    for heading in ("what", "version", "decided by", "waits for"):
        table.add_column(heading, overflow="fold")  # an id is never cut
    for found in carrying_out.waiting(house()):
        decision = found.signed.decision
        lacking = ", ".join(f"{n.meaning} by {n.role}" for n in found.missing) or found.obstacle
        table.add_row(f"{decision.subject} {decision.subject_id}", f"{decision.version}", decision.user_id, lacking)
    out.print(table if table.row_count else "nothing waits for a signature")


@app.command("show")
def show(
    subject: Annotated[Subject, typer.Argument(help="What it is about.")],
    subject_id: Annotated[str, typer.Argument(help="Its id.")],
) -> None:
    """Show every version of a decision with the signatures on it, as they have to be read (21 CFR 11.50(b))."""
    versions = house().decisions.versions(subject, subject_id)
    if not versions:
        raise InputError(f"nothing was decided about {subject} {subject_id}", where="decisions", todo="decide first")
    for signed in versions:
        _show(signed)


@app.command("signal")
def decide_signal(
    signal: Annotated[str, typer.Argument(help="Id of the signal.")],
    to: Annotated[SignalState, typer.Option(help="State it should go to.")],
    reason: Annotated[str, typer.Option(help="Why; it stays on record.")],
    who: Who,
    code: Annotated[str, typer.Option(help="Coded answer, where the move has a list of them.")] = "",
) -> None:
    """Move a signal along its lifecycle; a move that has to be signed waits for the signatures."""
    move = deciding.Move(signal_id=signal, target=to, reason=reason, code=code)
    written = deciding.move_signal(house(), ask_person(who), move, datetime.now(UTC))
    if written is None:
        out.print(f"{signal} is {to}")
    else:
        _say_next(written)


@app.command("risk")
def decide_risk(
    update: Annotated[str, typer.Argument(help="Id of the risk update.")],
    decision: Annotated[Decision, typer.Option(help="What follows (ISO 14971:2019 10.4).")],
    rationale: Annotated[str, typer.Option(help="Why; it stays on record.")],
    who: Who,
    answer: Annotated[list[str], typer.Option(help="An answer to each question of 10.3, as new_hazard=no.")],
) -> None:
    """Answer the four questions of ISO 14971 10.3 for a drafted risk update and decide what follows."""
    verdict = Verdict(answers=_answers(answer), decision=decision, rationale=rationale)
    _say_next(deciding.decide_risk_update(house(), ask_person(who), update, verdict, datetime.now(UTC)))


@app.command("plan")
def decide_plan(plan: Annotated[str, typer.Argument(help="Id of the plan.")], who: Who) -> None:
    """Put the plan as it is loaded before those who release it."""
    _say_next(deciding.propose_plan(house(), ask_person(who), plan, datetime.now(UTC)))


def sign(
    subject: Annotated[Subject, typer.Argument(help="What is signed.")],
    subject_id: Annotated[str, typer.Argument(help="Its id.")],
    version: Annotated[int, typer.Option(help="The version that you have read (`decide show`).")],
    meaning: Annotated[Meaning, typer.Option(help="What the signature says.")],
    who: Who,
    zone: Annotated[str, typer.Option(help="Time zone you are in, as Europe/Berlin.")] = "UTC",
) -> None:
    """Sign one version of a decision; what is complete then is carried out at once."""
    opened = house()
    out.print(f"Accountability, version {opened.signers.policy.version}: {ACCOUNTABILITY}")
    request = signing.Request(subject=subject, subject_id=subject_id, version=version, meaning=meaning, zone=zone)
    made = signing.sign(opened, ask_person(who), request, datetime.now(UTC))
    account = opened.signers.account(who)
    if account is not None and made.role in account.roles and not account.roles[made.role]:
        out.print(f"note: no training record is named for {who} as {made.role} (21 CFR 11.10(i))")
    found = opened.decisions.latest(subject, subject_id)
    if found is not None:
        _say_next(found)


@app.command("withdraw")
def withdraw(
    signature: Annotated[str, typer.Argument(help="Id of the signature, as `decide show` gives it.")],
    reason: Annotated[str, typer.Option(help="Why; it stays on record.")],
    who: Who,
) -> None:
    """Take back one's own signature; it stays on record and no longer counts. What it led to stays as it is."""
    opened, now = house(), datetime.now(UTC)
    person = proven_alone(opened, ask_person(who), now)
    if opened.decisions.signer_of(signature) != person:
        raise InputError("that signature is not yours", where="decisions", todo="its owner has to withdraw it")
    opened.decisions.withdraw(Withdrawal(signature_id=signature, at=now, by=person, reason=reason))
    out.print("the signature is withdrawn")


def _answers(given: list[str]) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for text in given:
        question, _, word = text.partition("=")
        if word not in set(Answer):
            raise InputError(
                f"{text!r} is no answer",
                where="option --answer",
                todo=f"give {' '.join(f'--answer {q}=yes|no|undetermined' for q in QUESTIONS)}",
            )
        found[question] = Answer(word)
    return found


def _say_next(signed: Signed) -> None:
    decision, lacking = signed.decision, missing(signed)
    out.print(f"{decision.subject} {decision.subject_id}, version {decision.version} (sha256 {decision.sha256[:16]})")
    for needed in lacking:
        out.print(
            f"  waits for {needed.meaning} by {needed.role}: python -m include.postmarket sign {decision.subject} "
            f"{decision.subject_id} --version {decision.version} --meaning {needed.meaning} --as ID"
        )
    if not lacking:
        out.print("  every signature is there")


def _show(signed: Signed) -> None:
    decision = signed.decision
    out.print(
        f"{decision.subject} {decision.subject_id}, version {decision.version}, decided by {decision.user_id} on "
        f"{decision.at:%Y-%m-%d %H:%M:%S} UTC, sha256 {decision.sha256}"
    )
    gone = {w.signature_id: w for w in signed.withdrawn}
    for s in signed.signatures:
        right = f" for {s.for_user}" if s.for_user else ""
        state = f"WITHDRAWN: {gone[s.id].reason}" if s.id in gone else "valid" if s in signed.valid else "VOID"
        out.print(
            f"  {s.meaning} by {s.printed_name} ({s.user_id}, as {s.role}{right}) on {s.at:%Y-%m-%d %H:%M:%S} UTC, "
            f"zone {s.zone}; {state}; id {s.id}"
        )
    for needed in missing(signed):
        out.print(f"  waits for {needed.meaning} by {needed.role}")
