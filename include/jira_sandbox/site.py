"""The running stand-in: its store, its one account, its clock and what it was told about search."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from include.jira_sandbox.faults import FaultBook
from include.jira_sandbox.session import Deployment
from include.jira_sandbox.store import Store


@dataclass(slots=True)
class Site:
    """State that all requests share; `search_lag` is in milliseconds and may be changed while running."""

    store: Store
    user: str
    token: str = field(repr=False)
    account_id: str
    deployment: Deployment
    clock: Callable[[], datetime]
    search_lag: int
    faults: FaultBook
