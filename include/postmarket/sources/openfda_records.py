"""openFDA device/event answers to records: pages, lists and strings that change places, several devices a report."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from include.postmarket.model.errors import InputError
from include.postmarket.sources.files import Member, decode
from include.postmarket.sources.records import Record

_TOP = (
    "mdr_report_key",
    "report_number",
    "date_received",
    "date_of_event",
    "event_type",
    "report_source_code",
    "adverse_event_flag",
    "product_problem_flag",
)
_OF_DEVICE = (
    "manufacturer_d_name",
    "brand_name",
    "generic_name",
    "device_report_product_code",
    "model_number",
    "lot_number",
)


def read(member: Member) -> list[Record]:
    """Give the reports of one or more openFDA answers, in their order; an answer NOT_FOUND holds none.

    An answer is ``{"meta", "results": [...]}``, a bare list of reports, or several of them behind one another (the
    pages of one search). Device columns are those of the first device of a report. A report that is no object is kept
    with the fault ``shape``. Raises InputError for anything else.
    """
    found = [report for answer in _answers(member) for report in _results(answer, member.name)]
    return [_record(report, number) for number, report in enumerate(found, start=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer of the API as it came, the records it holds and how many it announces in all."""

    content: bytes
    records: int
    total: int


def page(content: bytes) -> Page:
    """Give what one answer holds. Raises InputError when it is no answer of openFDA."""
    member = Member(name="", content=content)
    answer = next(_answers(member))
    records = len(_results(answer, ""))
    announced = answer.get("meta", {}).get("results", {}).get("total") if isinstance(answer, dict) else None
    return Page(content=content, records=records, total=announced if isinstance(announced, int) else records)


def _answers(member: Member) -> Iterator[Any]:
    content, _ = decode(member)
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    position = _next_token(content, 0)
    if position == len(content):
        raise InputError("file is empty", where=member.name or "JSON", todo="bring the file again")
    while position < len(content):
        try:
            answer, position = decoder.raw_decode(content, position)
        except (ValueError, RecursionError) as error:
            raise InputError(
                f"no readable JSON: {str(error)[:200]}",
                where=member.name or "JSON",
                todo="bring the file again; it may have been cut short",
            ) from error
        position = _next_token(content, position)
        yield answer


def _next_token(content: str, position: int) -> int:
    while position < len(content) and content[position].isspace():
        position += 1
    return position


def _results(answer: Any, name: str) -> list[Any]:
    if isinstance(answer, list):
        return answer
    if isinstance(answer, dict):
        if isinstance(answer.get("results"), list):
            return list(answer["results"])
        error = answer.get("error")
        if isinstance(error, dict) and error.get("code") == "NOT_FOUND":
            return []
    raise InputError(
        "JSON is no answer of openFDA device/event: neither a list nor an object with a list of results",
        where=name or "JSON",
        todo="give the answer as it came from api.fda.gov",
    )


def _record(report: Any, number: int) -> Record:
    if not isinstance(report, dict):
        return Record(row=number, cells={}, faults=("shape",), raw=report)
    device = _first(report.get("device"))
    openfda = _first(device.get("openfda"))
    cells = {name: _cell(report.get(name)) for name in _TOP}
    cells |= {name: _cell(device.get(name)) for name in _OF_DEVICE}
    cells["device_name"] = _cell(openfda.get("device_name"))
    cells["device_class"] = _cell(openfda.get("device_class"))
    cells["foi_text"] = "\n\n".join(filter(None, (_cell(t.get("text")) for t in _all(report.get("mdr_text")))))
    if _cell(report.get("summary_report_flag")).upper() == "Y":
        cells["noe_summarized"] = _cell(report.get("noe_summarized"))
    return Record(row=number, cells=cells, raw=report)


def _all(value: Any) -> list[dict[str, Any]]:
    found = value if isinstance(value, list) else [value]
    return [item for item in found if isinstance(item, dict)]


def _first(value: Any) -> dict[str, Any]:
    return next(iter(_all(value)), {})


def _cell(value: Any) -> str:
    """Give a string where openFDA gives a string, a list of one or a number; the first filled item of a list."""
    if isinstance(value, list):
        return next((cell for item in value if (cell := _cell(item))), "")
    if value is None or isinstance(value, dict):
        return ""
    return str(value).encode("utf-8", "replace").decode().strip()


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")
