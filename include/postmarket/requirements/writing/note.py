"""What a rule of writing says of a requirement: which rule, where in the text, why, and what would be better."""

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """The rules. Where a rule of the INCOSE Guide for Writing Requirements is meant, its number stands in ``GUIDE``."""

    NO_SHALL = "no-shall"
    EARS_ORDER = "ears-order"
    SEVERAL_SHALL = "several-shall"
    VAGUE = "vague"
    ESCAPE = "escape"
    UNVERIFIABLE = "unverifiable"
    PASSIVE = "passive"
    UNIT = "unit"
    TOLERANCE = "tolerance"
    UNDEFINED = "undefined"
    NEAR = "near"
    NOT_EVALUATED = "not-evaluated"


#: What each rule looks for, in a sentence.
MEANINGS: dict[Rule, str] = {
    Rule.NO_SHALL: "The text has no 'shall': it fits no pattern of EARS and obliges nobody.",
    Rule.EARS_ORDER: "The condition stands behind the response, or 'If' has no 'then': it is read past.",
    Rule.SEVERAL_SHALL: "More than one 'shall': parts cannot be traced, tested or changed on their own.",
    Rule.VAGUE: "A word that two readers measure differently.",
    Rule.ESCAPE: "A clause that lets the product not do it.",
    Rule.UNVERIFIABLE: "An absolute or a wish that no finite test can show.",
    Rule.PASSIVE: "Passive voice: it does not say who acts.",
    Rule.UNIT: "A number without its unit.",
    Rule.TOLERANCE: "An exact value without a limit or tolerance: no real device meets it.",
    Rule.UNDEFINED: "An abbreviation that the glossary does not define.",
    Rule.NEAR: "Nearly the same as another requirement: which of the two holds?",
    Rule.NOT_EVALUATED: "Could not be checked, and why.",
}
GUIDE: dict[Rule, str] = {
    Rule.PASSIVE: "R2", Rule.UNDEFINED: "R4", Rule.UNIT: "R6", Rule.VAGUE: "R7", Rule.ESCAPE: "R8",
    Rule.SEVERAL_SHALL: "R18", Rule.UNVERIFIABLE: "R26", Rule.TOLERANCE: "R33",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One finding: characters ``start`` to ``end`` (end excluded) of the requirement's text."""

    rule: Rule
    requirement: str
    start: int
    end: int
    message: str
    suggestion: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A finding within a text, before it is known whose text it is."""

    rule: Rule
    start: int
    end: int
    message: str
    suggestion: str
