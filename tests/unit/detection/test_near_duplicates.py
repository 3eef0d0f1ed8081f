"""Reports that say nearly the same."""

import numpy as np
import pytest

from include.postmarket.detection.near_duplicates import NearDuplicateParameters, detect
from include.postmarket.detection.shapes import MethodInputError, Reason
from tests.unit.detection import complaint_texts

ORIGINAL = "Pump stopped at three in the morning, the line was kinked behind the bed and nobody heard it."
EDITED = "PUMP STOPPED AT THREE IN THE MORNING; the line was kinked behind the bed, and nobody heard it (follow-up)."


def _others() -> list[str]:
    return [text for i, code in enumerate(complaint_texts.FAULTS) for text in complaint_texts.write(i, code, 15)]


def test_edited_copy_is_found() -> None:
    """A copy with other case, punctuation and a word more is one pair, in one group, and nothing else is."""
    texts = [ORIGINAL, *_others(), EDITED]
    found = detect(texts, np.zeros(len(texts), dtype=int), NearDuplicateParameters(minimum_similarity=0.85))

    assert list(zip(found.first, found.second, strict=True)) == [(0, 61)]
    assert found.similarity[0] > 0.85
    assert found.group[0] == found.group[61]
    assert len(np.unique(found.group)) == len(texts) - 1


def test_shared_boilerplate_does_not_make_duplicates() -> None:
    """A sentence that every report carries is worth little, so reports that share only that stay apart."""
    boilerplate = "This report is submitted under the regulation and is no admission that the device caused an event"
    texts = [f"{text}. {boilerplate}" for text in (ORIGINAL, *_others()[::6])]
    found = detect(texts, np.zeros(len(texts), dtype=int), NearDuplicateParameters())

    assert len(found.first) == 0


def test_only_reports_of_one_block_are_compared() -> None:
    """The same text about two products is two events."""
    found = detect([ORIGINAL, EDITED, ORIGINAL], [1, 2, 1], NearDuplicateParameters())

    assert list(zip(found.first, found.second, strict=True)) == [(0, 2)]
    assert found.similarity[0] == pytest.approx(1.0)


def test_chains_of_copies_are_one_group() -> None:
    """Three versions of one report share a group."""
    found = detect(
        [ORIGINAL, EDITED, f"{EDITED} again", *_others()], np.zeros(63, dtype=int), NearDuplicateParameters()
    )

    assert len(set(found.group[:3].tolist())) == 1


def test_short_texts_are_not_compared() -> None:
    """Two reports that say "no information" are not the same event: not evaluated, with the reason."""
    found = detect(["no information", "no information", ORIGINAL], [0, 0, 0], NearDuplicateParameters())

    assert found.evaluated.tolist() == [False, False, True]
    assert found.reason.tolist() == [Reason.SHORT_TEXT, Reason.SHORT_TEXT, ""]
    assert len(found.first) == 0


def test_order_of_reports_changes_only_their_numbers() -> None:
    """Reversed reports give the same pairs, turned round."""
    texts = [ORIGINAL, *_others()[:10], EDITED]
    straight = detect(texts, np.zeros(12, dtype=int), NearDuplicateParameters())
    turned = detect(texts[::-1], np.zeros(12, dtype=int), NearDuplicateParameters())

    pairs = {(int(a), int(b)) for a, b in zip(straight.first, straight.second, strict=True)}
    assert pairs == {(11 - int(b), 11 - int(a)) for a, b in zip(turned.first, turned.second, strict=True)}


@pytest.mark.parametrize("texts", [[], ["", ""]])
def test_nothing_to_compare_gives_no_pairs(texts: list[str]) -> None:
    """No reports, or none with a narrative, give no pairs."""
    found = detect(texts, np.zeros(len(texts), dtype=int), NearDuplicateParameters())

    assert (len(found.first), len(found.group)) == (0, len(texts))


def test_unusable_input_is_refused() -> None:
    """Blocks that are not parallel and a similarity above 1 are errors of the caller."""
    with pytest.raises(MethodInputError, match="one code per text"):
        detect([ORIGINAL], [0, 1], NearDuplicateParameters())
    with pytest.raises(MethodInputError, match="above 0"):
        detect([ORIGINAL], [0], NearDuplicateParameters(minimum_similarity=75))
