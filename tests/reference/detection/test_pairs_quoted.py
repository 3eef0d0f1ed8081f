"""Quoted numbers of R for single pairs, checked always: the whole reference tables are read where they are present.

CAERS 2012 (openEBGM 0.9.1, distinct reports, N = 3356), R 4.2.2: closed forms, qgamma, PhViD's Gould form, and
openEBGM's ebgm() and quantBisect() at theta 3.25605, 0.39999, 2.02374, 1.90612, P .06531. The first pair
stands out, the second is in most of its product's reports, the third is a product and an event that were each reported
once, together.
"""

import numpy as np
import pytest

from include.postmarket.detection.gamma_mixture import GammaMixture
from include.postmarket.detection.gps import score
from include.postmarket.detection.information_component import (
    InformationComponentParameters,
    gould_2003,
    map_2006,
)
from include.postmarket.detection.information_component import detect as shrink
from include.postmarket.detection.lrt import log_likelihood_ratio
from include.postmarket.detection.prr_ror import RatioParameters, detect
from include.postmarket.detection.shapes import Counting, Pairs, Reason

PRIOR = GammaMixture(
    shape_1=3.25605161618682,
    rate_1=0.399993649893709,
    shape_2=2.02374400605363,
    rate_2=1.90612074226282,
    weight=0.0653060953177067,
)
CELLS = np.array([[16, 28, 15, 3297], [54, 10, 788, 2504], [1, 0, 0, 3355]], dtype=np.float64)


@pytest.fixture(name="pairs")
def _pairs() -> Pairs:
    a, b, c, _ = CELLS.T
    return Pairs(
        product=np.arange(3),
        event=np.arange(3),
        n=a,
        product_total=a + b,
        event_total=a + c,
        expected=(a + b) * (a + c) / 3356,
        total=3356.0,
        counting=Counting.REPORTS,
    )


def test_ratios_equal_r(pairs: Pairs) -> None:
    """PRR, ROR, limits and both chi-squares within 1e-10; a zero cell gives the infinity that R gives, no 0.5 added."""
    found = detect(pairs, RatioParameters())

    columns = {
        "PRR": (found.prr.estimate, [80.2909090909091, 3.52490482233503, np.inf]),
        "PRR lower": (found.prr.lower[:2], [42.3989983073917, 3.12083989061896]),
        "PRR upper": (found.prr.upper[:2], [152.04675440459, 3.98128530844191]),
        "ROR": (found.ror.estimate, [125.6, 17.1593908629442, np.inf]),
        "ROR lower": (found.ror.lower[:2], [56.6287446060462, 8.69776055589782]),
        "ROR upper": (found.ror.upper[:2], [278.575131936011, 33.852931785715]),
        "chi-square": (found.chi_square, [611.871562841824, 122.013305621456, 3356.0]),
        "Yates": (found.chi_square_yates, [573.261922956271, 118.81877566643, 838.499925506562]),
    }
    for name, (actual, expected) in columns.items():
        np.testing.assert_allclose(actual, expected, rtol=1e-10, err_msg=name)
    assert found.ror.reason.tolist() == ["", "", Reason.ZERO_CELL]


def test_information_components_equal_r(pairs: Pairs) -> None:
    """IC and gamma quantiles, MAP of 2006 and Gould's normal form within 1e-9 bits."""
    found, normal = shrink(pairs, InformationComponentParameters()), gould_2003(pairs)

    columns = {
        "IC": (found.ic, [4.18611668207378, 1.71879655615931, 1.58410298622395]),
        "IC025": (found.lower, [3.39318880204567, 1.30815866305815, -2.2131242821374]),
        "IC975": (found.upper, [4.80634989478789, 2.07766659870775, 3.22386050734661]),
        "MAP": (map_2006(pairs), [4.18617840717988, 1.71879664932977, 1.584317146007]),
        "Gould": (normal.mean, [3.56842540721448, 1.66658979828944, 1.38790526940773]),
        "Gould sd": (normal.deviation, [0.487359355022154, 0.266653365665058, 2.00643881405704]),
    }
    for name, (actual, expected) in columns.items():
        np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-9, err_msg=name)


def test_shrunk_rates_equal_openebgm(pairs: Pairs) -> None:
    """Qn, EBGM, EB05 and EB95 at openEBGM's own prior within 1e-6; it prints eight decimals."""
    found = score(pairs, PRIOR)

    columns = {
        "Qn": (found.weight, [0.999999675960673, 0.187889042904226, 0.348216592600234]),
        "EBGM": (found.ebgm, [23.26087576, 3.1552551, 2.63172685]),
        "EB05": (found.eb05, [15.68588958, 2.496583, 0.52129443]),
        "EB95": (found.eb95, [33.47630137, 3.96447614, 16.02065913]),
    }
    for name, (actual, expected) in columns.items():
        np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1.1e-8, err_msg=name)


def test_likelihood_ratios_of_known_harms_equal_pvlrt() -> None:
    """Myalgia and rhabdomyolysis of atorvastatin (FAERS 2014Q3-2020Q4, pvLRT 0.5.1 `statin46`) within 1e-9.

    R: lrt_vanilla_poisson(statin46); margins of the drug 197,390, of the events 156,585 and 36,319, N 63,976,610.
    """
    expected = 197_390 * np.array([156_585.0, 36_319.0]) / 63_976_610
    actual = log_likelihood_ratio(np.array([5_362.0, 2_041.0]), expected)

    np.testing.assert_allclose(actual, [8026.53823240591, 3994.42693945077], rtol=1e-9)
