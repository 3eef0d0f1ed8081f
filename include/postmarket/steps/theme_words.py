"""Which words of a theme may be shown: those that stand in a public vocabulary or in the plan itself (G4, ADR 13).

A theme is made of words of narratives, and a name that several reports hold can be among them. A word that IMDRF's
terms or the plan use says nothing of a person; any other is left out.
"""

import re

from include.postmarket.detection.narratives import FUNCTION_WORDS, WORD
from include.postmarket.model.plan import Plan
from include.postmarket.steps.annex_a_words import ANNEX_A_WORDS

LEFT_OUT = "…"


def safe_words(plan: Plan) -> frozenset[str]:
    """Give the words that may be shown with a theme of a plan, in lower case."""
    texts = (plan.title, plan.product.family, *(indicator.title for indicator in plan.indicators))
    return ANNEX_A_WORDS | FUNCTION_WORDS | {word for text in texts for word in re.findall(WORD, text.lower())}


def shown(term: str, words: frozenset[str]) -> str:
    """Give a term with an ellipsis for every run of words that may not be shown."""
    parts = [word if word in words else LEFT_OUT for word in term.split(" ")]
    return " ".join(part for i, part in enumerate(parts) if part != LEFT_OUT or parts[i - 1 : i] != [LEFT_OUT])
