"""Reads an ISO 14971 risk file, with its scales and matrix, from YAML."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from include.postmarket.model.finding import FaultyContentError, Finding, Weight
from include.postmarket.model.risk import Acceptability, Matrix, RiskFile, RiskItem
from include.postmarket.plans.placing import placed
from include.postmarket.plans.yaml_record import read_record

_RANK = {Acceptability.ACCEPTABLE: 0, Acceptability.INVESTIGATE: 1, Acceptability.UNACCEPTABLE: 2}

Key = tuple[str | int, ...]


def load_risk_file(path: Path) -> RiskFile:
    """Give the risk file. Raises FaultyContentError with every fault of the file and its line."""
    record = read_record(path, RiskFile)
    faults = [*_matrix_findings(record.value.matrix), *_item_findings(record.value)]
    if faults:
        raise FaultyContentError(placed(faults, record.tree), where=record.tree.file)
    return record.value


def _matrix_findings(matrix: Matrix) -> Iterator[Finding]:
    bands = matrix.bands
    if not bands or bands[0] != 0 or any(low >= high for low, high in pairwise(bands)) or bands[-1] >= 1:
        yield _error(("matrix", "bands"), "must start at 0, rise, and stay below 1: every probability needs one level")
    if len(matrix.cells) != len(bands):
        yield _error(("matrix", "cells"), f"must hold {len(bands)} rows, one per band, holds {len(matrix.cells)}")
    for level, row in enumerate(matrix.cells):
        if len(row) != len(matrix.severities):
            wrong = f"must hold {len(matrix.severities)} cells, one per severity, holds {len(row)}"
            yield _error(("matrix", "cells", level), wrong)
        elif any(_RANK[left] > _RANK[right] for left, right in pairwise(row)):
            yield _error(("matrix", "cells", level), "becomes more acceptable with a higher severity")
    for level, (lower, upper) in enumerate(pairwise(matrix.cells)):
        if any(_RANK[below] > _RANK[above] for below, above in zip(lower, upper, strict=False)):
            yield _error(("matrix", "cells", level + 1), "becomes more acceptable with a higher probability")


def _item_findings(risk_file: RiskFile) -> Iterator[Finding]:
    if not risk_file.items:
        yield _error(("items",), "holds no risk")
    first: dict[str, int] = {}
    for position, item in enumerate(risk_file.items):
        at: Key = ("items", position)
        if first.setdefault(item.id, position) != position:
            yield _error((*at, "id"), f"risk {item.id!r} stands twice")
        yield from _one_item(item, risk_file.matrix, at)


def _one_item(item: RiskItem, matrix: Matrix, at: Key) -> Iterator[Finding]:
    for name in ("id", "hazard", "sequence_of_events", "hazardous_situation", "harm"):
        if not getattr(item, name).strip():
            yield _error((*at, name), "must not be empty")
    if not 1 <= item.severity <= len(matrix.severities):
        yield _error((*at, "severity"), f"must be 1 to {len(matrix.severities)}, is {item.severity}")
    for name in ("p1", "p2"):
        if not 0 < getattr(item, name) <= 1:
            yield _error((*at, name), f"is a probability above 0 and up to 1, is {getattr(item, name)}")
    if not item.prior_exposure > 0:
        yield _error((*at, "prior_exposure"), f"must be above 0, is {item.prior_exposure}")
    if item.exposure_unit != matrix.per:
        wrong = f"is {item.exposure_unit!r}, but the matrix counts per {matrix.per!r}: probabilities would not compare"
        yield _error((*at, "exposure_unit"), wrong)
    if not item.controls:
        yield _error((*at, "controls"), "names no requirement that controls the risk")


def _error(key: Key, message: str) -> Finding:
    return Finding(weight=Weight.ERROR, message=message, key=key)
