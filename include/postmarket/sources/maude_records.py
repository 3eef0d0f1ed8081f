"""The lines of an excerpt of MAUDE's files, joined by report key to the same rows as openFDA gives.

Of a report that stands in several files of one table the newest counts: a change file before an added one, that before
the year's. Each table is judged by itself, so that a changed report without a text keeps the text it had.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from include.postmarket.model.errors import InputError
from include.postmarket.sources.files import Member
from include.postmarket.sources.maude_lines import Head, Kind, cells_of, decoded, head, key_of, rows
from include.postmarket.sources.records import Record
from include.postmarket.sources.report_parts import Parts, row_cells
from include.postmarket.sources.same_device import Devices


@dataclass(slots=True)
class _Table:
    """The rows of one table by report key, of the newest kind of file that has any."""

    rank: dict[str, int] = field(default_factory=dict)
    rows: dict[str, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    broken: set[str] = field(default_factory=set)

    def add(self, key: str, rank: int, cells: dict[str, str], *, exact: bool) -> None:
        if rank > self.rank.get(key, -1):
            self.rank[key] = rank
            self.rows[key] = []
            self.broken.discard(key)
        if rank == self.rank[key]:
            self.rows[key].append(cells)
            if not exact:
                self.broken.add(key)


def read(members: tuple[Member, ...], wanted: Devices) -> list[Record]:
    """Give one record a report that is about a wanted device, in the order of the master files.

    A master row of the wrong length has the fault ``shape``; rows of other tables may be shorter than their header,
    because FDA took columns away at the end. Raises InputError for a member that is none of MAUDE's files.
    """
    tables: dict[Kind, _Table] = defaultdict(_Table)
    names: dict[str, str] = {}
    for member in members:
        lines = member.content.splitlines(keepends=True)
        said = head(lines[0]) if lines else None
        if said is None:
            if not lines:
                continue
            raise InputError("no file of MAUDE", where=member.name, todo="pull again")
        body = lines if said.is_row else lines[1:]
        if said.kind is Kind.PROBLEM_NAME:
            names |= dict(_names(body))
        else:
            _fill(tables[said.kind], body, said, _rank(member.name))
    masters = enumerate(tables[Kind.MASTER].rows, start=1)
    found = [_record(key, number, tables, names, wanted) for number, key in masters]
    return [record for record in found if record is not None]


def _fill(table: _Table, lines: list[bytes], said: Head, rank: int) -> None:
    for row in rows(lines):
        cells, exact = cells_of(row, said.columns)
        table.add(key_of(row), rank, cells, exact=exact)


def _record(
    key: str, number: int, tables: Mapping[Kind, _Table], names: Mapping[str, str], wanted: Devices
) -> Record | None:
    own = dict(tables[Kind.MASTER].rows[key][-1])
    if own.get("summary_report_flag", "").upper() != "Y":
        own.pop("noe_summarized", None)
    found = {kind: tables[kind].rows.get(key, []) for kind in (Kind.DEVICE, Kind.TEXT, Kind.PATIENT, Kind.PROBLEM)}
    codes = [row["problem_code"] for row in found[Kind.PROBLEM] if row.get("problem_code")]
    parts = Parts(
        own=own | {"mdr_report_key": key},
        devices=sorted(found[Kind.DEVICE], key=lambda d: d.get("device_sequence_number", "").zfill(6)),
        texts=[row.get("foi_text", "") for row in found[Kind.TEXT]],
        patients=found[Kind.PATIENT],
        problems=[names.get(code, code) for code in codes],
    )
    cells = row_cells(parts, wanted)
    if cells is None:
        return None
    faults = ("shape",) if key in tables[Kind.MASTER].broken else ()
    raw = {Kind.MASTER.value: own} | {kind.value: listed for kind, listed in found.items() if listed}
    return Record(row=number, cells=cells, faults=faults, raw=raw)


def _names(lines: list[bytes]) -> Iterator[tuple[str, str]]:
    for line in lines:
        code, found, name = decoded(line).strip().replace("|", ",", 1).partition(",")
        if found:
            yield code.strip(' "'), name.strip(' "')


def _rank(name: str) -> int:
    lowered = name.lower()
    return 2 if "change" in lowered else int("add" in lowered)
