"""A plan file is read strictly, and every fault is told with its line."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from include.postmarket.model.canonical import digest
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.finding import FaultyContentError
from include.postmarket.model.plan import Plan
from include.postmarket.plans.plan_file import load_plan, read_plan
from tests.unit.plans.conftest import PLAN_YAML

Write = Callable[[str], Path]


@pytest.fixture(name="write")
def _write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "plan.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def faults(path: Path) -> list[tuple[int, str]]:
    """Give line and message of every fault of a plan file."""
    with pytest.raises(FaultyContentError) as refused:
        load_plan(path)
    expected = {str(path)}

    assert expected == {finding.file for finding in refused.value.findings}
    return [(finding.line, finding.message) for finding in refused.value.findings]


class TestFaultless:
    """A plan as it should be."""

    def test_is_the_plan(self, write: Write, plan: Plan) -> None:
        """Lists become tuples, text becomes dates and enums, and nothing is lost."""
        actual = load_plan(write(PLAN_YAML))

        assert plan == actual

    def test_digest_ignores_comments_and_order(self, write: Write) -> None:
        """The digest is of what the plan says, not of how the file is laid out."""
        lines = PLAN_YAML.splitlines()
        moved = "\n".join(["# a comment", *lines[1:5], lines[0], *lines[5:]])

        expected = digest(load_plan(write(PLAN_YAML)))
        actual = digest(load_plan(write(moved)))

        assert expected == actual

    def test_digest_sees_a_changed_threshold(self, write: Write) -> None:
        """Another alpha is another plan."""
        first = digest(load_plan(write(PLAN_YAML)))
        second = digest(load_plan(write(PLAN_YAML.replace("alpha: 0.01", "alpha: 0.02"))))

        assert first != second

    def test_keeps_the_lines(self, write: Write) -> None:
        """Findings about the plan can be placed later."""
        actual = read_plan(write(PLAN_YAML)).tree.line(("indicators", 0, "method", "parameters"))

        expected = 31

        assert expected == actual


class TestKeys:
    """Keys that are unknown, missing or double."""

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ("owner:", "ovner:", (5, "unknown key 'ovner'; did you mean 'owner'?")),
            ("  family:", "  famly:", (8, "unknown key 'famly'; did you mean 'family'?")),
            ("    subgroup_by:", "    sub_group_by:", (28, "unknown key 'sub_group_by'; did you mean 'subgroup_by'?")),
            ("      parameters:", "      params:", (31, "unknown key 'params'; did you mean 'parameters'?")),
            (
                "  link_type: Relates",
                "  link_type: Relates\n  zzz: 1",
                (
                    21,
                    (
                        "unknown key 'zzz'; known keys: project, issue_type, link_type, labels, components, fields, "
                        "priorities, routes, done, rejected, recurrence, reopen_days"
                    ),
                ),
            ),
        ],
    )
    def test_unknown_key(self, write: Write, old: str, new: str, expected: tuple[int, str]) -> None:
        """An unknown key is refused where it stands, with the nearest one that exists."""
        actual = faults(write(PLAN_YAML.replace(old, new)))

        assert expected in actual

    def test_missing_key(self, write: Write) -> None:
        """A missing key is told on the line of what it belongs to."""
        actual = faults(write(PLAN_YAML.replace("    source: complaints\n", "")))

        expected = [(22, "missing key 'source'")]

        assert expected == actual

    def test_doubled_key(self, write: Write) -> None:
        """A key that stands twice is refused, even with the same value."""
        actual = faults(write(PLAN_YAML + 'version: "1.0"\n'))

        expected = [(34, "key 'version' stands here again, first in line 2: keep one")]

        assert expected == actual


class TestTypes:
    """Values of a wrong type are never coerced."""

    @pytest.mark.parametrize(
        ("old", "new", "expected"),
        [
            ('version: "1.0"', "version: 1.0", (2, "must be text (put it in quotes), is 1.0")),
            ('["3.1"]', "[3.1]", (10, "must be text (put it in quotes), is 3.1")),
            ('["3.1"]', '"3.1"', (10, "must be a list, is '3.1'")),
            ("cadence: month", "cadence: monthly", (11, "must be one of 'month' or 'week', is 'monthly'")),
            ('"2016-01-01"', '"2016-13-01"', (12, "must be a date as YYYY-MM-DD, is '2016-13-01'")),
            ("rate: 0.05", 'rate: "0.05"', (13, "must be a number, is '0.05'")),
            ("rate: 0.05", "rate: true", (13, "must be a number, is True")),
            ("rate: 0.05", "rate: .nan", (13, "must be a number, is '.nan'")),
            ("rate: 0.05", "rate:", (13, "must be a number, is empty")),
            ("ticket:\n", "ticket: none\nx:\n", (17, "must be a mapping of keys to values, is 'none'")),
            ("denominator: device_days", "denominator: [a]", (27, "must be text (put it in quotes), is a list")),
            (
                "{alpha: 0.01}",
                "{alpha: true}",
                (31, "must be a number or a whole number or text (put it in quotes), is True"),
            ),
        ],
    )
    def test_wrong_type(self, write: Write, old: str, new: str, expected: tuple[int, str]) -> None:
        """The line, what should stand there and what does."""
        actual = faults(write(PLAN_YAML.replace(old, new)))

        assert expected in actual

    @pytest.mark.parametrize("text", ["", "- a\n", "just text\n"])
    def test_no_mapping(self, write: Write, text: str) -> None:
        """A file that holds no mapping is told so."""
        actual = faults(write(text))

        expected = [(1, "must hold a mapping of keys to values, as Plan has them")]

        assert expected == actual


def test_all_faults_at_once(write: Write) -> None:
    """Unknown, missing and mistyped keys are all told in one go, ordered by line."""
    spoiled = (
        PLAN_YAML.replace("owner:", "ovner:")
        .replace("cadence: month", "cadence: year")
        .replace("    source: complaints\n", "")
        .replace("denominator: device_days", "denominator: 5")
    )

    actual = faults(write(spoiled))

    expected = [
        (1, "missing key 'owner'"),
        (5, "unknown key 'ovner'; did you mean 'owner'?"),
        (11, "must be one of 'month' or 'week', is 'year'"),
        (22, "missing key 'source'"),
        (26, "must be text (put it in quotes), is 5"),
    ]

    assert expected == actual


def test_faults_of_content_are_placed(write: Write) -> None:
    """What only the plan as a whole can tell has its line too."""
    spoiled = PLAN_YAML.replace("false_discovery_rate: 0.05", "false_discovery_rate: 5").replace(
        "subgroup_by: software_version", "subgroup_by: serial"
    )

    actual = faults(write(spoiled))

    expected = [
        (13, "must lie between 0 and 1, is 5.0"),
        (28, "column 'serial' never leaves the lake: its values would show in series and tickets"),
        (28, "exposure is not known by 'serial': a rate can be split by model, software_version, region"),
    ]

    assert expected == actual


def test_error_is_a_configuration_error_that_lists_all(write: Write) -> None:
    """Whoever prints only the message still sees every fault with file and line."""
    path = write(PLAN_YAML.replace("owner:", "ovner:"))

    with pytest.raises(ConfigurationError) as refused:
        load_plan(path)

    assert f"{path}:5: error: ovner: unknown key 'ovner'; did you mean 'owner'?" in str(refused.value)
    assert "2 faults found" in str(refused.value)


def test_spoiled_plans_are_refused_with_findings_and_nothing_else(write: Write) -> None:
    """Whatever a slip of the keyboard makes of a plan, it is read or refused with findings: no other error escapes."""
    generator = random.Random(1)  # repeatable slips, no secret
    slips = [
        "{",
        "[",
        "}",
        ":",
        "- ",
        "\n",
        '"',
        "'",
        "&a ",
        "*a",
        "!x ",
        "#",
        "|",
        "@",
        "\t",
        "? ",
        "<<: ",
        "1e999",
        "~",
        "é",
    ]
    refused = read = 0
    for _ in range(300):
        at, cut = generator.randrange(len(PLAN_YAML)), generator.randrange(12)
        path = write(PLAN_YAML[:at] + generator.choice(slips) + PLAN_YAML[at + cut :])
        try:
            load_plan(path)
        except FaultyContentError as error:
            refused += bool(error.findings)
        else:
            read += 1

    assert refused > 200
    assert refused + read == 300
