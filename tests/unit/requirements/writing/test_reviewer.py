"""The port of the reviewer: a recorded answer, what does not fit refused, and a program that fails."""

import json
import sys
from dataclasses import dataclass, field

import pytest

from include.postmarket.model.errors import ConfigurationError, UnavailableError
from include.postmarket.model.register import Item, ItemKind
from include.postmarket.requirements.writing.reviewer import CommandReviewer, Proposal, review

ITEMS = (
    Item(id="R-1", text="The pump shall work well.", attributes=(("Owner", "Ann Example"),)),
    Item(id="R-2", text="Alarms", kind=ItemKind.HEADING),
)
FITTING = {"requirement": "R-1", "words": "work well", "reason": "no measure", "proposal": "run for at least 8 h"}
RECORDED = {
    "form": "postmarket-review-answer-1",
    "proposals": [
        FITTING,
        FITTING | {"words": "sing well"},
        FITTING | {"requirement": "R-2"},
        {"requirement": "R-1"},
        "nonsense",
    ],
}


@dataclass
class Recorded:
    """A reviewer that gives a recorded answer and keeps what it was asked."""

    recorded: str
    asked: list[str] = field(default_factory=list)

    def answer(self, request: str) -> str:
        """Give the recording."""
        self.asked.append(request)
        return self.recorded


def test_proposals_that_fit_and_others() -> None:
    """What speaks of words that stand in a requirement is a proposal; everything else is refused with its reason."""
    found = review(ITEMS, Recorded(json.dumps(RECORDED)))

    assert found.proposals == (Proposal(**FITTING),)
    assert found.refused == (
        "proposal 2: the words it means do not stand in R-1",
        "proposal 3: it speaks of a requirement that was not asked about",
        "proposal 4: it does not give requirement, words, reason, proposal as texts",
        "proposal 5: it does not give requirement, words, reason, proposal as texts",
    )


def test_only_ids_and_texts_go_out() -> None:
    """No attribute, heading or name leaves with the request."""
    reviewer = Recorded(json.dumps(RECORDED))

    review(ITEMS, reviewer)

    assert json.loads(reviewer.asked[0]) == {
        "form": "postmarket-review-request-1",
        "requirements": [{"id": "R-1", "text": "The pump shall work well."}],
    }


@pytest.mark.parametrize(
    "answer", ["", "[]", '{"form": "other", "proposals": []}', '{"form": "postmarket-review-answer-1"}']
)
def test_another_form_is_no_review(answer: str) -> None:
    """An empty or foreign answer is not 'nothing to say'."""
    with pytest.raises(UnavailableError, match="no postmarket-review-answer-1"):
        review(ITEMS, Recorded(answer))


def test_a_program_is_asked_and_may_fail() -> None:
    """The answer is what the program writes; a failing and a missing program are errors of the house."""
    answer = {"form": "postmarket-review-answer-1", "proposals": []}
    echo = f"import sys, json; json.load(sys.stdin); print(json.dumps({answer!r}))"
    assert review(ITEMS, CommandReviewer((sys.executable, "-c", echo))).proposals == ()
    with pytest.raises(UnavailableError, match="failed with 3"):
        review(ITEMS, CommandReviewer((sys.executable, "-c", "raise SystemExit(3)")))
    with pytest.raises(ConfigurationError, match="no such reviewer"):
        review(ITEMS, CommandReviewer(("/nowhere/at/all",)))
