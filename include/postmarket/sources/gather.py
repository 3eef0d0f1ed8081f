"""The rows of everything that one pull brought: one file, or the files of a folder one behind the other."""

import dataclasses
from collections.abc import Callable

import pandas as pd

from include.postmarket.model.errors import InputError
from include.postmarket.sources.files import Member, members
from include.postmarket.sources.records import Layout, Record, frame

#: Reads one file: its rows, numbered from 1, and the encoding that read it.
ReadMember = Callable[[Member], tuple[list[Record], str]]


def gather(content: bytes, layout: Layout, read_member: ReadMember) -> pd.DataFrame:
    """Give the rows of all members by a layout, numbered through.

    Rows that only Windows-1252 could read carry the note ``cp1252``: it reads nearly any bytes, right or wrong.
    Raises InputError when a member is no file of this source; all that are not are named at once, and none is read.
    """
    found: list[Record] = []
    refused: list[str] = []
    for member in members(content):
        try:
            rows, encoding = read_member(member)
        except InputError as error:
            refused.append(f"{member.name}: {error.what}" if member.name else error.what)
            continue
        note = () if encoding != "cp1252" else (encoding,)
        before = found[-1].row if found else 0  # not their number: rows that were not asked for left gaps
        found += [dataclasses.replace(r, row=before + r.row, notes=r.notes + note) for r in rows]
    if refused:
        source = layout.table.source.value
        raise InputError(
            "; ".join(refused),
            where=source,
            todo=f"give {source} files only: mend these or take them out of the folder",
        )
    return frame(found, layout)
