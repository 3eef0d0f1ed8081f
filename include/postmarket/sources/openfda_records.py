"""openFDA answers to records: pages, lists and strings that change places, several devices a report."""

from dataclasses import dataclass
from typing import Any

from include.postmarket.model.errors import InputError
from include.postmarket.sources import json_text
from include.postmarket.sources.files import Member
from include.postmarket.sources.records import Record
from include.postmarket.sources.report_parts import Parts, row_cells
from include.postmarket.sources.same_device import Devices

_OWN = (
    "mdr_report_key",
    "report_number",
    "event_key",
    "date_received",
    "date_of_event",
    "date_manufacturer_received",
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
    "catalog_number",
    "lot_number",
    "udi_di",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer of the API as it came, the records it holds and how many it announces in all."""

    content: bytes
    records: int
    total: int


def read(member: Member, wanted: Devices) -> list[Record]:
    """Give the reports of device/event answers that are about a wanted device, in their order.

    A report that is no object is kept with the fault ``shape``. Raises InputError as `results` does.
    """
    found = [record(report, number, wanted) for number, report in enumerate(results(member), start=1)]
    return [row for row in found if row is not None]


def results(member: Member) -> list[Any]:
    """Give the records of one or more answers, in their order; an answer NOT_FOUND holds none.

    An answer is ``{"meta", "results": [...]}``, a bare list of records, or several of them behind one another (the
    pages of one search). Raises InputError for anything else.
    """
    return [found for answer in json_text.values(member) for found in _results(answer, member.name)]


def page(content: bytes) -> Page:
    """Give what one answer holds. Raises InputError when it is no answer of openFDA."""
    member = Member(name="", content=content)
    answer = next(json_text.values(member))
    records = len(_results(answer, ""))
    announced = json_text.step_down(answer, "meta.results.total")
    return Page(content=content, records=records, total=announced if isinstance(announced, int) else records)


def record(report: Any, number: int, wanted: Devices) -> Record | None:
    """Give the row of one report of device/event, None when it is not about a wanted device."""
    if not isinstance(report, dict):
        return Record(row=number, cells={}, faults=("shape",), raw=report)
    cells = row_cells(_parts(report), wanted)
    return None if cells is None else Record(row=number, cells=cells, raw=report)


def _parts(report: dict[str, Any]) -> Parts:
    own = {name: json_text.cell(report.get(name)) for name in _OWN}
    own["type_of_report"] = json_text.joined(report.get("type_of_report"))
    if json_text.cell(report.get("summary_report_flag")).upper() == "Y":
        own["noe_summarized"] = json_text.cell(report.get("noe_summarized"))
    problems = report.get("product_problems")
    return Parts(
        own=own,
        devices=[_device(d) for d in _objects(report.get("device"))],
        texts=[json_text.cell(t.get("text")) for t in _objects(report.get("mdr_text"))],
        patients=_objects(report.get("patient")),
        problems=[json_text.cell(p) for p in (problems if isinstance(problems, list) else [problems])],
    )


def _device(device: dict[str, Any]) -> dict[str, str]:
    classified = next(iter(_objects(device.get("openfda"))), {})
    cells = {name: json_text.cell(device.get(name)) for name in _OF_DEVICE}
    return cells | {name: json_text.cell(classified.get(name)) for name in ("device_name", "device_class")}


def _objects(value: Any) -> list[dict[str, Any]]:
    found = value if isinstance(value, list) else [value]
    return [item for item in found if isinstance(item, dict)]


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
        "JSON is no answer of openFDA: neither a list nor an object with a list of results",
        where=name or "JSON",
        todo="give the answer as it came from api.fda.gov",
    )
