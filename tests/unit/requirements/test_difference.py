"""Which links are suspect, dangling, outside; across registers."""

from include.postmarket.model.register import Item, LinkCondition, LinkKey
from include.postmarket.requirements.difference import link_states, target_stamps

A, B = Item(id="A", text="one"), Item(id="B", text="two")


def key(role: str, target: str) -> LinkKey:
    """Give a link of one item."""
    return LinkKey(register="r", item="X", role=role, target=target)


def test_conditions() -> None:
    """Each condition by what the link holds and what its target says."""
    keys = [key("refines", "A"), key("refines", "B"), key("refines", "C"), key("risk", "H"), key("refines", "D")]
    held = {keys[0]: A.stamp, keys[1]: "old", keys[2]: "was there"}

    states = link_states(keys, held, {"A": A.stamp, "B": B.stamp, "D": "new"})

    assert [state.condition for state in states] == [
        LinkCondition.CURRENT, LinkCondition.SUSPECT, LinkCondition.DANGLING, LinkCondition.OUTSIDE,
        LinkCondition.SUSPECT,
    ]  # fmt: skip


def test_targets_in_other_registers() -> None:
    """The own register comes first; an id that two others have is nobody's."""
    other = {"A": Item(id="A", text="x"), "B": B, "C": Item(id="C", text="c")}
    registers = {"own": {"A": A}, "one": other, "two": {"C": Item(id="C", text="d")}}

    assert target_stamps(registers, "own") == {"A": A.stamp, "B": B.stamp}
