"""Suggested problem codes."""

import numpy as np
import pytest

from include.postmarket.detection.code_suggestion import CodeParameters, calibration_error, learn, suggest
from include.postmarket.detection.shapes import MethodInputError, Reason
from tests.unit.detection import complaint_texts


def _coded(seed: int, count: int, wrong: float = 0.0) -> tuple[list[str], list[str]]:
    """Give texts and codes; a share of the codes is wrong, as people disagree."""
    r = np.random.default_rng(seed)
    names = list(complaint_texts.FAULTS)
    texts = [text for i, code in enumerate(names) for text in complaint_texts.write(seed + i, code, count)]
    codes = [code for code in names for _ in range(count)]
    codes = [str(r.choice(names)) if r.random() < wrong else code for code in codes]
    return texts, codes


def test_code_of_a_new_narrative_is_suggested() -> None:
    """Narratives of four faults are told apart, best code first, and the probabilities of all codes sum to 1."""
    model = learn(*_coded(1, 30), CodeParameters())
    texts, codes = _coded(50, 10)
    found = suggest(model, texts, 4)

    assert np.mean([row[0] == code for row, code in zip(found.code, codes, strict=True)]) > 0.95
    assert (np.diff(found.probability, axis=1) <= 0).all()
    assert found.probability.sum(axis=1) == pytest.approx(1.0)


def test_probabilities_are_what_they_say_when_people_disagree() -> None:
    """With 40 % of the codes dealt at random, stated probabilities on new texts are within .08 of the share right."""
    model = learn(*_coded(2, 120, wrong=0.4), CodeParameters())
    texts, codes = _coded(70, 120, wrong=0.4)
    found = suggest(model, texts, 1)

    right = np.array([row[0] == code for row, code in zip(found.code, codes, strict=True)])
    assert calibration_error(found.probability[:, 0], right) < 0.08
    assert found.probability[:, 0].mean() == pytest.approx(right.mean(), abs=0.07)
    assert model.accuracy == pytest.approx(right.mean(), abs=0.08)
    assert model.calibration_error < 0.08


def test_codes_with_few_examples_are_named_and_left_out() -> None:
    """A code of four narratives is not learnt and the model says which."""
    texts, codes = _coded(3, 20)
    model = learn([*texts, *complaint_texts.write(9, "A16", 4)], [*codes, *["A99"] * 4], CodeParameters())

    assert model.left_out == ("A99",)
    assert "A99" not in model.codes


def test_narrative_without_a_known_word_gets_no_code() -> None:
    """A text of unknown words, or none, is not evaluated instead of guessed."""
    found = suggest(learn(*_coded(4, 20), CodeParameters()), ["zzz qqq", "", "battery empty"], 2)

    assert found.evaluated.tolist() == [False, False, True]
    assert found.reason.tolist() == [Reason.UNKNOWN_WORDS, Reason.UNKNOWN_WORDS, ""]
    assert found.code[0] == ()
    assert np.isnan(found.probability[:2]).all()


def test_two_codes_are_enough() -> None:
    """With two codes the probabilities still sum to 1 and point the right way."""
    texts = [*complaint_texts.write(1, "A07", 20), *complaint_texts.write(2, "A16", 20)]
    found = suggest(learn(texts, ["A07"] * 20 + ["A16"] * 20, CodeParameters()), ["battery empty power"], 5)

    assert found.code[0] == ("A07", "A16")
    assert found.probability.sum() == pytest.approx(1.0)


def test_order_of_examples_changes_nothing() -> None:
    """Shuffled examples give the same probabilities."""
    texts, codes = _coded(5, 20)
    order = np.random.default_rng(1).permutation(len(texts))
    straight = learn(texts, codes, CodeParameters())
    shuffled = learn([texts[i] for i in order], [codes[i] for i in order], CodeParameters())

    assert straight.temperature == shuffled.temperature
    assert np.array_equal(suggest(straight, texts, 2).probability, suggest(shuffled, texts, 2).probability)


def test_no_narratives_get_no_codes() -> None:
    """An empty batch passes through."""
    assert suggest(learn(*_coded(6, 20), CodeParameters()), [], 3).code == []


def test_unusable_input_is_refused() -> None:
    """Unequal lengths, too few examples, text that is none and no code asked for are errors that quote no narrative."""
    texts, codes = _coded(7, 20)
    with pytest.raises(MethodInputError, match="one code per text"):
        learn(texts, codes[1:], CodeParameters())
    with pytest.raises(MethodInputError, match="code more narratives"):
        learn(texts[:20], codes[:20], CodeParameters())
    with pytest.raises(MethodInputError, match="row 0 is float"):
        learn([1.5, *texts[1:]], codes, CodeParameters())  # type: ignore[list-item]
    with pytest.raises(MethodInputError, match="one code or more"):
        suggest(learn(texts, codes, CodeParameters()), texts, 0)
