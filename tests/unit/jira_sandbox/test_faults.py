"""Which requests a rule strikes, and how often."""

import pytest

from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.faults import RULE_LIMIT, FaultBook, FaultKind


def test_strikes_as_often_as_told() -> None:
    """A rule strikes once unless told otherwise, and is gone when it is used up."""
    book = FaultBook()
    book.add({"match": "POST /a", "fault": "slow"})
    book.add({"match": "POST /a", "fault": "error_after", "times": 2})
    drawn = [book.draw("POST", "/a") for _ in range(4)]

    assert [rule and rule.kind for rule in drawn] == [
        FaultKind.SLOW,
        FaultKind.ERROR_AFTER,
        FaultKind.ERROR_AFTER,
        None,
    ]
    assert book.rules() == []


def test_strikes_only_what_it_names() -> None:
    """Method and path must both fit the expression."""
    book = FaultBook()
    book.add({"match": "^POST /rest/api/[23]/issue$", "fault": "lost_answer"})

    assert book.draw("GET", "/rest/api/3/issue") is None
    assert book.draw("POST", "/rest/api/3/issue/PMS-1/comment") is None
    assert book.draw("POST", "/rest/api/2/issue") is not None


def test_probability_with_seed() -> None:
    """A probability goes on for ever, strikes about as often as it says, and the same requests for the same seed."""
    runs = []
    for _ in range(2):
        book = FaultBook()
        book.add({"match": ".", "fault": "slow", "probability": 0.25, "seed": 11})
        runs.append([book.draw("GET", "/") is not None for _ in range(2_000)])

    assert runs[0] == runs[1]
    # Three standard deviations of a binomial count: sqrt(2000 * 0.25 * 0.75) is 19.4.
    assert 500 - 58 <= sum(runs[0]) <= 500 + 58


def test_has_room_for_a_thousand() -> None:
    """The book takes 1,000 rules and no more."""
    book = FaultBook()
    for _ in range(RULE_LIMIT):
        book.add({"match": "x", "fault": "slow"})

    with pytest.raises(RefusedError):
        book.add({"match": "x", "fault": "slow"})
