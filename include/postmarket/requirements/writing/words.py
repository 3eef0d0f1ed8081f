"""Rules about words: vague ones, clauses of escape, and what no test can show."""

import re
from collections.abc import Iterator, Sequence

from include.postmarket.requirements.writing.note import Mark, Rule
from include.postmarket.requirements.writing.sentence import Sentence

_VAGUE = (
    r"as \w+ as possible", r"adequate(?:ly)?", r"appropriate(?:ly)?", r"sufficient(?:ly)?", r"enough",
    r"suitabl[ey]", r"reasonabl[ey]", r"acceptabl[ey]", r"satisfactor(?:y|ily)", r"typical(?:ly)?", r"usual(?:ly)?",
    r"generally", r"often", r"frequent(?:ly)?", r"normal(?:ly)?(?! (?:mode|saline|distribution|operation|use))",
    r"user[- ]friendly", r"eas(?:y|ily)", r"simple", r"intuitive(?:ly)?", r"convenient(?:ly)?", r"comfortabl[ey]",
    r"clear(?:ly)? (?!the|a|an|all)", r"quick(?:ly)?", r"fast", r"rapid(?:ly)?", r"prompt(?:ly)", r"timely",
    r"in (?:good|due) time", r"soon(?! as)", r"immediate(?:ly)?", r"large", r"small", r"big",
    r"(?:a|as) short(?: time| as)", r"and light\b", r"lightweight", r"robust(?:ly)?", r"durable", r"smooth(?:ly)?",
    r"seamless(?:ly)?", r"accurate(?:ly)?", r"precise(?:ly)?", r"proper(?:ly)?", r"good", r"poor", r"bad",
    r"better", r"best", r"significant(?:ly)?", r"minor", r"major", r"relevant", r"several", r"some", r"many",
    r"various", r"few", r"(?<!at )most", r"modern", r"advanced", r"natural", r"state[- ]of[- ]the[- ]art",
    r"efficient(?:ly)?", r"effective(?:ly)?", r"flexib(?:le|ly)", r"minimal", r"approximately", r"nearly",
    r"almost", r"roughly", r"etc\b\.?", r"and so on", r"reliabl[ey]", r"high(?:est)? quality", r"loud",
    r"versatile", r"scalable", r"nice",
)  # fmt: skip
_POSSIBLE = (
    r"(?:technically )?"
    r"(?:possible|appropriate|feasible|practicable|practical|applicable|necessary|required|needed|desired)"
)
_ESCAPE = (
    rf"(?:where|if|when|whenever|wherever|unless|as) {_POSSIBLE}", rf"(?:as|so) far as (?:{_POSSIBLE})",
    rf"to the (?:maximum )?extent (?:that is )?{_POSSIBLE}", r"unless otherwise \w+",
    r"if (?:and when )?time (?:allows|permits)", r"time permitting", r"except (?:where|when|if)",
    r"if (?:this|it) is " + _POSSIBLE, r"at the discretion of", r"but (?:is )?not limited to", r"ideally",
    r"preferably", r"if resources", r"in most cases", r"as the case may be", r"best effort", r"provided that it",
)  # fmt: skip
_UNVERIFIABLE = (
    r"always", r"never", r"minimi[sz]e", r"maximi[sz]e", r"optimi[sz]e", r"maximum (?:safety|comfort|performance)",
    r"guarantee", r"ensure", r"completely", r"absolutely", r"perfectly", r"totally",
    r"100 ?% (?:safe|reliable|secure|available)",
    r"(?:prevent|avoid|eliminate|exclude|detect) (?:any|all|every|each)(?: \w+)?", r"eliminate",
    r"any (?:loss|error|failure|harm)",
    r"(?:under|in) (?:all|any) (?:\w+ )?(?:conditions|circumstances|situations|cases)",
    r"all (?:possible|common|known|conceivable|kinds|types)", r"(?:with|on|for|by) all (?:\w+)", r"any possible",
    r"anything", r"without any", r"be (?:\w+ )?safe\b", r"be secure\b", r"reliabl[ey]", r"immune", r"future",
    r"to a minimum", r"well-being", r"user[- ]friendly", r"fail[- ]?proof", r"error[- ]free", r"fool[- ]?proof",
    r"bug[- ]free", r"whole life", r"forever", r"indefinitely",
)  # fmt: skip


def _compiled(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(words)})(?![\w-])", re.IGNORECASE)


_RULES = (
    (Rule.VAGUE, _compiled(_VAGUE), "is vague", "give a number with its unit and limit, or name what is meant"),
    (
        Rule.ESCAPE,
        _compiled(_ESCAPE),
        "is a way out",
        "say in which condition it holds (While, Where), or leave it out",
    ),
    (
        Rule.UNVERIFIABLE,
        _compiled(_UNVERIFIABLE),
        "cannot be shown by a test",
        "give the conditions and the limit that a test can check, for example a rate or a list",
    ),
)


def word_marks(sentence: Sentence) -> Iterator[Mark]:
    """Find every word and clause of the three lists; of those that overlap the longest counts."""
    found = [
        (match, rule, told, suggestion)
        for rule, pattern, told, suggestion in _RULES
        for match in pattern.finditer(sentence.text)
    ]
    for match, rule, told, suggestion in found:
        words = match[0].strip()
        if not any(_within(match, other) for other, *_ in found):
            message = f"'{words}' {told}"
            end = match.start() + len(match[0].rstrip())
            yield Mark(rule=rule, start=match.start(), end=end, message=message, suggestion=suggestion)


def _within(match: re.Match[str], other: re.Match[str]) -> bool:
    """Say whether a match lies in a longer one."""
    inside = other.start() <= match.start() and match.end() <= other.end()
    return inside and len(match[0]) < len(other[0])
