"""The reference tables of pairs, counted by the product and joined with what R says of them."""

from pathlib import Path

import numpy as np
import pandas as pd

from include.postmarket.detection.contingency import count_reports, count_table
from include.postmarket.detection.shapes import FloatArray, Pairs

# name of the measures -> data file; the first two kinds count distinct reports, the others margins of the pair table
REPORT_TABLES = {"caers_reports": "caers_2012", "faers22q3_even": "faers22q3_even"}
COUNT_TABLES = {"caers_counts": "caers_counts", "statin": "statin", "statin46": "statin46"}
TABLES = [*REPORT_TABLES, *COUNT_TABLES, "planted_1", "planted_2"]


def count(shared: Path, table: str) -> tuple[Pairs, pd.DataFrame]:
    """Give the pairs of a table and the names behind their codes (columns product, event; one row per pair)."""
    if table.startswith("planted"):
        rows = pd.read_csv(shared / "planted" / f"{table}.csv.gz")
    else:
        name = (REPORT_TABLES | COUNT_TABLES)[table]
        rows = pd.read_parquet(shared / "data" / "disproportionality" / f"{name}.parquet")
    product, products = pd.factorize(rows["product"])
    event, events = pd.factorize(rows["event"])
    if table in REPORT_TABLES:
        pairs = count_reports(rows["id"].to_numpy(), product, event)
    else:
        pairs = count_table(product, event, rows["n"].to_numpy())
    return pairs, pd.DataFrame({"product": products[pairs.product], "event": events[pairs.event]})


def measures(shared: Path, table: str, names: pd.DataFrame) -> tuple[FloatArray, pd.DataFrame]:
    """Give R's measures and, for each of their rows, the place of the pair among ``names``."""
    folder, stem = ("planted", table.replace("planted", "ref")) if table.startswith("planted") else ("reference", table)
    expected = pd.read_csv(shared / folder / f"{stem}_measures.csv.gz")
    placed = expected[["product", "event"]].merge(
        names.assign(place=np.arange(len(names))), on=["product", "event"], how="left", validate="1:1"
    )
    return placed["place"].to_numpy(), expected
