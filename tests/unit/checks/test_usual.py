"""What is usual: shares of missing cells and of categories against earlier pulls."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest

from include.postmarket.checks import codes, run
from include.postmarket.checks.result import CheckResult, History, Limits, Standing
from include.postmarket.checks.usual import LEAST_ROWS, MOST_VALUES, OTHER, profile
from include.postmarket.model.batch import Label, Landing, Media, Source, Window
from include.postmarket.model.tables import COMPLAINTS
from include.postmarket.sources import complaints

LANDING = Landing(
    source=Source.COMPLAINTS,
    window=Window(date(2024, 3, 1), date(2024, 4, 1)),
    sha256="0" * 64,
    size=1,
    media=Media.CSV,
    origin="made.csv",
    label=Label.SIMULATED,
    pulled_at=datetime(2024, 4, 2, tzinfo=UTC),
)


def _rows(regions: dict[str, int]) -> pd.DataFrame:
    named = [region for region, n in regions.items() for _ in range(n)]
    lines = [f"C-{n},2024-03-20,X,2024,A0705,{region}" for n, region in enumerate(named)]
    return complaints.read(
        "\n".join(["complaint_id,received,model,imdrf_release,problem_code,region", *lines]).encode(), Media.CSV
    )


def _judged(now: dict[str, int], before: dict[str, int], pulls: int = 3) -> CheckResult:
    history = History(per_day=(3.0,) * pulls, profiles=(profile(_rows(before), COMPLAINTS),) * pulls)
    return run.check(_rows(now), LANDING, history, Limits(quarantine_share=0.1), codes.load())


def _standing(result: CheckResult, rule: str) -> Standing:
    return next(r.standing for r in result.rules if r.rule == rule)


@pytest.mark.parametrize(
    ("now", "filled", "steady"),
    [
        ({"EMEA": 60, "APAC": 40}, Standing.KEPT, Standing.KEPT),
        ({"EMEA": 50, "APAC": 50}, Standing.KEPT, Standing.KEPT),
        ({"EMEA": 5, "APAC": 95}, Standing.KEPT, Standing.BROKEN),
        ({"EMEA": 30, "APAC": 20, "LATAM": 50}, Standing.KEPT, Standing.BROKEN),
        ({"EMEA": 46, "APAC": 32, "": 22}, Standing.BROKEN, Standing.KEPT),
        ({"EMEA": 50, "APAC": 32, "": 18}, Standing.KEPT, Standing.KEPT),
        ({"EMEA": 1, "APAC": 4}, Standing.KEPT, Standing.KEPT),
    ],
)
def test_unusual_shares_are_said(now: dict[str, int], filled: Standing, steady: Standing) -> None:
    """Against 60 : 40, a turned share or a new region is drift; a fifth more missing is told; five rows tell little.

    Neither stops a batch nor sends a row to quarantine.
    """
    result = _judged(now, {"EMEA": 60, "APAC": 40})

    assert _standing(result, "region_filled_as_usual") is filled
    assert _standing(result, "region_shares_as_usual") is steady
    assert (result.stopped, result.failed) == ("", {})


def test_without_history_it_is_not_evaluated() -> None:
    """Two earlier pulls do not say what is usual: that is said, and is no pass."""
    result = _judged({"EMEA": 5, "APAC": 95}, {"EMEA": 60, "APAC": 40}, pulls=2)

    assert _standing(result, "shares_as_usual") is Standing.NOT_EVALUATED
    assert _standing(result, "filled_as_usual") is Standing.NOT_EVALUATED


def test_profile_stays_small_and_holds_no_personal_column() -> None:
    """Rare values are one, and serial numbers and narratives are only counted."""
    found = profile(_rows({f"R{n:03d}": LEAST_ROWS for n in range(100)}), COMPLAINTS)

    assert len(found["values"]["region"]) == MOST_VALUES + 1
    assert found["values"]["region"][OTHER] == (100 - MOST_VALUES) * LEAST_ROWS
    assert set(found["values"]) == {"model", "region", "imdrf_release"}
    assert found["missing"]["serial"] == 100 * LEAST_ROWS


def test_what_stands_in_a_few_cells_only_is_not_kept() -> None:
    """It may be anything, a name that slipped in included; its rows are counted with the rest."""
    found = profile(_rows({"EMEA": 50, "Jane Roe": LEAST_ROWS - 1, "APAC": LEAST_ROWS}), COMPLAINTS)

    assert found["values"]["region"] == {"EMEA": 50, "APAC": LEAST_ROWS, OTHER: LEAST_ROWS - 1}
