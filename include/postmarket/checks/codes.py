"""The list of IMDRF codes that complaints may carry, by release."""

import csv
from dataclasses import dataclass
from pathlib import Path

from include.postmarket.model.errors import ConfigurationError

#: The list that comes with the product.
CODES = Path(__file__).parents[2] / "plans" / "imdrf_annex_a_2024.csv"

_COLUMNS = ["release", "code", "parent", "term"]


@dataclass(frozen=True, slots=True)
class CodeList:
    """Pairs of release and code; the same code may mean something else in another release."""

    codes: frozenset[tuple[str, str]]

    @property
    def releases(self) -> frozenset[str]:
        """The releases that are known."""
        return frozenset(release for release, _ in self.codes)


def load(path: Path = CODES) -> CodeList:
    """Give the codes of a list file (``#`` starts a comment line).

    Raises ConfigurationError when it is missing, has other columns or no code.
    """
    try:
        lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    except OSError as error:
        raise ConfigurationError(
            f"code list cannot be read: {error.strerror}", where=path.name, todo="put the list of IMDRF codes there"
        ) from error
    reader = csv.DictReader(lines)
    if reader.fieldnames != _COLUMNS:
        raise ConfigurationError(
            f"code list has columns {reader.fieldnames}", where=path.name, todo=f"give it the columns {_COLUMNS}"
        )
    codes = frozenset((row["release"], row["code"]) for row in reader)
    if not codes:
        raise ConfigurationError("code list holds no code", where=path.name, todo="add the codes of a release")
    return CodeList(codes)
