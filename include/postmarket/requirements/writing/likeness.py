"""Pairs of requirements that say nearly the same: by TF-IDF over words and pairs of words (scikit-learn).

Numbers count as one word: two texts that differ in a limit only are exactly what is looked for. A pair whose texts
differ by an opposite (above and below, open and close) says two things and is left alone.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

#: From this cosine on two requirements are nearly equal; chosen on the development part of the labelled set.
ALIKE = 0.55
_CANDIDATES = 20  # how many of the most alike are looked at before a text is taken to have no pair
_AT_ONCE = 500  # rows a block: 10,000 requirements need 40 MB a block
_NUMBER = re.compile(r"[-+±]?\d+(?:[.,]\d+)*")
_TERM = re.compile(r"[^\W_]+|%")
_OPPOSITES = tuple(
    (frozenset(left.split()), frozenset(right.split()))
    for left, right in (
        ("above exceeds over exceed rises rise", "below falls under fall drops drop"),
        ("open opens opened", "close closes closed shut"),
        ("start starts begin begins", "stop stops end ends"),
        ("high upper maximum", "low lower minimum"),
        ("increase increases", "decrease decreases"),
        ("left", "right"),
        ("before", "after"),
        ("arterial inlet input", "venous outlet output"),
    )
)  # fmt: skip


def near_pairs(texts: Sequence[str]) -> list[tuple[int, int, float]]:
    """Give for each text the earlier one that is most like it, as (earlier, later, cosine), from `ALIKE` on.

    Texts without a word that counts are in no pair.
    """
    masked = [_NUMBER.sub(" 0 ", text.lower()) for text in texts]
    if len(masked) < 2 or not any(re.search(r"\w", text) for text in masked):
        return []
    vectors = TfidfVectorizer(analyzer=_terms, sublinear_tf=True).fit_transform(masked)
    words = [frozenset(re.findall(r"[^\W\d_]+", text)) for text in masked]
    found: list[tuple[int, int, float]] = []
    for start in range(0, len(masked), _AT_ONCE):
        block = (vectors[start : start + _AT_ONCE] @ vectors.T).toarray()
        for later, row in enumerate(block, start=start):
            candidates = np.argsort(-row[:later], kind="stable")[:_CANDIDATES]
            alike = (int(n) for n in candidates if row[n] >= ALIKE and not _opposed(words[n], words[later]))
            found += [(earlier, later, float(row[earlier])) for earlier in [next(alike, -1)] if earlier >= 0]
    return found


def _terms(text: str) -> list[str]:
    """Give the words of a text and its pairs of neighbours."""
    words = _TERM.findall(text)
    return [*words, *(f"{first} {second}" for first, second in pairwise(words))]


def _opposed(first: frozenset[str], second: frozenset[str]) -> bool:
    only_first, only_second = first - second, second - first
    return any(
        (only_first & left and only_second & right) or (only_first & right and only_second & left)
        for left, right in _OPPOSITES
    )
