"""Benjamini-Hochberg: R's numbers, missing tests, ties and bad input."""

import numpy as np
import pytest

from include.postmarket.detection.multiplicity import benjamini_hochberg, holds_in_family
from include.postmarket.detection.shapes import MethodInputError


def test_adjusted_values_match_r() -> None:
    """R: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05, 0.5), "BH") is 0.06 five times, then 0.5."""
    rejected, adjusted = benjamini_hochberg([0.05, 0.01, 0.5, 0.03, 0.02, 0.04], 0.05)

    assert adjusted == pytest.approx([0.06, 0.06, 0.5, 0.06, 0.06, 0.06], rel=1e-12)
    assert not rejected.any()


def test_step_up_rejects_everything_below_the_last_that_passes() -> None:
    """A p-value above its own line is rejected when a larger one passes: that is the step up."""
    rejected, _ = benjamini_hochberg([0.030, 0.031, 0.9], 0.05)

    assert rejected.tolist() == [True, True, False]


def test_test_not_made_counts_for_nothing() -> None:
    """Nan is neither rejected nor counted: the others come out as without it."""
    rejected, adjusted = benjamini_hochberg([np.nan, 0.01, np.nan, 0.04], 0.05)
    _, alone = benjamini_hochberg([0.01, 0.04], 0.05)

    assert rejected.tolist() == [False, True, False, True]
    assert np.isnan(adjusted[[0, 2]]).all()
    assert alone.tolist() == adjusted[[1, 3]].tolist()


def test_no_test_at_all() -> None:
    """An empty family and a family of nan reject nothing."""
    for p_values in ([], [np.nan, np.nan]):
        rejected, adjusted = benjamini_hochberg(p_values, 0.1)

        assert not rejected.any()
        assert adjusted.shape == (len(p_values),)


def test_keeps_shape_and_order() -> None:
    """A table of p-values comes back as a table, each value at its place."""
    p_values = np.array([[0.2, 0.001], [0.8, 0.01]])
    rejected, adjusted = benjamini_hochberg(p_values, 0.05)

    assert rejected.tolist() == [[False, True], [False, True]]
    assert adjusted.shape == (2, 2)


def test_false_share_is_held_under_the_null() -> None:
    """With 2,000 families of 20 true nulls, families with any rejection stay near q (within 4 standard errors)."""
    p_values = np.random.default_rng(2).uniform(size=(2000, 20))
    share = np.mean([benjamini_hochberg(family, 0.1)[0].any() for family in p_values])

    assert share < 0.1 + 4 * np.sqrt(0.1 * 0.9 / 2000)


@pytest.mark.parametrize(("p_values", "q"), [([1.1], 0.1), ([-0.1], 0.1), ([0.5], 0.0), ([0.5], 1.5)])
def test_no_probability_is_refused(p_values: list[float], q: float) -> None:
    """P-values outside [0, 1] and q outside (0, 1] raise."""
    with pytest.raises(MethodInputError, match="benjamini_hochberg"):
        benjamini_hochberg(p_values, q)


def test_families_side_by_side_are_judged_as_one_after_the_other() -> None:
    """Each p-value of 300 families holds exactly where the step-up of its own family rejects it; nan is no test."""
    generator = np.random.default_rng(8)
    families = generator.beta(0.4, 3.0, size=(300, 6)) / 4
    families[generator.random(families.shape) < 0.2] = np.nan
    for place in range(6):
        own = families[:, place]
        others = np.delete(families, place, axis=1)
        tested = ~np.isnan(own)
        expected = [bool(benjamini_hochberg(family, 0.05)[0][place]) for family in families[tested]]

        actual = holds_in_family(own[tested], others[tested], 0.05)

        assert expected == list(actual)
