"""Known events from a file: what is read, and what is refused with its line."""

from datetime import date
from pathlib import Path

import pytest

from include.postmarket.model.errors import InputError
from include.postmarket.signals.known_events import KnownEvent
from include.postmarket.steps.known_events_file import read_events

INDICATORS = {"IP-POWER", "IP-AIR"}


def test_events_come_in_order_with_what_they_concern(tmp_path: Path) -> None:
    """Only date and label are needed; indicator and subgroup narrow an event, and may be empty."""
    file = tmp_path / "known.csv"
    file.write_text("date,label,indicator,subgroup\n2017-10-05,Second,IP-POWER,model=X\n2017-01-02,First,,\n")

    assert (
        KnownEvent(day=date(2017, 1, 2), label="First"),
        KnownEvent(day=date(2017, 10, 5), label="Second", indicator="IP-POWER", subgroup="model=X"),
    ) == read_events(file, INDICATORS)


def test_two_columns_are_enough(tmp_path: Path) -> None:
    """A list of recalls with their dates."""
    file = tmp_path / "known.csv"
    file.write_text("date,label\n2017-10-05,Z-0001-2018\n")

    assert (KnownEvent(day=date(2017, 10, 5), label="Z-0001-2018"),) == read_events(file, INDICATORS)


@pytest.mark.parametrize(
    ("text", "what", "todo"),
    [
        ("date,label\n2017-10-05,A\n5.10.2017,B\n", "the date cannot be read", "2017-10-05"),
        ("date,label\n2017-10-05,\n2017-10-05,\n", "label is empty", "name the event"),
        ("date,label,indicator\n2017-10-05,A,\n2017-10-05,A,IP-POWR\n", "no such indicator", "'IP-POWER'"),
        ("date,label,indicater\n2017-10-05,A,IP-AIR\n", "unknown column", "'indicator'"),
        ("date\n2017-10-05\n", "column label is missing", "date,label"),
    ],
)
def test_what_would_only_ever_be_missed_is_refused(tmp_path: Path, text: str, what: str, todo: str) -> None:
    """A date that is none, no label, an indicator the plan does not have, a misspelt column: with line and advice."""
    file = tmp_path / "known.csv"
    file.write_text(text)
    with pytest.raises(InputError) as refused:
        read_events(file, INDICATORS)

    assert what in refused.value.what
    assert todo in refused.value.todo
    assert "line" in refused.value.where
