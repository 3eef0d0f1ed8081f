"""The draft of a change to the risk file: a signal, one risk item and the field's evidence, before and after.

The record follows the risk update record (schema of the project, after ISO 14971:2019 10.3 and 10.4). What software
may say in it and what it may not:

- the four questions of 10.3 stay ``undetermined``; what the data say of each is written beside them under ``evidence``
  for the person who answers. "Yes" and "no" are decisions, and a wrong "no" would end the review;
- the decision proposed is only ever ``estimate_updated`` or ``no_change``, with its rationale; controls, CAPA, FSCA and
  new risks are for people;
- ``signatures`` is empty: nothing in the risk file changes before a person has signed (G5).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from include.postmarket.model.canonical import digest
from include.postmarket.model.errors import ConfigurationError, InputError
from include.postmarket.model.requirement import Requirement
from include.postmarket.model.risk import RiskFile, RiskItem, RiskUpdate
from include.postmarket.model.signal import Signal
from include.postmarket.model.stamp import Stamp
from include.postmarket.risk.assessment import assessed, unassessed, why_not_estimable
from include.postmarket.risk.estimate import LEVEL, METHOD_ID
from include.postmarket.risk.evidence import Evidence, record_unit
from include.postmarket.risk.matrix import check_matrix

SOFTWARE = "postmarket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """When a draft is made, and by which run: moments are passed in so that the draft can be computed again (G2)."""

    stamp: Stamp
    detected_utc: datetime
    created_utc: datetime


def update_id(signal_id: str, risk_id: str) -> str:
    """Give the id of the one update that a signal proposes for a risk item, however often it is drafted."""
    return f"RU-{digest([signal_id, risk_id])[:12]}"


def draft_update(
    signal: Signal,
    item: RiskItem,
    risk_file: RiskFile,
    requirements: tuple[Requirement, ...],
    evidence: Evidence,
    occasion: Occasion,
) -> RiskUpdate:
    """Give the update of one risk item that a signal proposes, for a person to answer, decide and sign.

    Where the field gives no rate (a reporting count, another unit) ``estimable`` is False with the reason; the record
    then holds what is known, and ``after.p1``, exposure and decision are None: it cannot be taken for an assessed one.
    Raises ConfigurationError for a wrong matrix, an item that is not in the risk file, or a requirement that is not in
    the register (none at all included); InputError for a moment without time zone.
    """
    check_matrix(risk_file.matrix)
    if item not in risk_file.items:
        raise ConfigurationError(
            f"risk item {item.id} is not in this version of the risk file",
            where=f"risk file {risk_file.id}@{risk_file.version}",
            todo="draft the update from the item of the risk file in force",
        )
    record = _opening(signal, item, risk_file, occasion) | {
        "requirement_refs": _requirement_refs(signal, item, requirements),
        "evidence": _evidence(item, evidence),
    }
    reason = why_not_estimable(item, risk_file, evidence)
    record |= unassessed(item, risk_file, reason) if reason else assessed(item, risk_file, evidence)
    return RiskUpdate(
        id=record["id"],
        signal_id=signal.id,
        risk_id=item.id,
        estimable=not reason,
        reason=reason,
        record=record,
        stamp=occasion.stamp,
    )


def _opening(signal: Signal, item: RiskItem, risk_file: RiskFile, occasion: Occasion) -> dict[str, Any]:
    return {
        "id": update_id(signal.id, item.id),
        "created_utc": _utc(occasion.created_utc),
        "trigger": {
            "signal_id": signal.id,
            "run_id": signal.stamp.run_id,
            "detected_utc": _utc(occasion.detected_utc),
        },
        "risk_ref": {
            "risk_id": item.id,
            "hazard": item.hazard,
            "sequence_of_events": item.sequence_of_events,
            "hazardous_situation": item.hazardous_situation,
            "harm": item.harm,
            "risk_file_version": risk_file.version,
        },
        "signatures": [],
        "software": {
            "name": SOFTWARE,
            "version": occasion.stamp.code,
            "method_id": METHOD_ID,
            "parameters_sha256": digest({"method": METHOD_ID, "level": LEVEL, "cap": "field exposure", "item": item}),
        },
    }


def _utc(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise InputError(
            f"the moment {moment.isoformat()} has no time zone",
            where="risk update",
            todo="pass moments with their zone",
        )
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _requirement_refs(signal: Signal, item: RiskItem, requirements: tuple[Requirement, ...]) -> list[dict[str, str]]:
    """Name the risk's controls, and the requirements the indicator guards that are not among them."""
    relations = dict.fromkeys(signal.requirements, "originating") | dict.fromkeys(item.controls, "risk_control")
    versions = {requirement.id: requirement.version for requirement in requirements}
    missing = sorted(set(relations) - set(versions))
    if missing or not relations:
        raise ConfigurationError(
            f"risk item {item.id} and signal {signal.id} name "
            + (f"{', '.join(missing)}, not in the register" if missing else "no requirement"),
            where="requirement register",
            todo="add the requirement to the register, or the control to the risk item",
        )
    return [
        {"requirement_id": name, "version": versions[name], "relation": relations[name]} for name in sorted(relations)
    ]


def _evidence(item: RiskItem, evidence: Evidence) -> dict[str, Any]:
    """Write the evidence; both days of the window are included, as people read them."""
    return {
        "events": evidence.events,
        "exposure": evidence.exposure,
        "exposure_unit": record_unit(evidence.unit) or record_unit(item.exposure_unit),
        "window_start": evidence.window.start.isoformat(),
        "window_end": (evidence.window.end - timedelta(days=1)).isoformat(),
        "query_sha256": evidence.query_sha256,
        "dataset_sha256": evidence.dataset_sha256,
        "under_reporting_factor": evidence.under_reporting_factor,
        "record_keys": sorted(evidence.record_keys),
        "data_label": evidence.label.value,
        "limitations": f"Data are {evidence.label.value}. Under-reporting factor "
        f"{evidence.under_reporting_factor:g} as stated. {evidence.limitations}".strip(),
    }
