"""The quarantine desk at a terminal: what it prints, and that refusals hold no row."""

import pytest

from include.postmarket.model.batch import Source
from tests.faults.loop.small_site import SmallSite
from tests.unit.cli.conftest import Run, refused

pytestmark = pytest.mark.postgres

GOOD = [f"C-{n:05d},2017-03-{n:02d},,EP-100,,L1,3.0,EMEA,2024,A0705,,A text." for n in range(1, 29)]
BAD = "C-1,2017-03-05,,EP-100,SN-SECRET,L1,3.0,EMEA,2024,A99,,Jane Doe called."
GROUNDS = ("--by", "E. Engineer", "--reason", "seen in the device log")


def test_a_row_from_list_to_history(run: Run, small_site: SmallSite) -> None:
    """It is listed with its rule, shown as received when asked for, repaired, and stands in the history."""
    small_site.write(Source.COMPLAINTS, [*GOOD, BAD])
    batch = small_site.pull(Source.COMPLAINTS).landing.batch

    listed = run("quarantine", "list").stdout
    rows = run("quarantine", "show", batch).stdout
    row = run("quarantine", "show", batch, "29").stdout
    refusal = refused(run("quarantine", "repair", batch, "29", "--set", "problem_code=A98", *GROUNDS))
    repaired = run("quarantine", "repair", batch, "29", "--set", "problem_code=A0705", *GROUNDS).stdout
    history = run("quarantine", "history", "complaints").stdout

    assert f"{batch}  complaints, 2017-03-01 to 2017-04-01 (end excluded)" in listed
    assert "1 of 29 rows wait\n  1 × problem code valid" in listed
    assert "row 29: problem code valid" in rows
    assert "SN-SECRET" not in listed + rows + refusal
    assert "SN-SECRET" in row
    assert "1 pulled = 1 accepted + 0 quarantined" in repaired
    assert "E. Engineer: repair of 1 row(s)" in history
    assert "row 29, problem_code: A99 -> A0705" in history
    assert run("quarantine", "list").stdout == "nothing waits\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("release", "nothing", "3", *GROUNDS), "there is no such batch"),
        (("reject", "nothing", "three", *GROUNDS), "'three' is no row"),
        (("repair", "nothing", "3", "--set", "received", *GROUNDS), "a correction without ="),
    ],
)
def test_wrong_words_are_one_message(run: Run, words: tuple[str, ...], told: str) -> None:
    """What cannot be understood is told, and what to do."""
    assert told in refused(run("quarantine", *words))
