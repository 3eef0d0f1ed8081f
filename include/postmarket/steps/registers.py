"""Imported registers: read a file, see what it changes, write it, and look after the links."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from include.postmarket.model.canonical import digest
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.finding import Finding
from include.postmarket.model.register import (
    Difference,
    ImportRecord,
    Item,
    LinkCondition,
    LinkKey,
    LinkState,
    RegisterFile,
)
from include.postmarket.records.requirement_book import EVIDENCE, REQUIREMENTS, Arrival, Clearing
from include.postmarket.requirements.difference import (
    difference,
    link_states,
    links_of,
    refuse_collisions,
    target_stamps,
    unknown_targets,
)
from include.postmarket.requirements.exchange import GENERATOR
from include.postmarket.requirements.importing import EVIDENCE_FORMATS, Format, import_file
from include.postmarket.requirements.mapping import Mapping
from include.postmarket.steps.house import House


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is imported into which register, and how it is read."""

    path: Path
    register: str
    mapping: Mapping
    format: Format | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """An import beside the register as it is: what it would change, and what it does not take or is not sure of."""

    record: ImportRecord
    part: str
    difference: Difference
    listed: tuple[Finding, ...]


def compare(house: House, source: Source) -> Comparison:
    """Read a file and say what it would change. Raises as `import_file` does; nothing is written."""
    if not source.register.strip():
        raise ConfigurationError("the register has no name", where="--register", todo="name it, for example pump")
    book = house.requirement_book
    known = book.items(source.register)
    imported = import_file(source.path, source.mapping, known.keys(), source.format)
    register = imported.register
    part, other = (EVIDENCE, REQUIREMENTS) if register.format in EVIDENCE_FORMATS else (REQUIREMENTS, EVIDENCE)
    refuse_collisions(register.items, book.items(source.register, other), str(source.path))
    removable = book.items(source.register, REQUIREMENTS) if part == REQUIREMENTS else ()
    found = difference(known, register.items, removable)
    listed = (
        *imported.listed,
        *unknown_targets(register.items, _all_ids(house) | {item.id for item in register.items}),
    )
    record = ImportRecord(
        register=source.register,
        sequence=len(book.imports(source.register)) + 1,
        format=register.format,
        source=register.source,
        sha256=register.sha256,
        generator=register.generator,
        new=len(found.new),
        changed=len(found.changed),
        removed=len(found.removed),
        listed=tuple(str(finding) for finding in listed),
    )
    return Comparison(record=record, part=part, difference=found, listed=listed)


def take(house: House, compared: Comparison, now: datetime) -> bool:
    """Write what was compared; False when it changes nothing, so that an import run twice is on record once.

    Raises InputError when the register was changed in between.
    """
    record, found = compared.record, compared.difference
    if not (found.new or found.changed or found.removed):
        return False
    items = house.requirement_book.items(record.register)
    items |= {item.id: item for item in (*found.new, *found.changed)}
    for item in found.removed:
        del items[item.id]
    targets = target_stamps(_registers(house) | {record.register: items}, record.register)
    stamps = {key: targets[key.target] for key in links_of(record.register, items.values()) if key.target in targets}
    arrival = Arrival(record=record, part=compared.part, difference=found, stamps=stamps, after=record.sequence - 1)
    house.requirement_book.take(arrival, now)
    return True


def states(house: House, register: str) -> list[LinkState]:
    """Give every link of a register with its condition. Raises ConfigurationError for an unknown register."""
    registers = _registers(house)
    _require(register, registers)
    held = {key: stamp.stamp for key, stamp in house.requirement_book.stamps(register).items()}
    return link_states(links_of(register, registers[register].values()), held, target_stamps(registers, register))


def clear(house: House, clearing: Clearing, now: datetime) -> list[LinkKey]:
    """Record that a person looked at both ends of a suspect link; gives the links between the two that it clears.

    Raises ConfigurationError: no such link, none is suspect, the target is no longer what that person saw, no name
    or no reason.
    """
    if not clearing.by.strip() or len(clearing.reason.split()) < 2:
        wrong = "a link is cleared by a named person with a reason"
        raise ConfigurationError(wrong, where="requirements clear", todo="give --by and --reason")
    wanted = clearing.key
    where = f"register {wanted.register}: {wanted.item} -> {wanted.target}"
    ends = (wanted.item, wanted.target)
    between = [s for s in states(house, wanted.register) if (s.key.item, s.key.target) == ends]
    suspect = [state for state in between if state.condition is LinkCondition.SUSPECT]
    if not suspect:
        found = ", ".join(state.condition for state in between) or "not there"
        raise ConfigurationError(f"the link is {found}, not suspect", where=where, todo="see `requirements links`")
    seen = suspect[0].now
    if len(clearing.stamp) < 8 or not seen.startswith(clearing.stamp):
        todo = f"read {wanted.target} again, and give --stamp {seen[:12]}"
        raise ConfigurationError("the target is not what was reviewed: its stamp is another", where=where, todo=todo)
    done = [Clearing(key=state.key, stamp=seen, by=clearing.by, reason=clearing.reason) for state in suspect]
    house.requirement_book.clear(done, now)
    return [clearing.key for clearing in done]


def export(house: House, register: str) -> RegisterFile:
    """Give a register as it is now in the form of exchange. Raises ConfigurationError for an unknown register."""
    registers = _registers(house)
    _require(register, registers)
    items = tuple(registers[register].values())
    content = digest([item.content for item in items])
    return RegisterFile(generator=GENERATOR, format="records", source=register, sha256=content, items=items)


def _registers(house: House) -> dict[str, dict[str, Item]]:
    return {name: house.requirement_book.items(name) for name in house.requirement_book.registers()}


def _all_ids(house: House) -> set[str]:
    return {name for items in _registers(house).values() for name in items}


def _require(register: str, registers: dict[str, dict[str, Item]]) -> None:
    if register not in registers:
        known = ", ".join(registers) or "none yet"
        raise ConfigurationError(f"there is no register {register!r}", where="records", todo=f"known are: {known}")
