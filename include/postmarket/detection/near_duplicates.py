"""Reports whose narratives say nearly the same: the same event reported twice, or text copied from report to report.

Similarity is the cosine of word runs (one to three words) weighted by rarity, so that the boilerplate of a source,
which every report carries, does not make duplicates. Proposals only: a person links reports into a case.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from include.postmarket.detection.contingency import reason_where
from include.postmarket.detection.narratives import check_texts, weighted_terms
from include.postmarket.detection.shapes import (
    BoolArray,
    FloatArray,
    IntArray,
    MethodInputError,
    Reason,
    ReasonArray,
)

_ROWS_AT_A_TIME = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NearDuplicateParameters:
    """``minimum_similarity``: of two texts, 0 to 1; texts of fewer than ``minimum_words`` are not compared."""

    minimum_similarity: float = 0.75
    minimum_words: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class NearDuplicates:
    """Pairs of rows ``first`` < ``second`` with their ``similarity``, shape (D,), the most similar first.

    ``group``, ``evaluated`` and ``reason`` have shape (n,): rows linked by pairs share the number of a group.
    """

    first: IntArray
    second: IntArray
    similarity: FloatArray
    group: IntArray
    evaluated: BoolArray
    reason: ReasonArray


def detect(texts: Sequence[str], block: npt.ArrayLike, params: NearDuplicateParameters) -> NearDuplicates:
    """Compare every two narratives of the same ``block`` (a code of the report: product, or zeros for all).

    Raises MethodInputError where a narrative is no text, ``block`` is not parallel, or the similarity is not in (0, 1].
    """
    check_texts("texts", texts)
    blocks = np.asarray(block)
    if blocks.shape != (len(texts),):
        raise MethodInputError(f"block has shape {blocks.shape}, texts {len(texts)} rows: give one code per text")
    if not 0 < params.minimum_similarity <= 1:
        raise MethodInputError(f"minimum_similarity {params.minimum_similarity} must lie above 0 and at most at 1")
    vectorizer = weighted_terms(longest=3, fewest_reports=1)
    words = weighted_terms(longest=1, fewest_reports=1).build_analyzer()
    evaluated = np.array([len(words(text)) >= params.minimum_words for text in texts], dtype=np.bool_)
    rows = np.flatnonzero(evaluated)
    parts = [np.empty((0, 3))]
    if len(rows):
        weighted = vectorizer.fit_transform([texts[row] for row in rows.tolist()]).tocsr()
        for code in np.unique(blocks[rows]):
            inside = np.flatnonzero(blocks[rows] == code)
            parts += _similar_pairs(weighted[inside], rows[inside], params.minimum_similarity)
    found = np.concatenate(parts)
    found = found[np.lexsort((found[:, 1], found[:, 0], -found[:, 2]))]
    first, second = found[:, 0].astype(np.int64), found[:, 1].astype(np.int64)
    links = csr_matrix((np.ones(len(first)), (first, second)), shape=(len(texts), len(texts)))
    return NearDuplicates(
        first=first,
        second=second,
        similarity=found[:, 2],
        group=connected_components(links, directed=False)[1].astype(np.int64),
        evaluated=evaluated,
        reason=reason_where((~evaluated, Reason.SHORT_TEXT)),
    )


def _similar_pairs(weighted: csr_matrix, rows: IntArray, minimum: float) -> list[FloatArray]:
    """Give arrays of (first row, second row, similarity); a piece of the product at a time keeps memory small."""
    found = []
    for start in range(0, weighted.shape[0], _ROWS_AT_A_TIME):
        product = (weighted[start : start + _ROWS_AT_A_TIME] @ weighted.T).tocoo()
        similarity = np.minimum(product.data, 1.0)
        left, right = product.row + start, product.col
        keep = (similarity >= minimum - 1e-12) & (left < right)
        pair = np.sort(np.column_stack([rows[left[keep]], rows[right[keep]]]), axis=1)
        found.append(np.column_stack([pair, similarity[keep]]))
    return found
