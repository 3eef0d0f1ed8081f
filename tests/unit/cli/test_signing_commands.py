"""Enrolment, decision and signature from the terminal, with passwords on standard input."""

import io
import sys
from dataclasses import replace

import pytest

from include.postmarket.steps.house import House
from tests.contract.signing.people import drafted
from tests.faults.loop.small_site import SmallSite
from tests.unit.cli.conftest import Done, Run, refused
from tests.unit.records import samples

pytestmark = pytest.mark.postgres
FIRST, OWN, ADMIN = "a first one to change", "four words of my own", "quite another sentence"


@pytest.fixture(name="typed")
def fixture_typed(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a way to run a command with lines on standard input, as a pipe gives them."""

    def typed(*words: str, lines: str = "") -> Done:
        monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
        return run(*words)

    return typed


def enrol(typed: Run, user: str, role: str) -> None:
    """Enrol a person who then chooses a password, and grant a role."""
    by = ("--as", "adam")
    done = [
        typed(
            "signers", "enrol", user, "--name", user.title(), "--proof", "passport", *by, lines=f"{ADMIN}\n{FIRST}\n"
        ),
        typed("signers", "password", user, lines=f"{FIRST}\n{OWN}\n"),
        typed("signers", "grant", user, role, *by, "--reason", "job", "--training", "T-1", lines=f"{ADMIN}\n"),
    ]
    assert [d.stderr for d in done] == ["", "", ""]


def test_from_the_first_administrator_to_a_signed_plan(typed: Run) -> None:
    """A new site: nobody, the first administrator, owner and approver, a plan decided, signed and released."""
    assert "no signer is enrolled" in typed("signers", "list").stdout
    typed("signers", "enrol", "adam", "--name", "Adam", "--proof", "passport", "--first", lines=f"{FIRST}\n")
    typed("signers", "password", "adam", lines=f"{FIRST}\n{ADMIN}\n")
    enrol(typed, "anna", "owner")
    enrol(typed, "boris", "quality_approver")
    decided = typed("decide", "plan", "bone-cement", "--as", "anna", lines=f"{OWN}\n")
    waits = " ".join(typed("decide", "waiting").stdout.split())
    words = ("sign", "plan", "bone-cement", "--version", "1")
    author = typed(*words, "--meaning", "authorship", "--as", "anna", lines=f"{OWN}\n")
    approved = typed(*words, "--meaning", "approval", "--as", "boris", "--zone", "Europe/Rome", lines=f"{OWN}\n")
    shown = typed("decide", "show", "plan", "bone-cement").stdout

    assert decided.returncode == 0, decided.stderr
    assert "waits for approval by quality_approver" in decided.stdout
    assert "authorship by owner, approval by quality_approver" in waits
    assert "legally binding equivalent" in author.stdout
    assert "every signature is there" in approved.stdout
    assert "approval by Boris (boris, as quality_approver)" in shown
    assert "zone Europe/Rome; valid" in shown
    assert "nothing waits" in typed("decide", "waiting").stdout


def test_what_may_not_be_is_refused(typed: Run) -> None:
    """A second first administrator, an administrator who would sign, a wrong password, no password at all."""
    first = ("signers", "enrol", "adam", "--name", "Adam", "--proof", "passport", "--first")
    typed(*first, lines=f"{FIRST}\n")
    typed("signers", "password", "adam", lines=f"{FIRST}\n{ADMIN}\n")
    again = ("signers", "enrol", "eve", "--name", "Eve", "--proof", "none", "--first")
    enrol(typed, "anna", "owner")
    by = ("--as", "adam", "--reason", "x")

    assert "has signers already" in refused(typed(*again, lines=f"{FIRST}\n"))
    assert "own account" in refused(typed("signers", "grant", "adam", "risk", *by, lines=f"{ADMIN}\n"))
    assert "cannot sign" in refused(typed("signers", "grant", "anna", "administrator", *by, lines=f"{ADMIN}\n"))
    assert "wrong" in refused(typed("signers", "unlock", "anna", *by, lines="guess\n"))
    assert "no password of adam was given" in refused(typed("signers", "unlock", "anna", *by))


def test_a_risk_update_is_decided_and_signed(typed: Run, small_site: SmallSite) -> None:
    """The answers of 10.3, the decision, two signatures: the risk file is at its next version."""
    house = small_site.house()
    update = put_update(house)
    typed("signers", "enrol", "adam", "--name", "Adam", "--proof", "passport", "--first", lines=f"{FIRST}\n")
    typed("signers", "password", "adam", lines=f"{FIRST}\n{ADMIN}\n")
    enrol(typed, "anna", "risk")
    enrol(typed, "boris", "quality_approver")
    answers = [
        w for q in ("new_hazard", "overall_residual_risk", "state_of_the_art_changed") for w in ("--answer", f"{q}=no")
    ]
    words = ("decide", "risk", update, "--decision", "estimate_updated", "--rationale", "The field.", "--as", "anna")
    few = refused(typed(*words, *answers, lines=f"{OWN}\n"))
    odd = refused(typed(*words, *answers, "--answer", "risk_no_longer_acceptable=maybe", lines=f"{OWN}\n"))
    typed(*words, *answers, "--answer", "risk_no_longer_acceptable=yes", lines=f"{OWN}\n")
    for user, meaning in (("anna", "authorship"), ("boris", "approval")):
        done = typed(
            "sign", "risk_update", update, "--version", "1", "--meaning", meaning, "--as", user, lines=f"{OWN}\n"
        )
        assert done.returncode == 0, done.stderr

    assert "risk_no_longer_acceptable is not answered" in few
    assert "is no answer" in odd
    assert house.risk_file("infusion-pump").version != house.dossier("infusion-pump").risk_file.version


def put_update(house: House) -> str:
    """Put a signal of the pump and its drafted update on record; gives the update's id."""
    stamp = replace(samples.STAMP, plan="infusion-pump@1.0")
    signal = replace(
        samples.signal(), plan_id="infusion-pump", requirements=("IP-REQ-001",), risks=("IP-R01",), stamp=stamp
    )
    house.signals.open([signal], samples.NOW)
    update = drafted(house, signal)
    house.risk_updates.propose([update], samples.NOW)
    return update.id
