"""A stage for dispatchers: each call to tracker or ledger is a boundary where one may be killed, stall or give way."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import greenlet  # type: ignore[import-untyped]

from include.postmarket.backlog.desk import Desk
from include.postmarket.backlog.memory import MemoryLedger
from include.postmarket.backlog.ports import Ledger
from include.postmarket.backlog.settings import FilingSettings
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.ticket import TicketPlan, TicketText
from tests.faults.backlog.fake_tracker import Clock, FakeTracker

SITE = "https://example.atlassian.net"
SETTINGS = FilingSettings(site=SITE)


class Killed(BaseException):
    """The process was killed: no handler of the product may see it."""


@dataclass(slots=True)
class Dispatcher:
    """One process: dies at its ``dies_at``-th boundary, and may stall for minutes at others."""

    clock: Clock
    random: Random
    dies_at: int = 10**9
    stalls: float = 0.0
    gives_way: Callable[[], object] = lambda: None
    passed: int = 0

    def boundary(self, before: str) -> None:
        """Let time pass; be killed; stall, but not between the last look at the clock and the request itself."""
        self.passed += 1
        self.clock.sleep(self.random.random() * 3)
        self.gives_way()
        if self.passed == self.dies_at:
            raise Killed
        if before != "create_issue" and self.random.random() < self.stalls:
            self.clock.sleep(self.random.random() * 1500)


@dataclass(frozen=True, slots=True)
class Watched:
    """A tracker or a ledger with a boundary on both sides of each call."""

    target: Any
    dispatcher: Dispatcher

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Give the method of the target, watched."""
        method = getattr(self.target, name)

        def call(*arguments: Any) -> Any:
            self.dispatcher.boundary(name)
            answer = method(*arguments)
            self.dispatcher.boundary("")
            return answer

        return call


@dataclass(slots=True)
class World:
    """One Jira and one ledger, and what dispatchers do to them."""

    random: Random
    settings: FilingSettings = SETTINGS
    clock: Clock = field(default_factory=Clock)
    ledger: Ledger = field(default_factory=MemoryLedger)
    tracker: FakeTracker = field(init=False)

    def __post_init__(self) -> None:
        self.tracker = FakeTracker(clock=self.clock, random=self.random)

    def desk(self) -> Desk:
        """Give a desk without any boundary."""
        return self.desk_of(self.tracker, self.ledger)

    def desk_of(self, tracker: Any, ledger: Any) -> Desk:
        """Give a desk on these two."""
        return Desk(settings=self.settings, tracker=tracker, ledger=ledger, now=self.clock.now, sleep=self.clock.sleep)

    def act(self, dispatcher: Dispatcher, work: Callable[[Desk], object]) -> None:
        """Let one dispatcher work until it ends, is killed, or is refused at the door."""
        try:
            work(self.desk_of(Watched(self.tracker, dispatcher), Watched(self.ledger, dispatcher)))
        except (Killed, ConfigurationError):
            return

    def act_together(self, dispatchers: list[Dispatcher], work: Callable[[Desk], object]) -> None:
        """Let several work at once, giving way to each other at random boundaries."""
        hub = greenlet.getcurrent()
        running = []
        for dispatcher in dispatchers:
            dispatcher.gives_way = hub.switch
            running.append(greenlet.greenlet(lambda of=dispatcher: self.act(of, work)))
        while running:
            chosen = self.random.choice(running)
            chosen.switch()
            running = [thread for thread in running if not thread.dead]


def small_plan(number: int, requirements: tuple[str, ...] = ("REQ-1",)) -> TicketPlan:
    """Give a plan as short as the outbound rules allow."""
    key = f"{number:032x}"
    return TicketPlan(
        dedupe_key=key,
        signal_id=f"SIG-{number:010x}-1",
        project="PMS",
        issue_type="Bug",
        priority="High",
        labels=("pms", f"pms-{key}"),
        link_type="Relates",
        requirement_issues=requirements,
        text=TicketText(
            summary="More occlusion alarms than expected",
            sections=(("What was seen", ("12 observed, 4.1 expected.",)),),
            table=(("Observed", "12 reports"),),
            link_back=f"https://pms.example.org/signals/SIG-{number:010x}-1",
        ),
    )


def later(world: World, seconds: float) -> None:
    """Let time pass between two runs."""
    world.clock.time += timedelta(seconds=seconds)
