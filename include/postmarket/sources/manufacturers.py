"""Manufacturer names: many spellings of one maker to one name, by a rule file that people can read and extend.

The rule file (``include/plans/manufacturers.yaml``) has two lists: ``legal_forms``, words that are dropped from the end
of a name, and ``manufacturers``, for each name the cleaned spellings that mean it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from include.postmarket.model.errors import ConfigurationError
from include.postmarket.sources.cells import is_null_word

#: The rules that come with the product.
RULES = Path(__file__).parents[2] / "plans" / "manufacturers.yaml"

_PUNCTUATION = re.compile(r"[^\w&]+")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    legal_forms: list[str]
    manufacturers: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Manufacturers:
    """The rules as they are applied."""

    names: Mapping[str, str]  # cleaned spelling -> name
    legal_forms: frozenset[str]

    def name(self, raw: str) -> str | None:
        """Give the maker's name; the cleaned spelling where no rule knows it, None for "NA", "." and the like."""
        if is_null_word(raw):
            return None
        cleaned = clean(raw, self.legal_forms)
        return self.names.get(cleaned, cleaned) or None


def clean(raw: str, legal_forms: frozenset[str]) -> str:
    """Give a name in upper case without punctuation, legal forms and registration numbers at its end.

    ``DEPUY CMW - 9610921`` becomes ``DEPUY CMW``, ``BIOMET FRANCE S.A.R.L.`` becomes ``BIOMET FRANCE``.
    """
    words = _PUNCTUATION.sub(" ", raw.upper().replace(".", "")).split()
    while len(words) > 1 and (words[-1] in legal_forms or (words[-1].isdigit() and len(words[-1]) >= 5)):
        words.pop()
    return " ".join(words)


def load(path: Path = RULES) -> Manufacturers:
    """Give the rules of a file.

    Raises ConfigurationError when the file is missing or wrong, or gives one spelling to two makers.
    """
    try:
        file = _File.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ConfigurationError(
            f"manufacturer rules cannot be used: {error}", where=path.name, todo="mend the file; see its first lines"
        ) from error
    legal = frozenset(form.upper().replace(".", "") for form in file.legal_forms)
    names: dict[str, str] = {}
    for name, spellings in file.manufacturers.items():
        for spelling in (name, *spellings):
            known = names.setdefault(clean(spelling, legal), name)
            if known != name:
                raise ConfigurationError(
                    f"{spelling!r} stands under {known} and {name}", where=path.name, todo="leave it under one of them"
                )
    return Manufacturers(names, legal)
