"""The errors of the house, grouped by what the caller must do.

PostmarketError
├── ConfigurationError   a plan, setting or credential is wrong: mend it; retrying is useless
├── InputError           data that came in cannot be used: see quarantine or the source; the bytes are kept
├── UnavailableError     another system is down or busy: try again later (Airflow retries)
└── IntegrityError       a record does not hold: stop and call a person
"""


class PostmarketError(Exception):
    """One clear message: what happened, where, and what to do about it."""

    def __init__(self, what: str, *, where: str, todo: str) -> None:
        super().__init__(f"{what} [{where}] -> {todo}")
        self.what = what
        self.where = where
        self.todo = todo


class ConfigurationError(PostmarketError):
    """A plan, setting or credential is wrong; retrying is useless."""


class InputError(PostmarketError):
    """Data that came in cannot be used; the bytes are kept."""


class UnavailableError(PostmarketError):
    """Another system is down or busy; the same step may be tried again."""

    def __init__(self, what: str, *, where: str, todo: str, retry_after: float | None = None) -> None:
        super().__init__(what, where=where, todo=todo)
        self.retry_after = retry_after


class IntegrityError(PostmarketError):
    """A record does not hold what it must; a person has to look before anything goes on."""
