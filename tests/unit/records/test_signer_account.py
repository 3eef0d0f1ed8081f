"""What events of an account add up to, and when it may sign."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.postmarket.model.role import Role
from include.postmarket.records.passwords import hash_password, matches
from include.postmarket.records.risk_files import next_version
from include.postmarket.records.signer_account import (
    SignerEvent,
    SignerEventKind,
    SigningPolicy,
    account_of,
    why_not_sign,
)

NOW = datetime(2026, 4, 2, tzinfo=UTC)
POLICY = SigningPolicy()
ENROLLED = SignerEvent(
    user_id="anna", kind=SignerEventKind.ENROLLED, at=NOW, by="adam", reason="enrolled", printed_name="Anna"
)
FIRST = replace(ENROLLED, kind=SignerEventKind.FIRST_PASSWORD, secret="h1")
OWN = replace(ENROLLED, kind=SignerEventKind.OWN_PASSWORD, secret="h2")
FAILED = replace(ENROLLED, kind=SignerEventKind.FAILED)
RIGHT = replace(ENROLLED, kind=SignerEventKind.AUTHENTICATED)
UNLOCKED = replace(ENROLLED, kind=SignerEventKind.UNLOCKED)


def why_not(*events: SignerEvent, days: int = 1) -> str:
    """Say why the account of these events may not sign some days later."""
    return why_not_sign(account_of([ENROLLED, *events], POLICY), POLICY, NOW + timedelta(days=days))


def test_only_an_own_fresh_password_signs() -> None:
    """None, an administrator's, one's own, and one's own half a year later."""
    assert "no password" in why_not()
    assert "choose your own" in why_not(FIRST)
    assert why_not(FIRST, OWN) == ""
    assert "choose your own" in why_not(OWN, FIRST)
    assert why_not(OWN, days=180) == ""
    assert "older than 180 days" in why_not(OWN, days=181)


@given(st.lists(st.sampled_from([FAILED, RIGHT, UNLOCKED]), max_size=25))
def test_five_failures_in_a_row_lock_until_someone_unlocks(events: list[SignerEvent]) -> None:
    """Against a count by hand: a success ends the row, only an administrator ends the lock."""
    row, locked = 0, False
    for event in events:
        row = row + 1 if event is FAILED else 0
        locked = event is not UNLOCKED and (locked or row >= 5)

    assert locked == account_of([ENROLLED, OWN, *events], POLICY).locked


def test_roles_come_and_go_with_what_was_lent_of_them() -> None:
    """A role that is revoked takes its delegation along, another role's stays."""
    grants = [
        replace(ENROLLED, kind=SignerEventKind.GRANTED, role=role, training="T-1") for role in (Role.RISK, Role.OWNER)
    ]
    loans = [
        replace(ENROLLED, kind=SignerEventKind.DELEGATED, role=role, to_user="boris", until=NOW + timedelta(days=9))
        for role in (Role.RISK, Role.OWNER)
    ]
    revoked = replace(ENROLLED, kind=SignerEventKind.REVOKED, role=Role.RISK)
    account = account_of([ENROLLED, *grants, *loans, revoked], POLICY)

    assert account.roles == {Role.OWNER: "T-1"}
    assert [d.role for d in account.lent(NOW)] == [Role.OWNER]
    assert account.lent(NOW + timedelta(days=9)) == ()


def test_secrets_are_not_shown() -> None:
    """No hash of a password stands in what a log would print of an event or an account."""
    assert "h2" not in repr(OWN)
    assert "h2" not in repr(account_of([ENROLLED, OWN], POLICY))


def test_passwords_are_hashed_with_argon2id() -> None:
    """At least RFC 9106's second recommended option (64 MiB, three passes); salted; nobody's hash matches nothing."""
    made = hash_password("correct horse battery staple")

    assert made.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert made != hash_password("correct horse battery staple")
    assert matches(made, "correct horse battery staple")
    assert not matches(made, "correct horse battery stable")
    assert not matches("", "nobody's password")
    assert not matches("no hash at all", "x")


@pytest.mark.parametrize(
    ("version", "expected"),
    [("3", "4"), ("1.0", "1.1"), ("2.9", "2.10"), ("B", "B.1"), ("B.1", "B.2"), ("1.a", "1.a.1")],
)
def test_the_next_version_counts_the_last_number_on(version: str, expected: str) -> None:
    """Numbers count on, names get a first number."""
    assert expected == next_version(version)
