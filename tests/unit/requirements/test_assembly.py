"""Circles and long chains of refinement."""

from include.postmarket.model.register import Item, Link
from include.postmarket.requirements.assembly import circles


def item(name: str, *above: str) -> Item:
    """Give an item that refines others."""
    return Item(id=name, text="x", links=tuple(Link(role="refines", target=target) for target in above))


def test_circles_are_found_once() -> None:
    """A circle within a tree, and an item that refines itself."""
    items = (item("A", "B"), item("B", "C"), item("C", "B"), item("D", "D"), item("E", "A", "gone"))

    assert [[member.id for member in circle] for circle in circles(items)] == [["B", "C"], ["D"]]


def test_a_chain_as_long_as_the_register() -> None:
    """Ten thousand items that refine each other in a row overflow nothing; closed, they are one circle."""
    items = [item(str(n), str(n + 1)) for n in range(10_000)]

    assert list(circles(tuple(items))) == []
    assert [len(circle) for circle in circles((*items, item("10000", "0")))] == [10_001]
