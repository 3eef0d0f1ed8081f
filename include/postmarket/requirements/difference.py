"""What a new import changes in a register, and which links no longer fit what they point to. Both pure."""

from collections.abc import Iterable, Iterator, Mapping

from include.postmarket.model.finding import FaultyContentError, Finding, Weight
from include.postmarket.model.register import (
    EVIDENCE,
    OUTSIDE,
    Difference,
    Item,
    LinkCondition,
    LinkKey,
    LinkState,
    Role,
)


def difference(known: Mapping[str, Item], incoming: Iterable[Item], removable: Iterable[str]) -> Difference:
    """Compare a register as it is with an import; of ``removable`` ids those that the import lacks are removed."""
    arriving = {item.id: item for item in incoming}
    changed = tuple(item for item in arriving.values() if item.id in known and item.content != known[item.id].content)
    return Difference(
        new=tuple(item for item in arriving.values() if item.id not in known),
        changed=changed,
        removed=tuple(known[name] for name in removable if name in known and name not in arriving),
        reworded=tuple(item.id for item in changed if item.stamp != known[item.id].stamp),
        unchanged=sum(item.id in known and item.content == known[item.id].content for item in arriving.values()),
    )


def links_of(register: str, items: Iterable[Item]) -> Iterator[LinkKey]:
    """Give the key of every link of items."""
    for item in items:
        for link in item.links:
            yield LinkKey(register=register, item=item.id, role=link.role, target=link.target)


def target_stamps(registers: Mapping[str, Mapping[str, Item]], register: str) -> dict[str, str]:
    """Give the stamp of every item that a link of a register may mean: its own first, then those of the others.

    An id that several other registers have is nobody's: a link to it dangles.
    """
    found: dict[str, str] = {}
    several: set[str] = set()
    for name, items in registers.items():
        for item in items.values() if name != register else ():
            several |= {item.id} & found.keys()
            found[item.id] = item.stamp
    own = {item.id: item.stamp for item in registers.get(register, {}).values()}
    return {name: stamp for name, stamp in found.items() if name not in several} | own


def link_states(keys: Iterable[LinkKey], held: Mapping[LinkKey, str], targets: Mapping[str, str]) -> list[LinkState]:
    """Give the state of every link: suspect when its target says something else than when the link was last cleared."""
    states = []
    for key in keys:
        stamp, now = held.get(key, ""), targets.get(key.target, "")
        if not now:
            condition = LinkCondition.OUTSIDE if key.role in OUTSIDE and not stamp else LinkCondition.DANGLING
        else:
            condition = LinkCondition.CURRENT if stamp == now else LinkCondition.SUSPECT
        states.append(LinkState(key=key, condition=condition, held=stamp, now=now))
    return states


def unknown_targets(items: Iterable[Item], known: Iterable[str]) -> tuple[Finding, ...]:
    """Give the requirements that evidence names and no register has: kept, and listed."""
    ids = set(known)
    return tuple(
        Finding(weight=Weight.WARNING, message=_names_unknown(item, link.target), file=item.file, line=item.line)
        for item in items
        for link in item.links
        if item.kind in EVIDENCE and link.role in {Role.VERIFIES, Role.IMPLEMENTS} and link.target not in ids
    )


def _names_unknown(item: Item, target: str) -> str:
    return f"{item.kind} {item.id!r} names requirement {target!r}, which is in no register; the link is kept"


def refuse_collisions(incoming: Iterable[Item], taken: Iterable[str], where: str) -> None:
    """Raise FaultyContentError when evidence has the id of a requirement, or the other way round: one would be lost."""
    ids = set(taken)
    findings = [
        Finding(
            weight=Weight.ERROR,
            message=f"id {item.id!r} is one of the register's other part (requirements or evidence): rename one",
            file=item.file,
            line=item.line,
        )
        for item in incoming
        if item.id in ids
    ]
    if findings:
        raise FaultyContentError(findings, where=where)
