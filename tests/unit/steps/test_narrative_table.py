"""Narratives on plain tables: what is written, what is said of it, and that no text is ever said."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from include.postmarket.model.errors import ConfigurationError, InputError, PostmarketError
from include.postmarket.steps import narrative_table
from include.postmarket.steps.narrative_table import NarrativeRequest
from tests.unit.detection.complaint_texts import FAULTS, write

pytestmark = pytest.mark.filterwarnings("error")

SECRET = "Marlies Quenstrup"


class Bench:
    """A folder where narratives are written, read by a command, and its answer read again."""

    def __init__(self, folder: Path) -> None:
        self.source, self.target = folder / "in.csv", folder / "out.csv"

    def give(self, columns: list[str], rows: Sequence[tuple[str, ...]]) -> None:
        """Write a table."""
        with self.source.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([columns, *rows])

    def request(self, *words: str, first: str = "") -> NarrativeRequest:
        """Give the request on what was written."""
        return NarrativeRequest(source=self.source, target=self.target, words=words, first=first)

    def answer(self) -> Any:
        """Give what was written as text, empty where there is nothing."""
        return pd.read_csv(self.target, dtype="str", keep_default_na=False)


@pytest.fixture(name="bench")
def _bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_texts_that_say_the_same_share_a_group(bench: Bench) -> None:
    """Two of four texts are nearly the same; a text too short to compare says so."""
    first, other = write(1, "A07", 1)[0], write(2, "A16", 1)[0]
    rows = [("C-1", first), ("C-2", other), ("C-3", f"{first} again"), ("C-4", "broken")]
    bench.give(["id", "text"], rows)
    told = narrative_table.duplicates(bench.request("minimum_similarity=0.6"))
    found = bench.answer().set_index("id")

    assert found["group"].tolist() == ["1", "", "1", ""]
    assert found["most_similar"].tolist() == ["C-3", "", "C-1", ""]
    assert float(found.loc["C-1", "similarity"]) > 0.8
    assert found["reason"].tolist() == ["", "", "", "text too short to compare"]
    assert told == f"duplicates: 4 texts, 3 compared, 1 pairs in 1 groups: {bench.target}"


def test_a_theme_that_came_up_has_its_reports(bench: Bench) -> None:
    """A fault that nobody named before is found, with the ids of the texts of now that name it."""
    past = [(f"P-{i}", text, "2017-09") for i, text in enumerate(write(1, "A07", 60))]
    new = [f"{text} smoke charger" for text in write(3, "A07", 12)]
    now = [(f"N-{i}", text, "2017-10") for i, text in enumerate([*write(2, "A07", 30), *new])]
    bench.give(["id", "text", "period"], [*now, *past])
    told = narrative_table.themes(bench.request(first="2017-10"))
    found = bench.answer()

    assert "smoke" in found.loc[0, "theme"]
    assert found.loc[0, "ids"].split("; ") == [f"N-{i}" for i in range(30, 42)]
    assert (found.loc[0, "texts_before"], found.loc[0, "texts_now"]) == ("0", "12")
    assert int(found.loc[0, "limit_now"]) < 12
    assert "smoke" not in told
    assert told.startswith("themes: 1 rose of ")


def test_codes_are_suggested_where_there_is_none(bench: Bench) -> None:
    """Learnt from coded rows; the answer has three codes at most with their probabilities, for the others."""
    rows = [
        (f"{code}-{i}", text, code if i < 25 else "")
        for k, code in enumerate(sorted(FAULTS))
        for i, text in enumerate(write(k, code, 30))
    ]
    bench.give(["id", "text", "code"], [*rows, ("odd", "zzz", "")])
    told = narrative_table.codes(bench.request())
    found = bench.answer()
    right = [row["code_1"] == row["id"].partition("-")[0] for _, row in found[:-1].iterrows()]

    assert len(found) == 21
    assert sum(right) >= 18
    assert (found["probability_1"][:-1].astype(float) >= found["probability_2"][:-1].astype(float)).all()
    assert found.iloc[-1]["evaluated"] == "false"
    assert found.iloc[-1]["reason"].startswith("no word of the text")
    assert told.startswith("codes: 4 learnt from 100 texts")
    assert "right in 1" in told or "right in 9" in told


@pytest.mark.parametrize(
    ("command", "columns", "rows", "told"),
    [
        (narrative_table.duplicates, ["id", "words"], [("1", SECRET)], "column text is missing"),
        (narrative_table.duplicates, ["id", "text"], [("1", SECRET), ("1", SECRET)], "line 3"),
        (narrative_table.duplicates, ["id", "text"], [("1", SECRET), ("", SECRET)], "id is empty"),
        (narrative_table.themes, ["id", "text", "period"], [("1", SECRET, "March")], "period cannot be read"),
        (narrative_table.themes, ["id", "text", "period"], [("1", SECRET, "2017-01")], "too few units"),
        (narrative_table.codes, ["id", "text", "code"], [("1", SECRET, "A07")], "0 codes have 5 examples"),
        (narrative_table.codes, ["id", "text"], [("1", SECRET)], "column code is missing"),
    ],
)
def test_what_cannot_be_used_is_refused_without_its_text(
    bench: Bench, command: Any, columns: list[str], rows: list[tuple[str, ...]], told: str
) -> None:
    """What is wrong, where, and never what a narrative says; nothing is written."""
    bench.give(columns, rows)
    with pytest.raises(PostmarketError, match=told) as refused:
        command(bench.request(first="2017-01"))

    assert SECRET.split(maxsplit=1)[0] not in str(refused.value)
    assert not bench.target.exists()


def test_requests_that_do_not_fit_are_refused(bench: Bench) -> None:
    """An unknown parameter, one out of range, no past, the output over the input, a folder that is not there."""
    bench.give(["id", "text", "period"], [("1", "a b c d e f", "2017-01"), ("2", "g h i j k l", "2017-02")])
    for command, request, told in (
        (narrative_table.duplicates, bench.request("similarity=1"), "is unknown"),
        (narrative_table.duplicates, bench.request("minimum_similarity=2"), "minimum_similarity 2.0"),
        (narrative_table.themes, bench.request("false_share=2", first="2017-02"), "false_share 2.0"),
        (narrative_table.themes, bench.request(), "the past is not given"),
        (
            narrative_table.duplicates,
            NarrativeRequest(source=bench.source, target=bench.source),
            "the output is the input",
        ),
        (
            narrative_table.duplicates,
            NarrativeRequest(source=bench.source, target=bench.source / "no" / "out.csv"),
            "cannot be written",
        ),
    ):
        with pytest.raises(ConfigurationError, match=told):
            command(request)
    with pytest.raises(InputError, match="cannot be read"):
        narrative_table.duplicates(NarrativeRequest(source=bench.target, target=bench.source))
