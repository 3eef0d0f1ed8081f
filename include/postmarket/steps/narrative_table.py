"""Narratives on a plain table: near-duplicates, themes that rose, and suggested codes. No text enters a message (G4).

The answers of duplicates and codes hold ids, numbers and codes. That of themes holds terms, which are words of the
narratives: it is to be kept like them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from include.postmarket.detection import catalogue, code_suggestion, near_duplicates
from include.postmarket.detection.code_suggestion import CodeParameters
from include.postmarket.detection.near_duplicates import NearDuplicateParameters
from include.postmarket.detection.shapes import FloatArray, IntArray, MethodInputError
from include.postmarket.model.errors import ConfigurationError, InputError
from include.postmarket.steps import table_file
from include.postmarket.steps.method_parameters import build, parse, refused
from include.postmarket.steps.table_file import Table
from include.postmarket.steps.table_periods import number_periods

SUGGESTIONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class NarrativeRequest:
    """What is asked of a file; ``first`` is the first period that is now, for themes only."""

    source: Path
    target: Path
    words: Sequence[str] = ()
    first: str = ""


@dataclass(frozen=True, slots=True)
class _Named:
    """A reading of narratives by the name people use, with its parameters."""

    name: str
    parameters: type[Any]


Answer = tuple[dict[str, Any], str]


def duplicates(request: NarrativeRequest) -> str:
    """Write one row a text: its group, and the text it is most similar to. Gives what to tell a person.

    Raises InputError for a table that cannot be used and ConfigurationError for parameters.
    """
    return _run(request, _Named("duplicates", NearDuplicateParameters), _duplicates)


def themes(request: NarrativeRequest) -> str:
    """Write one row a theme that rose, with the ids of the texts of now that name it. Gives what to tell a person.

    Raises InputError for a table that cannot be used and ConfigurationError for parameters or a period.
    """
    return _run(request, catalogue.NARRATIVES["themes"], _themes)


def codes(request: NarrativeRequest) -> str:
    """Write the most probable codes of every text without one, learnt from those with one. Gives what to tell a person.

    Raises InputError for a table that cannot be used and ConfigurationError for parameters.
    """
    return _run(request, _Named("codes", CodeParameters), _codes)


def _run(request: NarrativeRequest, named: Any, answer: Callable[[NarrativeRequest, Any], Answer]) -> str:
    if request.target.resolve() == request.source.resolve():
        raise ConfigurationError("the output is the input", where=str(request.target), todo="give another --output")
    params = build(named, parse(named, request.words))
    try:
        columns, told = answer(request, params)
    except MethodInputError as error:
        raise refused(named, error) from None
    try:
        table = pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})
        arrow_csv.write_csv(table, request.target, arrow_csv.WriteOptions(quoting_style="needed"))
    except OSError as error:
        raise ConfigurationError(
            f"the answer cannot be written: {error.strerror or 'no file'}",
            where=str(request.target),
            todo="give another --output",
        ) from error
    return f"{told}: {request.target}"


def _texts(table: Table) -> tuple[tuple[str, ...], list[str]]:
    """Give ids and texts. Raises InputError for an id that stands twice."""
    code, ids = table.encoded("id")
    repeated = np.ones(len(code), dtype=np.bool_)
    repeated[np.unique(code, return_index=True)[1]] = False
    table.refuse(repeated, "this id was there before", "give each narrative once")
    return tuple(ids[i] for i in code.tolist()), [str(text) for text in table.columns["text"].to_pylist()]


def _duplicates(request: NarrativeRequest, params: NearDuplicateParameters) -> Answer:
    ids, texts = _texts(table_file.read(request.source, [("id", "text")]))
    found = near_duplicates.detect(texts, np.zeros(len(texts), dtype=np.int64), params)
    nearest, similarity = _nearest(found.first, found.second, found.similarity, len(ids))
    paired = nearest >= 0
    groups = np.unique(found.group[paired])
    number = np.searchsorted(groups, found.group) + 1
    columns = {
        "id": list(ids),
        "group": [int(number[i]) if paired[i] else None for i in range(len(ids))],
        "most_similar": [ids[nearest[i]] if paired[i] else None for i in range(len(ids))],
        "similarity": similarity,
        "evaluated": found.evaluated,
        "reason": found.reason.astype(object),
    }
    compared, pairs = int(found.evaluated.sum()), len(found.first)
    return columns, f"duplicates: {len(ids)} texts, {compared} compared, {pairs} pairs in {len(groups)} groups"


def _nearest(first: IntArray, second: IntArray, similarity: FloatArray, rows: int) -> tuple[IntArray, FloatArray]:
    """Give the most similar row of each row, -1 for none, and how similar it is; pairs come most similar first."""
    nearest, how = np.full(rows, -1, dtype=np.int64), np.full(rows, np.nan)
    for a, b, value in zip(first.tolist(), second.tolist(), similarity.tolist(), strict=True):
        for row, other in ((a, b), (b, a)):
            if nearest[row] < 0:
                nearest[row], how[row] = other, round(value, 6)
    return nearest, how


def _themes(request: NarrativeRequest, params: Any) -> Answer:
    table = table_file.read(request.source, [("id", "text", "period")])
    ids, texts = _texts(table)
    period, calendar = number_periods(table)
    if not request.first:
        raise ConfigurationError("the past is not given", where="--from", todo="give the first period that is now")
    start = calendar.start(request.first)
    now = [i for i in range(len(ids)) if period[i] >= start]
    past = [texts[i] for i in range(len(ids)) if period[i] < start]
    found = catalogue.NARRATIVES["themes"].detect(past, [texts[i] for i in now], params)
    if not found.evaluated:
        counted = f"{len(past)} texts before {request.first} and {len(now)} from it on"
        raise InputError(
            f"not evaluated, {found.reason.value}: {counted}",
            where=str(request.source),
            todo=f"give {params.minimum_texts} or more of both, or another --from",
        )
    columns = {
        "theme": [theme.term for theme in found.themes],
        "also": ["; ".join(theme.also) for theme in found.themes],
        "texts_before": [theme.past_reports for theme in found.themes],
        "texts_now": [theme.current_reports for theme in found.themes],
        "expected_now": [theme.expected for theme in found.themes],
        "limit_now": [theme.limit for theme in found.themes],
        "ratio": [theme.ratio for theme in found.themes],
        "adjusted_p_value": [theme.adjusted_p_value for theme in found.themes],
        "ids": ["; ".join(ids[now[row]] for row in theme.rows.tolist()) for theme in found.themes],
    }
    told = f"themes: {len(found.themes)} rose of {found.terms_tested} terms, {len(past)} texts before, {len(now)} now"
    return columns, f"{told}; keep the answer like the narratives, it holds their words"


def _codes(request: NarrativeRequest, params: CodeParameters) -> Answer:
    table = table_file.read(request.source, [("id", "text", "code")])
    ids, texts = _texts(table)
    known = [str(code).strip() for code in table.columns["code"].to_pylist()]
    coded, open_ = ([i for i, code in enumerate(known) if bool(code) is wanted] for wanted in (True, False))
    model = code_suggestion.learn([texts[i] for i in coded], [known[i] for i in coded], params)
    said = code_suggestion.suggest(model, [texts[i] for i in open_], SUGGESTIONS)
    columns: dict[str, Any] = {"id": [ids[i] for i in open_]}
    for rank in range(said.probability.shape[1]):
        columns[f"code_{rank + 1}"] = [codes[rank] if codes else None for codes in said.code]
        columns[f"probability_{rank + 1}"] = said.probability[:, rank]
    columns |= {"evaluated": said.evaluated, "reason": said.reason.astype(object)}
    told = (
        f"codes: {len(model.codes)} learnt from {len(coded)} texts, {len(model.left_out)} with too few left out; on "
        f"texts not seen the first suggestion was right in {model.accuracy:.0%}, stated probabilities off by "
        f"{model.calibration_error:.3f} on average; {len(open_)} texts without a code"
    )
    return columns, told
