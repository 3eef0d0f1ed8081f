"""Requirements, and the tests that verify them."""

from dataclasses import dataclass

from include.postmarket.model.canonical import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """A test that verifies a requirement, with its last result."""

    id: str
    title: str
    last_result: str  # pass, fail, not run
    last_run: str  # ISO date, or empty when not run


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """An item of the requirement register; ``issue`` is its key in the tracker, empty when it has none."""

    id: str
    version: str
    text: str
    issue: str = ""
    risks: tuple[str, ...] = ()
    tests: tuple[Verification, ...] = ()

    @property
    def stamp(self) -> str:
        """The hash of what the requirement says: a link that holds another one is suspect."""
        return digest([self.id, self.version, self.text])
