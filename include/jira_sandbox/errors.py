"""What the stand-in says when it does not do what was asked."""

from collections.abc import Mapping


class RefusedError(Exception):
    """A request that is answered with an error in Jira's own shape, `{errorMessages, errors}`.

    `status` is the HTTP status, `messages` speak of the request as a whole, `errors` of one field each.
    """

    def __init__(self, status: int, *messages: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(status, messages)
        self.status = status
        self.messages = messages
        self.errors = dict(errors or {})

    def to_json(self) -> dict[str, object]:
        """Return the ErrorCollection of the contract."""
        return {"errorMessages": list(self.messages), "errors": self.errors}


class FieldError(Exception):
    """One value that a field does not take; the reader of the whole request collects these into one `RefusedError`."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class StartError(Exception):
    """The stand-in cannot start; the message says what is wrong, where, and what to do."""


def missing_issue() -> RefusedError:
    """Return Jira's answer for an issue that does not exist."""
    return RefusedError(404, "Issue does not exist or you do not have permission to see it.")
