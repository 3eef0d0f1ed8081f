"""The makers that no rule knows, for a person to read."""

from datetime import date

import pytest

from include.postmarket.model.batch import Source
from tests.faults.loop.small_site import SmallSite, report
from tests.unit.cli.conftest import Run

pytestmark = pytest.mark.postgres


def test_unknown_makers_are_listed_with_their_spellings(run: Run, small_site: SmallSite) -> None:
    """One line a cleaned name, those with most reports first; makers that the rules know are not listed."""
    makers = ["BIOMET FRANCE", "ACME INC.", "ACME GMBH", "OTHER LTD"]
    small_site.write(Source.REPORTS, [report(n, date(2017, 3, 25 + n), maker) for n, maker in enumerate(makers)])
    small_site.pull(Source.REPORTS)

    said = run("makers").stdout

    assert said.splitlines() == [
        "      2  ACME: ACME GMBH; ACME INC.",
        "      1  OTHER: OTHER LTD",
        "2 makers are not in the rules, 3 reports carry them",
    ]
