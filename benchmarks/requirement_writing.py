"""How well the rules of writing find what people marked: precision and recall by rule on the labelled set.

    python -m benchmarks.requirement_writing                     # both parts, numbers only
    python -m benchmarks.requirement_writing --errors            # also every error of the development part

The set (``labelled_requirements.csv``) was written before the rules, by the same author: the numbers say how well the
rules generalise to other sentences of that author, not to other people's. The part of a requirement is the parity of
the SHA-256 of its id. Errors of the part that is held back are never printed, so that nobody tunes to them.
"""

import csv
import sys
from collections import defaultdict
from pathlib import Path

from include.postmarket.model.register import Item
from include.postmarket.requirements.writing.check import check_writing
from include.postmarket.requirements.writing.note import Rule
from include.postmarket.requirements.writing.terms import load_glossary

FOLDER = Path(__file__).parent
Found = dict[str, set[str]]


def labelled() -> list[dict[str, str]]:
    """Give the rows of the labelled set: id, part, labels, text."""
    with (FOLDER / "labelled_requirements.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def found_labels(rows: list[dict[str, str]]) -> Found:
    """Give the rules that the checker names for each requirement; pairs as ``near:<id of the other>``."""
    items = [Item(id=row["id"], text=row["text"]) for row in rows]
    found: Found = defaultdict(set)
    for note in check_writing(items, load_glossary(FOLDER / "labelled_glossary.csv")):
        other = note.suggestion.rpartition(" ")[2]
        found[note.requirement].add(f"near:{other}" if note.rule is Rule.NEAR else note.rule.value)
    return found


def measure(rows: list[dict[str, str]], found: Found) -> dict[str, tuple[int, int, int]]:
    """Give true, false and missed findings by rule."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        wanted = set(filter(None, row["labels"].split(";")))
        for position, labels in enumerate(
            (wanted & found[row["id"]], found[row["id"]] - wanted, wanted - found[row["id"]])
        ):
            for label in labels:
                counts[label.partition(":")[0]][position] += 1
    return {name: (true, false, missed) for name, (true, false, missed) in counts.items()}


def main() -> None:
    """Print the tables."""
    rows = labelled()
    found = found_labels(rows)
    for part in ("development", "held back"):
        chosen = [row for row in rows if row["part"] == part]
        counts = measure(chosen, found)
        good = [row for row in chosen if not row["labels"]]
        print(f"\n{part}: {len(chosen)} requirements, {len(good)} of them good")
        print(f"{'rule':<15}{'labelled':>9}{'found':>7}{'precision':>11}{'recall':>8}")
        total = [0, 0, 0]
        for name in [rule.value for rule in Rule if rule.value in counts]:
            total = [a + b for a, b in zip(total, counts[name], strict=True)]
            print(_line(name, *counts[name]))
        print(_line("all", *total))
        clean = sum(not found[row["id"]] for row in good)
        print(f"good requirements without any finding: {clean} of {len(good)}")
    if "--errors" in sys.argv:
        _print_errors([row for row in rows if row["part"] == "development"], found)


def _line(name: str, true: int, false: int, missed: int) -> str:
    precision = f"{true / (true + false):.2f}" if true + false else "-"
    recall = f"{true / (true + missed):.2f}" if true + missed else "-"
    return f"{name:<15}{true + missed:>9}{true + false:>7}{precision:>11}{recall:>8}"


def _print_errors(rows: list[dict[str, str]], found: Found) -> None:
    for row in rows:
        wanted = set(filter(None, row["labels"].split(";")))
        false, missed = found[row["id"]] - wanted, wanted - found[row["id"]]
        if false or missed:
            print(f"{row['id']} false {sorted(false)} missed {sorted(missed)}: {row['text']}")


if __name__ == "__main__":
    main()
