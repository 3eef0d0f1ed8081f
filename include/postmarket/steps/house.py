"""The house of one process: the ports every step works with, opened once from the settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine

from include.postmarket.detection import catalogue
from include.postmarket.lake.index import Lake
from include.postmarket.lake.store import FolderStore
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.finding import FaultyContentError, errors_of
from include.postmarket.model.plan import Plan
from include.postmarket.model.requirement import Requirement
from include.postmarket.model.risk import RiskFile, RiskUpdate
from include.postmarket.plans.check import check_plan
from include.postmarket.plans.placing import placed
from include.postmarket.plans.plan_file import read_plan
from include.postmarket.plans.risk_file import load_risk_file
from include.postmarket.records.audit import Audit
from include.postmarket.records.batch_index import BatchIndex
from include.postmarket.records.decisions import Decisions
from include.postmarket.records.detection_log import DetectionLog
from include.postmarket.records.effect_results import EffectResults
from include.postmarket.records.engine import connect
from include.postmarket.records.evidence import Evidence
from include.postmarket.records.power_log import PowerLog
from include.postmarket.records.requirement_book import RequirementBook
from include.postmarket.records.risk_files import RiskFiles
from include.postmarket.records.risk_updates import RiskUpdates
from include.postmarket.records.signal_book import SignalBook
from include.postmarket.records.signers import Signers
from include.postmarket.records.signing_sessions import SigningSessions
from include.postmarket.records.ticket_due import TicketDue
from include.postmarket.records.ticket_ledger import TicketLedger
from include.postmarket.records.ticket_standings import TicketStandings
from include.postmarket.requirements.register import load_register
from include.postmarket.sources.address import Addresses, none_known
from include.postmarket.steps.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A plan with the register and the risk file that belong to it."""

    plan: Plan
    requirements: tuple[Requirement, ...]
    risk_file: RiskFile


class House:
    """Settings and the opened ports; each port is opened on first use, so a step pays for what it needs only."""

    def __init__(self, settings: Settings, addresses: Addresses = none_known) -> None:
        self.settings = settings
        self.addresses = addresses

    @cached_property
    def engine(self) -> Engine:
        """The records' database."""
        return connect(self.settings.database_url)

    @cached_property
    def batches(self) -> BatchIndex:
        """Which batches are published."""
        return BatchIndex(self.engine)

    @cached_property
    def lake(self) -> Lake:
        """The data."""
        return Lake(store=FolderStore(self.settings.lake), index=self.batches)

    @cached_property
    def evidence(self) -> Evidence:
        """Check results and snapshots."""
        return Evidence(self.engine)

    @cached_property
    def detections(self) -> DetectionLog:
        """What every run said."""
        return DetectionLog(self.engine)

    @cached_property
    def signals(self) -> SignalBook:
        """Signals and what happened to them."""
        return SignalBook(self.engine)

    @cached_property
    def tickets(self) -> TicketLedger:
        """The ledger of tickets."""
        return TicketLedger(self.engine)

    @cached_property
    def effects(self) -> EffectResults:
        """What the field said of fixes."""
        return EffectResults(self.engine)

    @cached_property
    def due(self) -> TicketDue:
        """What has no ticket or comment yet."""
        return TicketDue(self.engine)

    @cached_property
    def standings(self) -> TicketStandings:
        """Where filed tickets stand in the tracker."""
        return TicketStandings(self.engine)

    @cached_property
    def risk_updates(self) -> RiskUpdates:
        """Proposed changes of risk files."""
        return RiskUpdates(self.engine)

    @cached_property
    def risk_files(self) -> RiskFiles:
        """The versions of risk files that signed updates led to."""
        return RiskFiles(self.engine)

    @cached_property
    def signers(self) -> Signers:
        """Who may sign."""
        return Signers(self.engine)

    @cached_property
    def signing_sessions(self) -> SigningSessions:
        """The sessions of signers."""
        return SigningSessions(self.engine, self.signers)

    @cached_property
    def decisions(self) -> Decisions:
        """What people decided, and their signatures."""
        return Decisions(self.engine)

    @cached_property
    def requirement_book(self) -> RequirementBook:
        """Imported registers and the stamps of their links."""
        return RequirementBook(self.engine)

    @cached_property
    def powers(self) -> PowerLog:
        """What the plans can see."""
        return PowerLog(self.engine)

    @cached_property
    def audit(self) -> Audit:
        """The audit trail."""
        return Audit(self.engine)

    @cached_property
    def dossiers(self) -> Mapping[str, Dossier]:
        """The plans of this site by id, each read and checked with its register and risk file.

        Raises FaultyContentError with every fault of the first plan that has any, ConfigurationError for none at all
        or for two plans of one id.
        """
        return _load_dossiers(self.settings)

    def dossier(self, plan_id: str) -> Dossier:
        """Give a plan of this site. Raises ConfigurationError when there is none of that id."""
        if plan_id not in self.dossiers:
            raise ConfigurationError(
                f"there is no plan {plan_id!r}",
                where=str(self.settings.plans),
                todo=f"use one of {', '.join(sorted(self.dossiers))}",
            )
        return self.dossiers[plan_id]

    def risk_file_of(self, update: RiskUpdate) -> RiskFile:
        """Give the risk file, as it is written beside its plan, that an update proposes to change."""
        return self.dossier(update.stamp.plan.rpartition("@")[0]).risk_file

    def risk_file(self, plan_id: str) -> RiskFile:
        """Give the risk file in force of a plan: as it is written, with every signed update since."""
        return self.risk_files.in_force(self.dossier(plan_id).risk_file)


def read_dossier(file: Path) -> Dossier:
    """Give the plan of a file with the register and the risk file beside it, all checked.

    Raises FaultyContentError with every fault.
    """
    read = read_plan(file)
    plan = read.value
    dossier = Dossier(
        plan=plan,
        requirements=load_register(file.parent / plan.requirements_file),
        risk_file=load_risk_file(file.parent / plan.risk_file),
    )
    faults = errors_of(check_plan(plan, dossier.requirements, dossier.risk_file, catalogue.parameters()))
    if faults:
        raise FaultyContentError(placed(faults, read.tree), where=str(file))
    return dossier


def _load_dossiers(settings: Settings) -> dict[str, Dossier]:
    files = sorted(settings.plans.glob("*/plan.yaml"))
    found: dict[str, Dossier] = {}
    for file in files:
        dossier = read_dossier(file)
        plan = dossier.plan
        if plan.id in found:
            raise ConfigurationError(
                f"two plans have the id {plan.id!r}", where=str(file), todo="give each plan an id of its own"
            )
        found[plan.id] = dossier
    if not found:
        raise ConfigurationError(
            "there is no plan", where=f"{settings.plans}/*/plan.yaml", todo="add a plan, or set POSTMARKET_PLANS"
        )
    return found
