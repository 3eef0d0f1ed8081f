"""Product and event of every report in a span of periods, for methods that compare products with one another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from include.postmarket.detection.shapes import BoolArray, IntArray
from include.postmarket.model.batch import Window
from include.postmarket.model.errors import ConfigurationError
from include.postmarket.model.period import Period
from include.postmarket.model.plan import Indicator
from include.postmarket.model.tables import TABLES
from include.postmarket.series.counts import record_key
from include.postmarket.series.rows import AnyRows
from include.postmarket.series.scope import in_scope, observed, refuse_unknown_columns


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRows:
    """Reports with a product and an event as parallel arrays of length R; codes count from 0 in the order of names.

    ``product[r]`` is a code into ``products``, ``event[r]`` into ``events``, ``report[r]`` into ``report_ids``.
    ``ours[p]`` says whether a product has a row in the indicator's scope. Rows without a product or an event cannot be
    paired: ``unpaired`` counts them. ``reason`` is empty, or says why the span was not observed as a whole.
    """

    indicator_id: str
    periods: tuple[Period, ...]
    report: IntArray
    product: IntArray
    event: IntArray
    report_ids: tuple[str, ...]
    products: tuple[str, ...]
    events: tuple[str, ...]
    ours: BoolArray
    unpaired: int
    reason: str

    def ids(self, product: int, event: int) -> tuple[str, ...]:
        """Give the keys of the reports behind a pair."""
        chosen = (self.product == product) & (self.event == event)
        return tuple(sorted({self.report_ids[r] for r in self.report[chosen]}))


def pair(rows: AnyRows, indicator: Indicator, periods: Sequence[Period]) -> PairRows:
    """Give the reports of the periods by product and event; all products are there, not only those in scope.

    Raises ConfigurationError when the indicator does not name product and event columns of its table.
    """
    refuse_unknown_columns(indicator)
    if indicator.product_by is None or indicator.event_by is None:
        raise ConfigurationError(
            "a pair method needs product_by and event_by",
            where=f"indicator {indicator.id}",
            todo="name the two columns in the plan",
        )
    table = TABLES[indicator.source]
    columns = [*table.key, indicator.product_by, indicator.event_by, *indicator.scope]
    placed = rows.received(table, columns, periods)
    usable = placed.dropna(subset=[indicator.product_by, indicator.event_by])
    report, report_ids = _codes(pd.Series(record_key(usable, table.key), dtype="str"))
    product, products = _codes(usable[indicator.product_by])
    event, events = _codes(usable[indicator.event_by])
    ours = np.zeros(len(products), dtype=bool)
    ours[product[in_scope(usable, indicator.scope).to_numpy()]] = True
    return PairRows(
        indicator_id=indicator.id,
        periods=tuple(periods),
        report=report,
        product=product,
        event=event,
        report_ids=report_ids,
        products=products,
        events=events,
        ours=ours,
        unpaired=len(placed) - len(usable),
        reason=_unobserved(periods, rows.coverage),
    )


def _codes(values: "pd.Series[str]") -> tuple[IntArray, tuple[str, ...]]:
    codes, names = pd.factorize(values.astype("str"), sort=True)
    return codes.astype(np.int64), tuple(str(name) for name in names)


def _unobserved(periods: Sequence[Period], coverage: tuple[Window, ...]) -> str:
    missing = [str(p) for p, seen in zip(periods, observed(periods, coverage), strict=True) if not seen]
    return f"not observed: {', '.join(missing)}" if missing else ""
