"""Registers on real records: import, re-import, suspect links until cleared, evidence, refusals."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from include.postmarket.model.errors import ConfigurationError, InputError
from include.postmarket.model.finding import FaultyContentError
from include.postmarket.model.register import Change, LinkCondition, LinkKey
from include.postmarket.records.engine import reading
from include.postmarket.records.requirement_book import Clearing, RequirementBook
from include.postmarket.records.verification import verify
from include.postmarket.requirements.exchange import read_register_file, register_text
from include.postmarket.requirements.mapping import Mapping
from include.postmarket.requirements.register import load_register
from include.postmarket.steps import registers
from include.postmarket.steps.house import House
from include.postmarket.steps.registers import Source
from include.postmarket.steps.settings import Settings
from tests.postgres import RecordsDatabase, engine, records

__all__ = ["engine", "records"]
pytestmark = pytest.mark.postgres

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FIRST = (
    "id,text,parent,risks\nS-1,The pump shall stop.,,H-1\nS-2,The motor shall brake.,S-1,\nS-3,It shall sing.,S-9,\n"
)
JUNIT = (
    '<testsuite timestamp="2026-11-20T10:00:00"><testcase name="stop" classname="t"><properties>'
    '<property name="requirement" value="S-1;S-77"/></properties></testcase></testsuite>'
)


@dataclass
class Site:
    """A house with a folder to import from."""

    house: House
    folder: Path

    def source(self, name: str, text: str) -> Source:
        """Write a file, and give the import of it."""
        (self.folder / name).write_text(text)
        return Source(path=self.folder / name, register="pump", mapping=Mapping())

    def take(self, name: str, text: str) -> bool:
        """Import a file."""
        return registers.take(self.house, registers.compare(self.house, self.source(name, text)), NOW)

    def conditions(self) -> dict[tuple[str, str], LinkCondition]:
        """Give the condition of every link."""
        return {(s.key.item, s.key.target): s.condition for s in registers.states(self.house, "pump")}

    def clearing(self, stamp: str = "", reason: str = "The brake is the same.") -> Clearing:
        """Give the clearing of the one link that changes in these tests, at the stamp of now."""
        (state,) = [s for s in registers.states(self.house, "pump") if s.key.item == "S-2"]
        key = LinkKey(register="pump", item="S-2", role="", target="S-1")
        return Clearing(key=key, stamp=stamp or state.now[:12], by="A. Reviewer", reason=reason)


@pytest.fixture(name="site")
def fixture_site(tmp_path: Path, records: RecordsDatabase) -> Site:
    """Give an empty site."""
    settings = Settings(
        home=tmp_path, database_url=records.url(), lake=tmp_path, plans=tmp_path, sources=tmp_path, site_url=""
    )
    return Site(house=House(settings), folder=tmp_path)


def test_a_suspect_link_until_a_person_clears_it(site: Site) -> None:
    """A reworded target makes its links suspect; a reason clears them and stays on record."""
    site.take("r.csv", FIRST)
    assert site.conditions() == {
        ("S-1", "H-1"): LinkCondition.OUTSIDE,
        ("S-2", "S-1"): LinkCondition.CURRENT,
        ("S-3", "S-9"): LinkCondition.DANGLING,
    }  # fmt: skip

    site.take("r.csv", FIRST.replace("shall stop.", "shall stop within 2 s."))
    assert site.conditions()["S-2", "S-1"] is LinkCondition.SUSPECT

    registers.clear(site.house, site.clearing(), NOW + timedelta(days=1))
    assert site.conditions()["S-2", "S-1"] is LinkCondition.CURRENT

    held = site.house.requirement_book.stamps("pump")
    (stamp,) = [stamp for key, stamp in held.items() if key.item == "S-2"]
    assert (stamp.sequence, stamp.by, stamp.reason) == (2, "A. Reviewer", "The brake is the same.")
    assert stamp.at == NOW + timedelta(days=1)
    with reading(site.house.engine) as connection:
        assert verify(connection) is None


def test_a_re_import_finds_new_changed_and_removed(site: Site) -> None:
    """Each item is compared by content, its place does not count; removed items leave, and their versions stay."""
    site.take("r.csv", FIRST)
    text = "\n" + FIRST.replace("It shall sing.", "It shall hum.").replace(
        "S-2,The motor shall brake.,S-1,\n", "S-4,New.,,\n"
    )

    found = registers.compare(site.house, site.source("r.csv", text)).difference
    site.take("r.csv", text)

    assert [item.id for item in found.new] == ["S-4"]
    assert ([item.id for item in found.changed], found.reworded) == (["S-3"], ("S-3",))
    assert [item.id for item in found.removed] == ["S-2"]
    assert found.unchanged == 1
    assert [change for change, _ in site.house.requirement_book.versions("pump", "S-2")] == [Change.NEW, Change.REMOVED]
    assert set(site.house.requirement_book.items("pump")) == {"S-1", "S-3", "S-4"}


def test_the_same_file_twice_is_on_record_once(site: Site) -> None:
    """Nothing changes twice."""
    assert (site.take("r.csv", FIRST), site.take("r.csv", FIRST)) == (True, False)
    assert len(site.house.requirement_book.imports("pump")) == 1


def test_evidence_is_added_and_nothing_is_removed(site: Site) -> None:
    """Tests link to what they verify and outlive a re-import; when the requirement changes their link is suspect."""
    site.take("r.csv", FIRST)

    compared = registers.compare(site.house, site.source("junit.xml", JUNIT))
    registers.take(site.house, compared, NOW)
    site.take("r.csv", FIRST.replace("shall stop.", "shall stop at once."))
    site.take("junit.xml", JUNIT.replace("20T10", "21T10").replace("</properties>", "</properties><failure/>"))

    item = site.house.requirement_book.items("pump")["t.stop"]
    assert [f.message for f in compared.listed] == [
        "test 't.stop' names requirement 'S-77', which is in no register; the link is kept"
    ]
    assert (item.result, item.at) == ("fail", "2026-11-21T10:00:00")
    assert site.conditions()["t.stop", "S-1"] is LinkCondition.SUSPECT
    assert site.conditions()["t.stop", "S-77"] is LinkCondition.DANGLING


def test_a_test_that_came_with_its_requirement_is_no_remark(site: Site) -> None:
    """What the same file holds is known, although no register has it yet; what it does not hold is listed once."""
    needs = {
        "R": {"id": "R", "type": "req", "content": "It shall."},
        "T": {"id": "T", "type": "test", "title": "Try", "verifies": ["R", "Q"], "verifies_back": []},
    }
    source = site.source("needs.json", json.dumps({"current_version": "1", "versions": {"1": {"needs": needs}}}))

    compared = registers.compare(site.house, source)

    assert [finding.message for finding in compared.listed] == [
        "test 'T' names requirement 'Q', which is in no register; the link is kept"
    ]


def test_evidence_may_not_take_the_id_of_a_requirement(site: Site) -> None:
    """Otherwise one of the two would be lost."""
    site.take("r.csv", FIRST)

    with pytest.raises(FaultyContentError, match="'S-1' is one of the register's other part"):
        site.take("junit.xml", '<testsuite><testcase name="S-1"/></testsuite>')


def test_a_faulty_file_leaves_nothing(site: Site) -> None:
    """Half an import does not exist."""
    with pytest.raises(FaultyContentError):
        site.take("r.csv", FIRST + "S-1,Again.,,\n")

    assert site.house.requirement_book.registers() == ()


def test_two_imports_at_once(site: Site) -> None:
    """The one that compared with an older state is refused, not merged by accident."""
    first = registers.compare(site.house, site.source("a.csv", FIRST))
    site.take("b.csv", FIRST.replace("sing", "hum"))

    with pytest.raises(InputError, match="changed by another import"):
        registers.take(site.house, first, NOW)


def test_clearing_needs_a_name_a_reason_and_what_was_seen(site: Site) -> None:
    """No link, a link in order, no reason, and a target that changed again since: each is refused."""
    site.take("r.csv", FIRST)
    with pytest.raises(ConfigurationError, match="is current, not suspect"):
        registers.clear(site.house, site.clearing(), NOW)
    site.take("r.csv", FIRST.replace("shall stop.", "shall halt."))
    seen = site.clearing()
    site.take("r.csv", FIRST.replace("shall stop.", "shall wait."))

    with pytest.raises(ConfigurationError, match="not what was reviewed"):
        registers.clear(site.house, seen, NOW)
    with pytest.raises(ConfigurationError, match="with a reason"):
        registers.clear(site.house, site.clearing(reason="ok"), NOW)
    gone = Clearing(key=LinkKey(register="pump", item="S-2", role="", target="S-8"), stamp="x", by="A", reason="a b")
    with pytest.raises(ConfigurationError, match="is not there, not suspect"):
        registers.clear(site.house, gone, NOW)
    assert site.conditions()["S-2", "S-1"] is LinkCondition.SUSPECT


def test_the_application_cannot_change_a_stamp(engine: Engine) -> None:
    """Stamps, items and imports are append-only for the application's role as all records are."""
    with pytest.raises(Exception, match="permission denied"), engine.begin() as connection:
        connection.exec_driver_sql("UPDATE link_stamps SET stamp = ''")


def test_an_exported_register_feeds_a_plan(site: Site, tmp_path: Path) -> None:
    """The file of exchange is read where a plan reads its register, with tests, results and risks."""
    site.take("r.csv", FIRST)
    site.take("junit.xml", JUNIT)
    path = tmp_path / "register.json"
    path.write_text(register_text(registers.export(site.house, "pump")))

    first = load_register(path)[0]

    assert (first.id, first.text, first.risks) == ("S-1", "The pump shall stop.", ("H-1",))
    assert [(test.id, test.last_result, test.last_run) for test in first.tests] == [("t.stop", "pass", "2026-11-20")]
    assert len(read_register_file(path).items) == 4


def test_an_empty_book(engine: Engine) -> None:
    """An empty book has no registers, items or stamps, and says so without an error."""
    book = RequirementBook(engine)

    assert (book.registers(), book.items("x"), book.stamps("x"), book.imports("x")) == ((), {}, {}, ())
