"""Run a method for pairs on a plain table: rows of reports, or counts of reports; every measure beside its answer."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from include.postmarket.detection import gps, information_component, prr_ror
from include.postmarket.detection.contingency import count_reports, count_reports_in_strata, count_table
from include.postmarket.detection.entries import OverPairs, PairResult
from include.postmarket.detection.gps import GammaPoissonShrinker
from include.postmarket.detection.information_component import InformationComponent
from include.postmarket.detection.prr_ror import RatioMeasures
from include.postmarket.detection.shapes import Counting, FloatArray, Pairs
from include.postmarket.model.errors import ConfigurationError, InputError
from include.postmarket.steps import table_file
from include.postmarket.steps.method_parameters import build, refused
from include.postmarket.steps.own_numbers import own_numbers, remarks
from include.postmarket.steps.table_file import Names, Table

ROWS = ("report", "product", "event")
COUNTS = ("product", "event", "n")


def pairs_table(method: OverPairs, given: dict[str, Any], source: Path) -> tuple[Any, tuple[str, ...]]:
    """Give one row a pair with n >= 1, ordered by product and event, and notes for a person.

    Raises InputError for a table that cannot be used and ConfigurationError for parameters out of range.
    """
    table = table_file.read(source, [ROWS, COUNTS], optional=("stratum",))
    products, events = table.names("product"), table.names("event")
    try:
        pairs = _count(table, products, events)
        said = method.detect(pairs, build(method, _by_code(given, products.names)))
    except ValueError as error:  # the methods' own, and numpy's for a seed below zero
        raise refused(method, error) from None
    columns = {
        "product": pa.DictionaryArray.from_arrays(pa.array(pairs.product), pa.array(products.names)).cast(pa.string()),
        "event": pa.DictionaryArray.from_arrays(pa.array(pairs.event), pa.array(events.names)).cast(pa.string()),
        "n": pa.array(pairs.n).cast(pa.int64()),
    }
    numbers = {"expected": pairs.expected} | _measures(pairs, said)
    numbers |= {name: values for name, values in own_numbers(said).items() if name not in numbers}
    columns |= {name: pa.array(values, from_pandas=True) for name, values in numbers.items()}
    columns |= {"alarm": pa.array(said.alarm), "evaluated": pa.array(said.evaluated)}
    columns["reason"] = pa.array(said.reason.astype(object))
    notes = [f"column {name} is not used" for name in table.unused]
    return pa.table(columns), (*notes, *_counted(table, pairs), *remarks(said))


def _count(table: Table, products: Names, events: Names) -> Pairs:
    if "report" in table.columns and "stratum" in table.columns:
        return count_reports_in_strata(table.codes("report"), products.code, events.code, table.codes("stratum"))
    if "report" in table.columns:
        return count_reports(table.codes("report"), products.code, events.code)
    if "stratum" in table.columns:
        todo = "give report,product,event,stratum rows, or leave the column out"
        raise InputError("counts of pairs cannot be stratified", where=f"{table.path}, line 1", todo=todo)
    n = table.counts("n")
    key = products.code * len(events.names) + events.code
    order = np.argsort(key, kind="stable")
    repeated = np.zeros(len(order), dtype=np.bool_)
    repeated[order[1:]] = key[order][1:] == key[order][:-1]
    table.refuse(repeated, "this product and event was there before", "give each pair once, with all its reports")
    return count_table(products.code, events.code, n)


def _counted(table: Table, pairs: Pairs) -> list[str]:
    """Say what one count is: it decides every expected count (docs/methods-pairs.md)."""
    said = [f"counted: {pairs.counting.value}, {pairs.total:,.0f} in all"]
    if pairs.counting is Counting.REPORTS:
        named = float(pairs.n.sum())
        if repeated := len(table.columns["report"]) - int(named):
            said.append(f"{repeated:,} rows repeat another and count once")
        said.append(f"a report stands in {named / pairs.total:.2f} pairs on average and counts once in each")
    if pairs.strata > 1:
        said.append(
            f"expected counts are added up over {pairs.strata} strata; PRR, ROR and chi-square are not stratified"
        )
    return said


def _by_code(given: dict[str, Any], products: tuple[str, ...]) -> dict[str, Any]:
    """Give the parameters with comparators as codes. Raises ConfigurationError for a product that is not there."""
    if "comparators" not in given:
        return given
    if unknown := set(given["comparators"]) - set(products):
        what = f"{len(unknown)} of the comparators is no product of the table"
        raise ConfigurationError(what, where="--param comparators", todo="name products as the table does")
    return given | {"comparators": tuple(products.index(name) for name in given["comparators"])}


def _measures(pairs: Pairs, said: PairResult) -> dict[str, FloatArray]:
    """Give every measure of every pair: the method's own where it has them, by default parameters otherwise."""
    ratios = said if isinstance(said, RatioMeasures) else prr_ror.detect(pairs, prr_ror.RatioParameters())
    component = said if isinstance(said, InformationComponent) else _component(pairs)
    shrunk = said if isinstance(said, GammaPoissonShrinker) else gps.detect(pairs, gps.GpsParameters())
    return {
        "prr": ratios.prr.estimate,
        "prr_lower": np.where(ratios.prr.evaluated, ratios.prr.lower, np.nan),
        "prr_upper": np.where(ratios.prr.evaluated, ratios.prr.upper, np.nan),
        "ror": ratios.ror.estimate,
        "ror_lower": np.where(ratios.ror.evaluated, ratios.ror.lower, np.nan),
        "ror_upper": np.where(ratios.ror.evaluated, ratios.ror.upper, np.nan),
        "chi2": ratios.chi_square,
        "chi2_yates": ratios.chi_square_yates,
        "ic": np.where(component.evaluated, component.ic, np.nan),
        "ic_lower": np.where(component.evaluated, component.lower, np.nan),
        "ic_upper": np.where(component.evaluated, component.upper, np.nan),
        "ebgm": np.where(shrunk.evaluated, shrunk.posterior.ebgm, np.nan),
        "eb05": np.where(shrunk.evaluated, shrunk.posterior.eb05, np.nan),
        "eb95": np.where(shrunk.evaluated, shrunk.posterior.eb95, np.nan),
    }


def _component(pairs: Pairs) -> InformationComponent:
    return information_component.detect(pairs, information_component.InformationComponentParameters())
