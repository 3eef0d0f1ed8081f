"""The `narratives` commands as a user runs them: without a site, on files."""

from pathlib import Path

import pytest

from tests.unit.cli.conftest import call_command, refused
from tests.unit.detection.complaint_texts import write


@pytest.fixture(name="table")
def _table(tmp_path: Path) -> Path:
    path = tmp_path / "texts.csv"
    texts = [*write(1, "A07", 25), *[f"{text} smoke" for text in write(2, "A16", 25)]]
    lines = [f"C-{i},{text},2017-{9 + i // 25:02},{'A07' if i < 25 else 'A16'}" for i, text in enumerate(texts)]
    path.write_text("\n".join(["id,text,period,code", *lines, "C-99,battery empty,2017-10,"]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["duplicates"], "duplicates: 51 texts, 50 compared"),
        (["themes", "--from", "2017-10"], "themes: "),
        (["codes", "--param", "folds=3"], "codes: 2 learnt from 50 texts"),
    ],
)
def test_every_reading_runs_on_one_table(table: Path, words: list[str], told: str) -> None:
    """The answer is a file, what is said goes to stderr and holds no word of a text."""
    target = table.with_suffix(".out")
    done = call_command({}, "narratives", *words, "--input", str(table), "--output", str(target))

    assert (0, "") == (done.returncode, done.stdout)
    assert told in done.stderr
    assert target.stat().st_size > 0
    for word in ("smoke", "nurse", "speaker", "battery"):
        assert word not in done.stderr


def test_refusals_are_one_message(table: Path) -> None:
    """Exit code 1, what is wrong and what to do."""
    words = ("--input", str(table), "--output", str(table.with_suffix(".out")))
    said = refused(call_command({}, "narratives", "duplicates", *words, "--param", "minimum_similarty=1"))

    assert "did you mean 'minimum_similarity'?" in said
