"""How narratives become terms."""

import pytest

from include.postmarket.detection.narratives import check_texts, telling_analyzer, weighted_terms
from include.postmarket.detection.shapes import MethodInputError


def test_terms_are_words_without_digits() -> None:
    """Letters of any language make words; digits, dates and serial numbers do not."""
    analyze = weighted_terms(longest=1, fewest_reports=1).build_analyzer()

    assert analyze("Gerät öffnet nicht, SN EPX70411, 2026-01-05") == ["gerät", "öffnet", "nicht", "sn"]


def test_terms_do_not_begin_or_end_with_a_function_word() -> None:
    """Terms like "the pump" and "pump was" go, "switched off" and "out of order" stay: they carry the fault."""
    analyze = telling_analyzer(lambda text: text.split("|"))

    assert analyze("the pump|pump was|switched off|out of order|of|no sound") == [
        "switched off",
        "out of order",
        "no sound",
    ]


def test_rare_terms_are_left_to_the_caller() -> None:
    """A term of one report is not learnt where two are asked for."""
    terms = weighted_terms(longest=1, fewest_reports=2).fit(["pump stopped", "pump leaked"])

    assert terms.get_feature_names_out().tolist() == ["pump"]


def test_missing_text_names_its_row_and_quotes_nothing() -> None:
    """The message holds the place and the type, never a narrative."""
    with pytest.raises(MethodInputError, match="current row 1 is int, no text") as caught:
        check_texts("current", ["Marlies called", 5])  # type: ignore[list-item]

    assert "Marlies" not in str(caught.value)
