"""Reads a PMS plan (MDR Annex III 1.1(b)) from its YAML file."""

from pathlib import Path

from include.postmarket.model.finding import FaultyContentError, errors_of
from include.postmarket.model.plan import Plan
from include.postmarket.plans.content import content_findings
from include.postmarket.plans.placing import placed
from include.postmarket.plans.yaml_record import Record, read_record


def load_plan(path: Path) -> Plan:
    """Give the plan of a file. Raises FaultyContentError with every fault of the file and its line."""
    return read_plan(path).value


def read_plan(path: Path) -> Record[Plan]:
    """Give the plan and the lines it stands on, so that later findings can be placed.

    Raises FaultyContentError with every fault of types and keys, or else every fault of what the plan itself says.
    """
    record = read_record(path, Plan)
    faults = errors_of(content_findings(record.value))
    if faults:
        raise FaultyContentError(placed(faults, record.tree), where=record.tree.file)
    return record
