"""Plans are read as they are signed: one spelling, no tricks."""

from pathlib import Path

import pytest

from include.postmarket.model.finding import FaultyContentError
from include.postmarket.model.yaml_tree import parse_tree, read_tree


def faults(text: str) -> list[tuple[int, str]]:
    """Give line and message of every fault of some text."""
    with pytest.raises(FaultyContentError) as refused:
        parse_tree(text, file="plan.yaml")
    return [(finding.line, finding.message) for finding in refused.value.findings]


class TestScalars:
    """The core schema of YAML 1.2, without its surprises."""

    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ("1e-4", 1e-4),
            ("1.0e-4", 1e-4),
            ("-3", -3),
            ("0.05", 0.05),
            ("no", "no"),
            ("on", "on"),
            ("2017-01-01", "2017-01-01"),
            ("1:30", "1:30"),
            ("0x1F", "0x1F"),
            (".nan", ".nan"),
            ("'3.1'", "3.1"),
            ("true", True),
            ("~", None),
            ("", None),
        ],
    )
    def test_resolves(self, written: str, expected: object) -> None:
        """A number is a number; a word, a date and YAML 1.1's oddities stay text."""
        actual = parse_tree(f"a: {written}\n", file="f").value["a"]

        expected = (expected, type(expected))

        assert expected == (actual, type(actual))

    def test_octal_is_decimal(self) -> None:
        """A leading zero does not turn 010 into 8, as YAML 1.1 has it."""
        actual = parse_tree("a: 010\n", file="f").value

        expected = {"a": 10}

        assert expected == actual

    def test_too_large_a_number_is_refused(self) -> None:
        """Infinity cannot slip in through an exponent."""
        actual = faults("a: 1\nb: 9e999\n")

        expected = [(2, "9e999 is too large a number")]

        assert expected == actual


class TestLines:
    """Every path knows its line."""

    def test_lines_of_keys_and_items(self) -> None:
        """A key has the line it stands on, an item of a list too."""
        tree = parse_tree("a:\n  - x\n  - b: 1\n    c: 2\n", file="f")

        expected = (1, 2, 3, 4)

        assert expected == (tree.line(("a",)), tree.line(("a", 0)), tree.line(("a", 1)), tree.line(("a", 1, "c")))

    def test_absent_path_has_the_line_of_its_parent(self) -> None:
        """What is missing is told at the place where it should have stood."""
        tree = parse_tree("x: 1\na:\n  b: 1\n", file="f")

        expected = 2

        assert expected == tree.line(("a", "missing"))


class TestRefused:
    """Nothing that hides or attacks is read."""

    def test_all_doubled_keys_are_told(self) -> None:
        """Both doubled keys are named with the line they first stood on; none wins silently."""
        actual = faults("a: 1\na: 2\nb:\n  c: 1\n  c: 2\n")

        expected = [
            (2, "key 'a' stands here again, first in line 1: keep one"),
            (5, "key 'c' stands here again, first in line 4: keep one"),
        ]

        assert expected == actual

    def test_billion_laughs(self) -> None:
        """An anchor bomb is refused at its anchors, before anything is expanded."""
        bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))

        actual = faults(bomb)

        expected = (1, "anchors and aliases are not allowed: write the value out")

        assert expected == actual[0]

    @pytest.mark.parametrize(
        "tagged", ["!!python/object/apply:os.system ['true']", "!!binary aGk=", "!secret x", "! x", "!!set {a, b}"]
    )
    def test_tags(self, tagged: str) -> None:
        """No tag is read, neither python's nor the harmless ones."""
        actual = faults(f"ok: 1\na: {tagged}\n")

        expected = 2

        assert expected == actual[0][0]
        assert actual[0][1].startswith("tags are not allowed")

    @pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
    def test_deep_nesting_stops_early(self, opening: str) -> None:
        """Half a megabyte of opening brackets ends with a finding, not with the stack."""
        actual = faults(opening * 100_000)

        assert "nested deeper than 24 levels" in actual[-1][1]

    def test_merge_key_is_no_merge(self) -> None:
        """``<<`` is an ordinary key, so that the plan's own keys refuse it."""
        actual = parse_tree("<<: {a: 1}\nb: 2\n", file="f").value

        expected = {"<<": {"a": 1}, "b": 2}

        assert expected == actual

    def test_second_document(self) -> None:
        """What stands behind a document separator is not overlooked."""
        actual = faults("a: 1\n---\nb: 2\n")

        expected = [(2, "a second document: one file holds one document")]

        assert expected == actual

    @pytest.mark.parametrize("text", ["a: [1", "a: 'x", "\ta: 1", "a: b: c", "a: \x00", "? [a]\n: 1"])
    def test_no_yaml(self, text: str) -> None:
        """Broken text is one finding that says so."""
        actual = faults(text)

        expected = 1

        assert expected == len(actual)

    def test_large_file(self, tmp_path: Path) -> None:
        """A file far larger than any plan is not parsed at all."""
        path = tmp_path / "plan.yaml"
        path.write_bytes(b"a: " + b"x" * 1_000_000)

        with pytest.raises(FaultyContentError, match="holds 1000003 bytes"):
            read_tree(path)

    def test_not_utf_8(self, tmp_path: Path) -> None:
        """Bytes that are no UTF-8 are told with their place."""
        path = tmp_path / "plan.yaml"
        path.write_bytes(b"a: \xff")

        with pytest.raises(FaultyContentError, match="is not UTF-8 at byte 3"):
            read_tree(path)

    def test_absent_file(self, tmp_path: Path) -> None:
        """A file that is not there is a configuration fault with its path."""
        with pytest.raises(FaultyContentError, match=r"nowhere\.yaml: error: cannot be read: No such file"):
            read_tree(tmp_path / "nowhere.yaml")
