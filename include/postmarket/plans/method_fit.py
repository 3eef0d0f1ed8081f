"""Whether an indicator's method exists, takes the parameters the plan fixes, and states its threshold."""

import dataclasses
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_type_hints

from include.postmarket.detection.catalogue import MEASUREMENTS, NARRATIVES, OVER_TIME, PAIRS, SHIFTS
from include.postmarket.detection.entries import ComparedWith
from include.postmarket.detection.trend_report import SEVERITY
from include.postmarket.model.finding import Finding, Weight
from include.postmarket.model.plan import Indicator, Method
from include.postmarket.model.tables import TABLES

#: The parameters that are an action limit: a plan states it, no default does (MDR Art 88, Annex III 1.1(b)).
THRESHOLDS = (
    "alpha",
    "level",
    "run_length",
    "h",
    "width",
    "confidence",
    "minimum_ratio",
    "minimum_lower_bound",
    "minimum_lower",
    "minimum_eb05",
    "false_share",
    "threshold",
)

Key = tuple[str | int, ...]


def method_findings(method: Method, catalogue: Mapping[str, type[Any]], at: Key) -> tuple[Finding, ...]:
    """Give the faults of a method named in a plan; ``catalogue`` maps each method's name to its parameter dataclass."""
    if method.name not in catalogue:
        nearest = get_close_matches(method.name, catalogue, n=1)
        advice = f"did you mean {nearest[0]!r}?" if nearest else f"known methods: {', '.join(sorted(catalogue))}"
        wrong = f"unknown method {method.name!r}; {advice}"
        return (Finding(weight=Weight.ERROR, message=wrong, key=(*at, "name")),)
    kind = catalogue[method.name]
    found = tuple(_parameter_findings(method, kind, (*at, "parameters")))
    return found or tuple(_value_findings(method, kind, (*at, "parameters")))


def shape_findings(indicator: Indicator, at: Key) -> Iterator[Finding]:
    """Give the faults of an indicator whose columns are not what its kind of method works on."""
    name = indicator.method.name
    pairs, metrics = indicator.product_by is not None, bool(indicator.metrics)
    if name in PAIRS and not pairs:
        wrong = f"method {name} compares products with one another: name product_by and event_by"
        yield Finding(weight=Weight.ERROR, message=wrong, key=at)
    if (name in MEASUREMENTS or name in SHIFTS) and not metrics:
        wrong = f"method {name} compares devices by what they measure: name metrics"
        yield Finding(weight=Weight.ERROR, message=wrong, key=at)
    among_others = name in SHIFTS and SHIFTS[name].compared_with is ComparedWith.OTHERS
    if among_others and indicator.subgroup_by is None:
        wrong = f"method {name} compares groups of devices with one another: name subgroup_by"
        yield Finding(weight=Weight.ERROR, message=wrong, key=at)
    if name in NARRATIVES and (pairs or metrics or indicator.subgroup_by or indicator.denominator):
        wrong = f"method {name} reads narratives: it takes scope alone, no columns to split, pair, measure or divide by"
        yield Finding(weight=Weight.ERROR, message=wrong, key=at)
    if name in NARRATIVES and "narrative" not in TABLES[indicator.source].columns:
        wrong = f"method {name} reads narratives, and {indicator.source.value} has none: watch complaints or reports"
        yield Finding(weight=Weight.ERROR, message=wrong, key=at)
    if (name == SEVERITY) is not bool(indicator.severe):
        missing = f"method {name} counts the severe among all events: say with severe which ones are"
        wrong = missing if name == SEVERITY else f"severe is for method {SEVERITY}: {name} does not read it"
        yield Finding(weight=Weight.ERROR, message=wrong, key=at)
    if name == SEVERITY and indicator.denominator:
        wrong = f"method {name} counts the severe among all events: leave the denominator out"
        yield Finding(weight=Weight.ERROR, message=wrong, key=at)
    if name in OVER_TIME and (pairs or metrics):
        wrong = f"method {name} counts over time: it takes neither product_by and event_by nor metrics"
        yield Finding(weight=Weight.ERROR, message=wrong, key=at)


def _parameter_findings(method: Method, kind: type[Any], at: Key) -> Iterator[Finding]:
    fields = {field.name: field for field in dataclasses.fields(kind)}
    hints = get_type_hints(kind)
    for name, value in method.parameters.items():
        if name not in fields:
            nearest = get_close_matches(name, fields, n=1)
            advice = f"did you mean {nearest[0]!r}?" if nearest else f"it takes: {', '.join(fields)}"
            wrong = f"method {method.name} takes no parameter {name!r}; {advice}"
            yield Finding(weight=Weight.ERROR, message=wrong, key=(*at, name))
        elif not _fits(value, hints[name]):
            wanted = getattr(hints[name], "__name__", str(hints[name]))
            wrong = f"parameter {name!r} of {method.name} must be {wanted}, is {value!r}"
            yield Finding(weight=Weight.ERROR, message=wrong, key=(*at, name))
    for name, field in fields.items():
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if required and name not in method.parameters:
            wrong = f"method {method.name} needs parameter {name!r}: it has no default"
            yield Finding(weight=Weight.ERROR, message=wrong, key=(*at, name))
    limits = [name for name in THRESHOLDS if name in fields]
    if limits and not set(limits) & set(method.parameters):
        wrong = f"states no threshold for {method.name}: fix {' or '.join(limits)} (MDR Art 88)"
        yield Finding(weight=Weight.ERROR, message=wrong, key=at)


def _value_findings(method: Method, kind: type[Any], at: Key) -> Iterator[Finding]:
    try:
        kind(**method.parameters)
    except ValueError as error:  # what the methods raise for parameters out of range
        yield Finding(weight=Weight.ERROR, message=str(error), key=at)


def _fits(value: float | str, wanted: Any) -> bool:
    if wanted is float:
        return isinstance(value, int | float)
    return isinstance(value, wanted) if isinstance(wanted, type) else True
