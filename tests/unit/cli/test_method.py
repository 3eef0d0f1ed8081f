"""The `method` command as a user runs it: without a site, on files."""

from pathlib import Path

import pytest

from include.postmarket.detection import catalogue, table_methods
from tests.unit.cli.conftest import call_command, refused, run_command


@pytest.fixture(name="table")
def _table(tmp_path: Path) -> Path:
    path = tmp_path / "counts.csv"
    counts = [2, 3, 2, 4, 3, 2, 3, 30]
    path.write_text("series,period,count\n" + "".join(f"A,2017-{m + 1:02},{n}\n" for m, n in enumerate(counts)))
    return path


def test_a_table_is_evaluated_in_a_process_of_its_own(tmp_path: Path, table: Path) -> None:
    """The answer is in the output file, the summary on stderr; no setting is needed."""
    target = tmp_path / "answer.csv"
    done = run_command(
        {"POSTMARKET_HOME": str(tmp_path), "PYTHONWARNINGS": "error::RuntimeWarning"},
        *("method", "rate_change", "--input", str(table), "--output", str(target)),
        *("--param", "alpha=0.001", "--from", "2017-08"),
    )

    assert (0, "") == (done.returncode, done.stdout)
    assert f"rate_change: 8 rows, 1 evaluated, 1 alarms: {target}\n" == done.stderr
    last = target.read_text(encoding="utf-8").splitlines()[-1]
    assert last.startswith('"A","2017-08",30,')
    assert last.endswith(',true,true,""')


def test_list_names_every_method() -> None:
    """With its parameters and the history it needs."""
    done = call_command({}, "method", "--list")

    assert done.returncode == 0
    for name in {*catalogue.parameters(), *table_methods.WHOLE_SERIES, *table_methods.GAPS} - set(catalogue.NARRATIVES):
        assert f"\n{name}" in f"\n{done.stdout}"
    assert "variant=C2" in done.stdout


def test_help_after_a_name_explains_the_method() -> None:
    """Usage, what the method does and its parameters; without a name the usage alone."""
    named, bare = call_command({}, "method", "default", "--help"), call_command({}, "method", "--help")

    assert (0, 0) == (named.returncode, bare.returncode)
    assert "Usage" in named.stdout
    assert "Usage" in bare.stdout
    assert "harmonics=2" in named.stdout
    assert "harmonics=2" not in bare.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["ewmma", "--help"], "did you mean 'ewma'?"),
        (["ewmma", "--input", "{table}", "--output", "{table}.out"], "did you mean 'ewma'?"),
        (["ewma", "--input", "{table}"], "--output"),
        (["themes", "--input", "{table}", "--output", "{table}.out"], "narratives themes"),
        (["ewma", "--input", "{table}", "--output", "{table}/no/folder.csv"], "cannot be written"),
        (["ewma", "--input", "{table}.none", "--output", "{table}.out"], "cannot be read"),
        (["screen", "--input", "{table}", "--output", "{table}.out"], "missing"),
    ],
)
def test_refusals_are_one_message(table: Path, words: list[str], told: str) -> None:
    """Exit code 1, what is wrong and what to do, no traceback."""
    said = refused(call_command({}, "method", *(word.replace("{table}", str(table)) for word in words)))

    assert told in said
    assert "to do:" in said
