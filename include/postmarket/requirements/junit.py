"""JUnit XML, as pytest, GoogleTest and Surefire write it: tests with their last result, linked to requirements.

A test names requirements in properties (``<property name="requirement" value="R-1"/>``) or, as older GoogleTest does,
in attributes of the test case. Messages and output of failures are not taken: they may hold anything.
"""

from collections.abc import Iterator

from include.postmarket.model.register import ItemKind, Role
from include.postmarket.requirements.assembly import split_ids
from include.postmarket.requirements.mapping import Mapping, folded
from include.postmarket.requirements.reading import Draft, Reading, fatal
from include.postmarket.requirements.xml_tree import Element, parse_xml

NAMES = frozenset({"requirement", "requirements", "req", "reqs", "requirementid", "requirementids", "verifies",
                   "validates", "covers", "tracesto", "testkey", "jira"})  # fmt: skip
_ORDER = ("fail", "pass", "not run")  # of one test that stands several times, the first of these counts
_NOT_RUN = frozenset({"notrun", "skipped", "disabled", "suppressed"})


def read_junit(content: bytes, file: str, mapping: Mapping) -> Reading:
    """Give the test cases of a file, one item a test. Raises FaultyContentError when it is no JUnit XML."""
    root = parse_xml(content, file)
    if root.tag not in {"testsuites", "testsuite"}:
        raise fatal(f"is no JUnit XML: its first element is {root.tag!r}", file, root.line)
    reading = Reading()
    tests: dict[str, Draft] = {}
    for suite, at, inherited in _suites(root, root.attributes.get("timestamp", ""), mapping):
        for case in suite.children:
            if case.tag == "testcase":
                _take(case, at, inherited, (tests, reading, file, mapping))
    reading.drafts += tests.values()
    if tests and not any(draft.links for draft in tests.values()):
        reading.listed("no test names a requirement: write a property `requirement` (docs/requirements.md)", file)
    if tests and not any(draft.fields["at"] for draft in tests.values()):
        reading.listed("says no time of its run; the results are kept without one", file)
    return reading


def _suites(suite: Element, at: str, mapping: Mapping) -> Iterator[tuple[Element, str, list[str]]]:
    """Give every suite with its time and the requirements that it names for all of its tests."""
    here = suite.attributes.get("timestamp") or at
    named = _named(suite, mapping)
    yield suite, here, named
    for inner in suite.children:
        if inner.tag == "testsuite":
            for found, time, inherited in _suites(inner, here, mapping):
                yield found, time, [*named, *inherited]


def _named(element: Element, mapping: Mapping) -> list[str]:
    ids: list[str] = []
    for entry in element.under("properties"):
        if _names_requirements(entry.attributes.get("name", ""), mapping):
            ids += split_ids((entry.attributes.get("value") or entry.text).replace(",", ";"), mapping.separator)
    if element.tag == "testcase":
        for name, value in element.attributes.items():
            if _names_requirements(name, mapping):
                ids += split_ids(value.replace(",", ";"), mapping.separator)
    return ids


def _names_requirements(name: str, mapping: Mapping) -> bool:
    return folded(name) in NAMES or folded(name) in {folded(own) for own in mapping.links}


def _take(case: Element, at: str, inherited: list[str], place: tuple[dict[str, Draft], Reading, str, Mapping]) -> None:
    tests, reading, file, mapping = place
    name = case.attributes.get("name", "").strip()
    key = ".".join(filter(None, (case.attributes.get("classname", "").strip(), name)))
    if not name:
        reading.error("a test case has no name", file, case.line)
        return
    fields = {"title": name, "result": _result(case), "at": case.attributes.get("timestamp") or at}
    links = [(Role.VERIFIES, target) for target in dict.fromkeys([*inherited, *_named(case, mapping)])]
    if key not in tests:
        tests[key] = Draft(key=key, fields=fields, links=links, kind=ItemKind.TEST, file=file, line=case.line)
        return
    known = tests[key]
    known.fields["result"] = min(known.fields["result"], fields["result"], key=_ORDER.index)
    known.links += [link for link in links if link not in known.links]
    reading.listed(f"test {key!r} stands several times; a failure among them counts", file, case.line)


def _result(case: Element) -> str:
    tags = {child.tag for child in case.children}
    if tags & {"failure", "error", "rerunFailure", "rerunError"} and not tags & {"flakyFailure", "flakyError"}:
        return "fail"
    told = {folded(case.attributes.get(name, "")) for name in ("status", "result")}
    return "not run" if "skipped" in tags or told & _NOT_RUN else "pass"
