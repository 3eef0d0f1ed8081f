"""The register and its tests, read from two CSV files with every fault told at once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from include.postmarket.model.finding import FaultyContentError
from include.postmarket.model.requirement import Requirement, Verification
from include.postmarket.requirements.register import load_register, results_file

HEADING = "id,version,text,issue,risks,tests\n"
TEST_HEADING = "id,title,last_result,last_run\n"
REGISTER = (
    HEADING + 'R-1,2,"The pump shall run, on battery, 8 h.",REQ-1,H-1;H-2,T-1; T-2\nR-2,1,The pump shall stop.,,,\n'
)
TESTS = TEST_HEADING + "T-1,Endurance,pass,2016-10-11\nT-2,Endurance aged,not run,\n"


Write = Callable[[str, str], Path]


@pytest.fixture(name="write")
def _write(tmp_path: Path) -> Write:
    def write(register: str, tests: str) -> Path:
        path = tmp_path / "requirements.csv"
        path.write_bytes(register.encode())
        results_file(path).write_bytes(tests.encode())
        return path

    return write


def faults(path: Path) -> list[tuple[str, int, str]]:
    """Give file, line and message of every fault of a register."""
    with pytest.raises(FaultyContentError) as refused:
        load_register(path)
    return [(Path(f.file).name, f.line, f.message) for f in refused.value.findings]


def test_faultless(write: Write) -> None:
    """Requirements keep their order; commas in quotes, lists and empty cells are read as meant."""
    actual = load_register(write(REGISTER, TESTS))

    expected = (
        Requirement(
            id="R-1",
            version="2",
            text="The pump shall run, on battery, 8 h.",
            issue="REQ-1",
            risks=("H-1", "H-2"),
            tests=(
                Verification(id="T-1", title="Endurance", last_result="pass", last_run="2016-10-11"),
                Verification(id="T-2", title="Endurance aged", last_result="not run", last_run=""),
            ),
        ),
        Requirement(id="R-2", version="1", text="The pump shall stop."),
    )

    assert expected == actual


def test_excel_export(write: Write) -> None:
    """A byte order mark and CRLF, as spreadsheets write them, change nothing."""
    expected = load_register(write(REGISTER, TESTS))

    actual = load_register(write("\ufeff" + REGISTER.replace("\n", "\r\n"), TESTS.replace("\n", "\r\n")))

    assert expected == actual


def test_stamp_changes_with_the_text_only(write: Write) -> None:
    """A link is suspect when the text changes, not when a test runs again."""
    (first, _) = load_register(write(REGISTER, TESTS))
    (rerun, _) = load_register(write(REGISTER, TESTS.replace("2016-10-11", "2017-10-11")))
    (reworded, _) = load_register(write(REGISTER.replace("8 h", "9 h"), TESTS))

    expected = (True, False)

    assert expected == (first.stamp == rerun.stamp, first.stamp == reworded.stamp)


def test_tests_may_lie_elsewhere(write: Write, tmp_path: Path) -> None:
    """The results of tests may come from another file, as the test system exports them."""
    path = write(REGISTER, TESTS)
    elsewhere = results_file(path).rename(tmp_path / "results.csv")

    actual = load_register(path, elsewhere)

    expected = "pass"

    assert expected == actual[0].tests[0].last_result


def test_all_faults_at_once(write: Write) -> None:
    """Doubled ids, empty texts, dangling tests and impossible results are told together, by file and line."""
    register = (
        HEADING
        + "R-1,1,Text,,H-1,T-1\n"
        + "R-1,1,Other,,,T-9\n"
        + "R-3,,,,H-1;H-1,\n"
        + ",1,Text,,,\n"
        + "R-5,1,Text, with a comma,,,\n"
        + "R-6,1,Text\n"
    )
    tests = (
        TEST_HEADING
        + "T-1,Title,passed,2016-10-11\nT-1,,pass,\nT-3,Title,not run,2016-10-11\nT-4,Title,fail,11.10.2016\n"
    )

    actual = faults(write(register, tests))

    expected = {
        ("requirements.csv", 3, "id 'R-1' stands here again, first in line 2"),
        ("requirements.csv", 3, "test 'T-9' does not exist"),
        ("requirements.csv", 4, "version is empty"),
        ("requirements.csv", 4, "text is empty"),
        ("requirements.csv", 4, "risks names one of them twice: H-1;H-1"),
        ("requirements.csv", 5, "id is empty"),
        ("requirements.csv", 6, "has not 6 fields: a text with a comma needs quotes"),
        ("requirements.csv", 7, "has not 6 fields: a text with a comma needs quotes"),
        ("requirements.tests.csv", 2, "last_result must be one of pass, fail, not run, is 'passed'"),
        ("requirements.tests.csv", 3, "id 'T-1' stands here again, first in line 2"),
        ("requirements.tests.csv", 3, "title is empty"),
        (
            "requirements.tests.csv",
            3,
            "last_result is 'pass' and last_run '': a test that ran has a date, another has none",
        ),
        (
            "requirements.tests.csv",
            4,
            "last_result is 'not run' and last_run '2016-10-11': a test that ran has a date, another has none",
        ),
        ("requirements.tests.csv", 5, "last_run must be a date as YYYY-MM-DD, is '11.10.2016'"),
    }

    assert expected == set(actual)


def test_other_columns(write: Write) -> None:
    """A file of other columns is one finding that names both, and its rows are not guessed at."""
    actual = faults(write("id;version;text\n1;2;3\n", TESTS))

    expected = [
        (
            "requirements.csv",
            1,
            "columns must be id, version, text, issue, risks, tests; found id;version;text",
        )
    ]

    assert expected == actual


def test_unreadable_tests_do_not_make_every_link_dangle(write: Write) -> None:
    """One broken file is one finding, not one for each link into it."""
    path = write(REGISTER, "")
    results_file(path).unlink()

    actual = faults(path)

    expected = [("requirements.tests.csv", 0, "cannot be read: No such file or directory")]

    assert expected == actual


def test_heading_without_tests_makes_links_dangle(write: Write) -> None:
    """A readable file that holds no test is no excuse for a link to one."""
    actual = faults(write(REGISTER, TEST_HEADING))

    expected = [
        ("requirements.csv", 2, "test 'T-1' does not exist"),
        ("requirements.csv", 2, "test 'T-2' does not exist"),
    ]

    assert expected == actual


def test_open_quote(write: Write) -> None:
    """A quote that never closes is told, not swallowed with the rest of the file."""
    actual = faults(write(HEADING + 'R-1,1,"Text,,,\nR-2,1,Text,,,\n', TESTS))

    assert any("is not CSV" in message for _, _, message in actual)
