"""Product-event pairs from reports or from a table of counts: the input of every disproportionality method.

Two counting rules exist in the field and give different N, expected counts and scores; the result names the one it
used. Distinct reports (openEBGM, UMC): a report that names a pair twice counts once and N is the number of reports.
Margins of the pair table (PhViD, vigipy): N is the sum of the pair counts, so a report with five events counts five
times.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from include.postmarket.detection.shapes import (
    BoolArray,
    Counting,
    FloatArray,
    IntArray,
    MethodInputError,
    Pairs,
    Reason,
    ReasonArray,
)

_LARGEST_KEY = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class TwoByTwo:
    """Cells of the 2x2 table of each pair, shape (P,): with both, product only, event only, neither."""

    a: FloatArray
    b: FloatArray
    c: FloatArray
    d: FloatArray


def count_reports(report: npt.ArrayLike, product: npt.ArrayLike, event: npt.ArrayLike) -> Pairs:
    """Count distinct reports per pair from rows (report id, product, event); repeated rows count once.

    A report that names a product and an event, but not as a pair (two devices, each with its own problem), counts in
    both margins and not in the pair; where many do, the cell "neither" falls below zero and no ratio is evaluated.
    ``report`` may be integers or strings, ``product`` and ``event`` are integer codes >= 0. Raises MethodInputError on
    arrays that are not parallel, not one-dimensional, or codes that are negative or not whole.
    """
    reports, products, events = _report_numbers(report), _codes("product", product), _codes("event", event)
    _check_parallel(report=reports, product=products, event=events)
    if not len(reports):
        return _empty(Counting.REPORTS)
    n_products, n_events = int(products.max()) + 1, int(events.max()) + 1
    if (int(reports.max()) + 1) * n_products * n_events > _LARGEST_KEY:
        raise MethodInputError("codes of product and event are too large to combine: number them from 0 without gaps")
    rows = _distinct((reports * n_products + products) * n_events + events)
    row_report, row_pair = np.divmod(rows, n_products * n_events)
    row_product, row_event = np.divmod(row_pair, n_events)
    report_product = _run_starts(rows // n_events)
    report_event = _distinct(row_report * n_events + row_event)
    pair, n = _tally(row_pair)
    return _pairs(
        pair=np.divmod(pair, n_events),
        n=n,
        product_total=np.bincount(row_product[report_product], minlength=n_products),
        event_total=np.bincount(report_event % n_events, minlength=n_events),
        total=float(np.count_nonzero(_run_starts(row_report))),
        counting=Counting.REPORTS,
    )


def count_reports_in_strata(
    report: npt.ArrayLike, product: npt.ArrayLike, event: npt.ArrayLike, stratum: npt.ArrayLike
) -> Pairs:
    """Count distinct reports as `count_reports` does, with expected counts added up over strata (sex, region, year).

    E = sum over strata of product reports times event reports over all reports of the stratum (Mantel & Haenszel 1959,
    DuMouchel 1999): a product and an event that are both frequent in one stratum are then no news. ``stratum`` is a
    code >= 0 of the report; give the unknown a code of its own. Raises MethodInputError like `count_reports`, and where
    a report has two strata.
    """
    pairs, strata = count_reports(report, product, event), _codes("stratum", stratum)
    reports, products, events = _report_numbers(report), _codes("product", product), _codes("event", event)
    _check_parallel(report=reports, stratum=strata)
    if not len(reports):
        return pairs
    number = int(strata.max()) + 1
    one_report = _distinct(reports * number + strata)
    if not _run_starts(one_report // number).all():
        raise MethodInputError("a report lies in two strata: give each report the one stratum it is compared within")
    expected = np.zeros(len(pairs.n))
    for s in range(number):
        inside = strata == s
        if inside.any():
            own = count_reports(reports[inside], products[inside], events[inside])
            expected += _margin(own.product, own.product_total, pairs.product) * (
                _margin(own.event, own.event_total, pairs.event) / own.total
            )
    return replace(pairs, expected=expected, strata=len(np.unique(strata)))


def count_table(product: npt.ArrayLike, event: npt.ArrayLike, n: npt.ArrayLike) -> Pairs:
    """Take pairs from a table (product, event, n) with its own margins; rows of a pair are added, zeros dropped.

    Raises MethodInputError on arrays that are not parallel, bad codes, or counts that are negative, not whole or not
    finite.
    """
    products, events = _codes("product", product), _codes("event", event)
    counts = _whole_counts(n)
    _check_parallel(product=products, event=events, n=counts)
    products, events, counts = products[counts > 0], events[counts > 0], counts[counts > 0]
    if not len(counts):
        return _empty(Counting.PAIR_TABLE)
    n_products, n_events = int(products.max()) + 1, int(events.max()) + 1
    if n_products * n_events > _LARGEST_KEY:
        raise MethodInputError("codes of product and event are too large to combine: number them from 0 without gaps")
    pair, place = np.unique(products * n_events + events, return_inverse=True)
    return _pairs(
        pair=np.divmod(pair, n_events),
        n=np.bincount(place, weights=counts),
        product_total=np.bincount(products, weights=counts, minlength=n_products),
        event_total=np.bincount(events, weights=counts, minlength=n_events),
        total=float(counts.sum()),
        counting=Counting.PAIR_TABLE,
    )


def two_by_two(pairs: Pairs) -> TwoByTwo:
    """Give the four cells of each pair; d is below zero where the table does not add up (see `count_reports`)."""
    b = pairs.product_total - pairs.n
    c = pairs.event_total - pairs.n
    return TwoByTwo(a=pairs.n, b=b, c=c, d=pairs.total - pairs.n - b - c)


def has_no_comparison(pairs: Pairs) -> BoolArray:
    """Mark pairs whose product or event is in every report: no other category is left to compare with. Shape (P,)."""
    return (pairs.product_total >= pairs.total) | (pairs.event_total >= pairs.total)


def reason_where(*cases: tuple[BoolArray, Reason]) -> ReasonArray:
    """Give the reason of the first case that holds, empty where none does; shape of the masks, strings shared."""
    texts = np.array([*(reason.value for _, reason in cases), ""], dtype=np.object_)
    first = np.select([mask for mask, _ in cases], [np.int8(at) for at in range(len(cases))], default=np.int8(-1))
    return texts[first]


def _pairs(
    *,
    pair: tuple[IntArray, IntArray],
    n: npt.NDArray[np.generic],
    product_total: npt.NDArray[np.generic],
    event_total: npt.NDArray[np.generic],
    total: float,
    counting: Counting,
) -> Pairs:
    of_product = product_total.astype(np.float64)[pair[0]]
    of_event = event_total.astype(np.float64)[pair[1]]
    return Pairs(
        product=pair[0],
        event=pair[1],
        n=n.astype(np.float64),
        product_total=of_product,
        event_total=of_event,
        expected=of_product * of_event / total,
        total=total,
        counting=counting,
    )


def _empty(counting: Counting) -> Pairs:
    codes, values = np.empty(0, dtype=np.int64), np.empty(0)
    return Pairs(
        product=codes,
        event=codes,
        n=values,
        product_total=values,
        event_total=values,
        expected=values,
        total=0.0,
        counting=counting,
    )


def _margin(code: IntArray, total: FloatArray, wanted: IntArray) -> FloatArray:
    """Give the margin of each wanted code, 0 for codes that do not occur."""
    margin = np.zeros(int(max(code.max(), wanted.max())) + 1)
    margin[code] = total
    return margin[wanted]


def _distinct(keys: IntArray) -> IntArray:
    keys = np.sort(keys)
    return keys[_run_starts(keys)]


def _tally(keys: IntArray) -> tuple[IntArray, IntArray]:
    keys = np.sort(keys)
    starts = np.flatnonzero(_run_starts(keys))
    return keys[starts], np.diff(starts, append=len(keys))


def _run_starts(ordered: IntArray) -> BoolArray:
    return np.concatenate([[True], ordered[1:] != ordered[:-1]])


def _report_numbers(report: npt.ArrayLike) -> IntArray:
    """Give each report a number 0.. so that keys stay small, whatever the ids look like."""
    ids = np.asarray(report)
    if ids.ndim != 1 or (len(ids) and ids.dtype.kind not in "iuUS"):
        raise MethodInputError("report must be one-dimensional, whole numbers or strings: give the report ids")
    if not len(ids):
        return np.empty(0, dtype=np.int64)
    if ids.dtype.kind in "iu" and ids.min() >= 0 and ids.max() < 4 * len(ids) + 1000:
        return ids.astype(np.int64)
    return np.unique(ids, return_inverse=True)[1].astype(np.int64)


def _codes(name: str, values: npt.ArrayLike) -> IntArray:
    codes = np.asarray(values)
    if codes.ndim != 1 or (len(codes) and codes.dtype.kind not in "iu"):
        raise MethodInputError(f"{name} must be a one-dimensional array of whole numbers: number the categories 0..")
    if len(codes) and codes.min() < 0:
        raise MethodInputError(f"{name} holds a negative code: leave out rows without a category and count them apart")
    return codes.astype(np.int64)


def _whole_counts(n: npt.ArrayLike) -> FloatArray:
    counts = np.asarray(n, dtype=np.float64)
    if counts.ndim != 1:
        raise MethodInputError("n must be one-dimensional: give one count per row")
    if not np.isfinite(counts).all() or (counts < 0).any() or (counts != np.floor(counts)).any():
        raise MethodInputError("n must hold whole numbers >= 0: give counts of reports")
    return counts


def _check_parallel(**arrays: npt.NDArray[np.generic]) -> None:
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise MethodInputError(f"arrays must have the same length, got {lengths}: give one value per row in each")
