"""The gamma-Poisson shrinker against openEBGM 0.9.1 and PhViD 1.0.8."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from include.postmarket.detection.gamma_mixture import GammaMixture
from include.postmarket.detection.gps import GpsParameters, detect, score
from tests.reference.detection import pair_tables

pytestmark = pytest.mark.shared

# Tables whose optimum lies inside: R and we must agree on it. On the others R stopped short of a boundary.
WELL_POSED = ["caers_reports", "caers_counts", "statin46", "planted_1", "planted_2"]


def _prior_behind_scores(shared: Path, table: str) -> tuple[GammaMixture, float]:
    folder, stem = ("planted", table.replace("planted", "ref")) if table.startswith("planted") else ("reference", table)
    fits = pd.read_csv(shared / folder / f"{stem}_hyper.csv")
    used = fits[fits["scores_use"]].iloc[0]
    prior = GammaMixture(
        shape_1=used["alpha1"], rate_1=used["beta1"], shape_2=used["alpha2"], rate_2=used["beta2"], weight=used["P"]
    )
    return prior, float(used["negLL_unsquashed_Nstar1"])


@pytest.mark.parametrize("table", pair_tables.TABLES)
def test_scores_at_a_given_prior_equal_openebgm(shared: Path, table: str) -> None:
    """Qn, EBGM, EB05 and EB95 under R's own prior are R's: ebgm(), quantBisect(5 | 95, digits = 8) of openEBGM.

    The reference is rounded to 8 decimals, hence the absolute part: an EB05 of 0.005 has only six digits.
    """
    pairs, names = pair_tables.count(shared, table)
    place, expected = pair_tables.measures(shared, table, names)
    found = score(pairs, _prior_behind_scores(shared, table)[0])

    np.testing.assert_allclose(found.weight[place], expected["Qn"], rtol=1e-6, atol=1e-12)
    for column, values in {"EBGM": found.ebgm, "EB05": found.eb05, "EB95": found.eb95}.items():
        np.testing.assert_allclose(values[place], expected[column], rtol=1e-6, atol=1.1e-8, err_msg=column)


@pytest.mark.parametrize("table", pair_tables.TABLES)
def test_own_fit_is_at_least_as_likely_as_r(shared: Path, table: str) -> None:
    """The likelihood over all pairs is R's or better, also where openEBGM's autoHyper fails (statin46, faers22q3)."""
    pairs, _ = pair_tables.count(shared, table)
    found = detect(pairs, GpsParameters()).fit

    assert found is not None
    assert found.converged
    assert found.negative_log_likelihood <= _prior_behind_scores(shared, table)[1] * (1 + 1e-7)


@pytest.mark.parametrize("table", WELL_POSED)
def test_eb05_from_rows_to_scores_equals_r(shared: Path, table: str) -> None:
    """With our own fit EB05 differs from R by at most 1e-3, and by 1e-4 in the median."""
    pairs, names = pair_tables.count(shared, table)
    place, expected = pair_tables.measures(shared, table, names)
    found = detect(pairs, GpsParameters()).posterior.eb05[place]

    difference = np.abs(found / expected["EB05"].to_numpy() - 1)
    assert difference.max() < 1e-3
    assert np.median(difference) < 1e-4


def test_boundary_is_reported_where_openebgm_fails(shared: Path) -> None:
    """On FAERS 2022Q3 autoHyper ends with "consistent convergence failed"; here the log-series limit is named."""
    pairs, _ = pair_tables.count(shared, "faers22q3_even")
    found = detect(pairs, GpsParameters()).fit

    assert found is not None
    assert found.boundary == ("shape of the second component is zero: its counts follow a log-series",)


def test_the_published_prior_of_caers_is_kept_and_its_rival_told(shared: Path) -> None:
    """Two priors fit CAERS within 0.3 of log-likelihood (decision 10): the published one is taken, the other counted.

    openEBGM 0.9.1: autoHyper(squashed)$estimates 3.25605, 0.39999, 2.02374, 1.90612, P .06531.
    """
    pairs, _ = pair_tables.count(shared, "caers_reports")
    found = detect(pairs, GpsParameters()).fit

    assert found is not None
    assert found.rivals == 1
    assert found.prior.weight == pytest.approx(0.06531, abs=1e-4)
    assert found.prior.shape_1 == pytest.approx(3.25605, rel=2e-3)
