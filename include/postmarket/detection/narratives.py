"""How narratives become terms: shared by the methods that read them.

What these methods return of a text (terms, groups, codes) belongs on the operator's page. Terms are words of
narratives: a name that occurs in several reports can be among them, so they go neither into a ticket nor into a log.
"""

from collections.abc import Callable, Sequence

from sklearn.feature_extraction.text import TfidfVectorizer

from include.postmarket.detection.shapes import MethodInputError

#: Words, whole and of letters only: what holds a digit is a date, a serial or a telephone number.
WORD = r"(?u)\b[^\W\d_]{2,}\b"

_FUNCTION_WORDS = """
a an and are as at be been but by can could did do does for from had has have he her him his how if in into is it its
may might my of on one or our she should so such than that the their them then there these they this those to was we
were what when which while who will with would you your
"""
#: Words that say nothing by themselves. Not "off", "not", "no", "over", "under": in complaints they carry the fault.
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())


def check_texts(name: str, texts: Sequence[str]) -> None:
    """Raise MethodInputError unless every narrative is text; the message never quotes one."""
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise MethodInputError(f"{name} row {row} is {type(text).__name__}, no text: give '' for none")


def weighted_terms(longest: int, fewest_reports: int) -> TfidfVectorizer:
    """Give a vectorizer of word runs up to ``longest`` words, in ``fewest_reports`` or more, weighted by rarity."""
    return TfidfVectorizer(
        token_pattern=WORD, ngram_range=(1, longest), min_df=fewest_reports, sublinear_tf=True, lowercase=True
    )


def telling_analyzer(analyze: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """Give an analyzer without the terms that begin or end with a function word."""

    def telling(text: str) -> list[str]:
        return [t for t in analyze(text) if not FUNCTION_WORDS & {t.split(" ", 1)[0], t.rsplit(" ", 1)[-1]}]

    return telling
