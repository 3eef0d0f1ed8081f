"""The rule against passive voice in the response: who acts stays open, and so does who is tested."""

import re
from collections.abc import Iterator

from include.postmarket.requirements.writing.note import Mark, Rule
from include.postmarket.requirements.writing.sentence import Sentence

_IRREGULAR = (
    "kept|sent|shown|given|set|read|written|held|put|built|cut|done|found|lost|seen|taken|told|driven|chosen|drawn|begun|"
    "broken|fed|met|shut|spread|run|withdrawn|overridden|reset|bound|brought|caught|drawn|forgotten|hidden|led|paid|sold|"
    "spoken|taught|thrown|understood"
)
_PARTICIPLE = rf"(?:re-?)?(?:\w{{2,}}ed|{_IRREGULAR})"
_PASSIVE = re.compile(rf"\b(?:be|being|been)\s+(?:\w+ly\s+|only\s+|not\s+|also\s+)*({_PARTICIPLE})\b", re.IGNORECASE)
_PRESENT = re.compile(rf"\b(?:is|are)\s+(?:\w+ly\s+|only\s+)*({_PARTICIPLE})\b", re.IGNORECASE)
_CONDITION = re.compile(r"^\s*(?:when|while|if|where|after|before)\b[^,]*,", re.IGNORECASE)
#: What begins a clause behind the response: its voice does not matter.
_CLAUSE = re.compile(r"\b(?:when|while|if|after|before|until|unless|that|which|who|whose|where)\b", re.IGNORECASE)
#: States and properties that look like participles: nobody acts, and nobody is hidden.
_STATES = frozenset(["located", "based", "rated", "sized", "shaped", "coloured", "colored", "dedicated", "limited",
                     "intended", "interested", "related", "detailed", "need", "speed", "pre-connected"])  # fmt: skip


def passive(sentence: Sentence) -> Iterator[Mark]:
    """Find ``be`` with a participle in the response, and in a text without ``shall`` in its main clause."""
    start = sentence.response_start
    behind = _CLAUSE.search(sentence.text, start)
    found = _PASSIVE.finditer(sentence.text, start, behind.start() if behind else len(sentence.text))
    if not sentence.shalls:
        condition = _CONDITION.match(sentence.text)
        begin = condition.end() if condition else 0
        behind = _CLAUSE.search(sentence.text, begin)
        end = behind.start() if behind else len(sentence.text)
        found = (match for pattern in (_PASSIVE, _PRESENT) for match in pattern.finditer(sentence.text, begin, end))
    for match in found:
        if match[1].lower() not in _STATES:
            yield Mark(
                rule=Rule.PASSIVE, start=match.start(), end=match.end(), message=f"'{match[0]}' is passive",
                suggestion="name who acts: the <system> shall <verb> ...",
            )  # fmt: skip
