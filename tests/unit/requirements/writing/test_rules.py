"""The rules of writing, each by sentences that break it and neighbours that do not."""

import pytest

from include.postmarket.model.register import Item, ItemKind
from include.postmarket.requirements.writing.check import check_writing, patterns, text_marks
from include.postmarket.requirements.writing.likeness import near_pairs
from include.postmarket.requirements.writing.note import Rule
from include.postmarket.requirements.writing.sentence import Pattern, parse


def found(text: str, *defined: str) -> list[tuple[str, str]]:
    """Give rule and words of every mark of a text."""
    return [(mark.rule.value, text[mark.start : mark.end]) for mark in text_marks(text, defined)]


GOOD = (
    "When the door opens, the pump shall close the line within 200 ms.",
    "While infusing at 1 mL/h to 250 mL/h, the pump shall deliver within ±5 % of the programmed volume.",
    "If the supply voltage falls below 3.2 V, then the pump shall stop the motor within 2 s.",
    "Where a dose limit is stored, the pump shall refuse a rate above the hard limit.",
    "The pump shall store at most 500 events.",
    "The sterile barrier shall stay closed through the test of ISO 11607-1.",
    "The connector shall be accessible without a tool.",
    "The ratio of the mixture shall lie between 1:30 and 1:34.",
    "The pump shall accept rates from 1 to 250 mL/h.",
)


@pytest.mark.parametrize("text", GOOD)
def test_good_sentences_have_no_finding(text: str) -> None:
    """Each pattern of EARS with limits, ranges, standards and adjectives passes."""
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("The pump shall stop.", Pattern.UBIQUITOUS),
        ("When the key is pressed, the pump shall stop.", Pattern.EVENT),
        ("While infusing, the pump shall beep.", Pattern.STATE),
        ("If the line breaks, then the pump shall stop.", Pattern.UNWANTED),
        ("Where a printer is fitted, the pump shall print.", Pattern.OPTIONAL),
        ("While infusing, when the door opens, the pump shall stop.", Pattern.COMPLEX),
        ("The pump stops when the door opens.", None),
    ],
)
def test_patterns_of_ears(text: str, pattern: Pattern | None) -> None:
    """The six patterns are told apart by their keywords before the first shall."""
    assert parse(text).pattern is pattern


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The pump must stop within 2 s.", ("no-shall", "must")),
        ("Endurance of the pump: at least 8 h.", ("no-shall", "Endurance of the pump: at least 8 h.")),
        ("The pump shall stop within 2 s when the door opens.", ("ears-order", "when")),
        ("If the door opens, the pump shall stop within 2 s.", ("ears-order", "If")),
        ("The pump shall stop within 2 s and shall beep.", ("several-shall", "shall")),
        ("The pump shall react quickly.", ("vague", "quickly")),
        ("The pump shall stop as fast as possible.", ("vague", "as fast as possible")),
        ("Where possible, the pump shall beep.", ("escape", "Where possible")),
        ("The pump shall beep unless otherwise agreed.", ("escape", "unless otherwise agreed")),
        ("The pump shall never leak.", ("unverifiable", "never")),
        ("The pump shall prevent any harm.", ("unverifiable", "prevent any harm")),
        ("The alarm shall be raised within 2 s.", ("passive", "be raised")),
        ("The data shall only be sent to the server.", ("passive", "be sent")),
        ("The pump shall stop within 5.", ("unit", "5")),
        ("When the pressure exceeds 40, the pump shall stop within 2 s.", ("unit", "40")),
        ("The pump shall heat the fluid to 37 °C.", ("tolerance", "37 °C")),
        ("The pump shall talk to the PDMS.", ("undefined", "PDMS")),
        ("The pump shall take oxygen (DISS) at 3 bar to 5 bar.", ("undefined", "DISS")),
        ("The pump shall open the menu after having passed the test.", ("ears-order", "after")),
        ("The pump must hold in any operating case.", ("no-shall", "must")),
    ],
)
def test_one_finding_at_its_place(text: str, expected: tuple[str, str]) -> None:
    """Each rule finds its fault, and marks exactly the words that it means."""
    assert expected in found(text)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("When the battery is removed, the pump shall stop.", Rule.PASSIVE),
        ("The pump shall warn that the door was opened.", Rule.PASSIVE),
        ("The pump shall raise the alarm within 10 s after the power fails.", Rule.EARS_ORDER),
        ("The pump shall raise at most 3 alarms per hour.", Rule.UNIT),
        ("The pump shall conform to level 2 of IEC 62304.", Rule.UNIT),
        ("The pump shall run for 8 h.", Rule.TOLERANCE),
        ("The pump shall talk to the patient data system (PDMS).", Rule.UNDEFINED),
        ("The pump shall store values in mL and kPa.", Rule.UNDEFINED),
        ('The pump shall show the text "NO FLOW".', Rule.UNDEFINED),
        ("A press on the AUDIO PAUSE key shall mute the alarm.", Rule.UNDEFINED),
        ("The pump must stop if the plan is followed.", Rule.PASSIVE),
        ("The pump shall draw at most 2 A.", Rule.VAGUE),
    ],
)
def test_neighbours_that_are_in_order(text: str, rule: Rule) -> None:
    """What looks like a fault and is none: clauses of condition, counts, named numbers, defined terms."""
    notes = check_writing([Item(id="R", text=text)], ())

    assert rule not in {note.rule for note in notes}


def test_a_glossary_defines() -> None:
    """A term of the glossary is defined, another one is not."""
    assert found("The pump shall send the PDMS a CRC.", "PDMS") == [("undefined", "CRC")]


def test_near_equal_and_opposite() -> None:
    """Two that differ in a limit are a pair; two that differ by an opposite, or in what they are about, are none."""
    texts = (
        "When the pressure exceeds 40 kPa, the pump shall raise the occlusion alarm within 5 s.",
        "When the pressure exceeds 60 kPa, the pump shall raise the occlusion alarm within 9 s.",
        "When the pressure falls below 40 kPa, the pump shall raise the occlusion alarm within 5 s.",
        "The display shall show the drug in letters of at least 5 mm.",
    )

    assert [(first, second) for first, second, _ in near_pairs(texts)] == [(0, 1)]


def test_what_cannot_be_judged_says_so() -> None:
    """Other languages and empty texts are not 'without finding'; headings and tests are nobody's requirement."""
    items = [
        Item(id="A", text="Die Pumpe muss bei einem Fehler anhalten."),
        Item(id="B", text=""),
        Item(id="C", text="Alarms", kind=ItemKind.HEADING),
        Item(id="D", text="La pompe doit s'arrêter lorsque la porte est ouverte."),
        Item(id="E", text="ポンプは停止しなければならない。"),
    ]

    notes = check_writing(items, ())

    assert [(note.requirement, note.rule) for note in notes] == [(name, Rule.NOT_EVALUATED) for name in "ABDE"]
    assert patterns(items)["none"] == 4
