"""Each kind of bad input ends in one clear message, loses nothing, and the next run after mending goes through."""

from collections.abc import Callable
from datetime import date

import pytest

from include.postmarket.model.batch import Source
from include.postmarket.model.errors import ConfigurationError, InputError, IntegrityError, PostmarketError
from include.postmarket.model.finding import FaultyContentError
from include.postmarket.steps import detect
from tests.faults.loop.small_site import HEADINGS, MARCH, NOW, SmallSite, complaint, report

pytestmark = pytest.mark.postgres

REPORTS, COMPLAINTS, EXPOSURE = Source.REPORTS, Source.COMPLAINTS, Source.EXPOSURE


def refused(kind: type[PostmarketError], deed: Callable[[], object], *words: str) -> PostmarketError:
    """Give the error that a deed ends in; its message says these words, where it was, and what to do."""
    with pytest.raises(kind) as caught:
        deed()
    error = caught.value

    assert [word for word in words if word not in str(error)] == [], str(error)
    assert error.what
    assert error.where
    assert error.todo
    return error


def counts(site: SmallSite, source: Source) -> tuple[int, int, int, int]:
    """Pull and give pulled, accepted, quarantined and superseded."""
    o = site.pull(source)
    return o.pulled, o.accepted, o.quarantined, o.superseded


def waiting(site: SmallSite, source: Source) -> dict[str, int]:
    """Give how many rows broke each rule in the pulls of a source."""
    outcomes = site.house().batches.outcomes(source)
    return {rule.rule: rule.rows for o in outcomes for rule in o.rules}


def test_missing_file(small_site: SmallSite) -> None:
    """A file that is not there is named; when it has come, the next run goes through."""
    good = small_site.file(REPORTS).read_bytes()
    small_site.file(REPORTS).unlink()

    refused(InputError, lambda: small_site.pull(REPORTS), "reports.csv", "No such file")

    small_site.file(REPORTS).write_bytes(good)

    assert (20, 20, 0, 0) == counts(small_site, REPORTS)


def test_unreadable_file(small_site: SmallSite) -> None:
    """A file that cannot be opened (here a link that leads to itself) is named, with the system's reason."""
    good = small_site.file(REPORTS).read_bytes()
    small_site.file(REPORTS).unlink()
    small_site.file(REPORTS).symlink_to(small_site.file(REPORTS))

    refused(InputError, lambda: small_site.pull(REPORTS), "reports.csv", "symbolic links")

    small_site.file(REPORTS).unlink()
    small_site.file(REPORTS).write_bytes(good)

    assert (20, 20, 0, 0) == counts(small_site, REPORTS)


SPOILED = {
    "empty": (b"", ("empty",)),
    "wrong columns": (b"one,two\n1,2\n", ("mdr_report_key", "date_received")),
    "one column twice": (HEADINGS[REPORTS].encode() + b",event_type\n", ("event_type", "more than once")),
    "no text": (HEADINGS[REPORTS].encode() + b"\n1,\x81\x8d\x8f,M,X,LOD\n", ("UTF-8", "byte")),
    "quote without end": (HEADINGS[REPORTS].encode() + b'\n1,20170301,M,"X,LOD\n', ("row 1", "unexpected end")),
    "cut JSON": (b'{"results": [{"mdr_report_key": "1"', ("JSON", "line 1")),
    "damaged zip": (b"PK\x03\x04 and nothing behind it", ("archive",)),
}


@pytest.mark.parametrize("kind", SPOILED)
@pytest.mark.requirement("G1")
def test_content_that_is_no_file_of_reports(small_site: SmallSite, kind: str) -> None:
    """The bytes are kept as they came, the message says what is wrong with them, and mended bytes go through."""
    good = small_site.file(REPORTS).read_bytes()
    bad, words = SPOILED[kind]
    small_site.file(REPORTS).write_bytes(bad)

    refused(InputError, lambda: small_site.pull(REPORTS), "reports.csv", *words)

    assert small_site.kept(bad)
    small_site.file(REPORTS).write_bytes(good)

    assert (20, 20, 0, 0) == counts(small_site, REPORTS)


def test_parquet_that_was_cut_short(small_site: SmallSite) -> None:
    """A Parquet file without its end is kept and named as that."""
    small_site.file(Source.PERFORMANCE).write_bytes(b"PAR1 cut")

    refused(InputError, lambda: small_site.pull(Source.PERFORMANCE), "Parquet", "performance.parquet")

    assert small_site.kept(b"PAR1 cut")


def test_empty_pull(small_site: SmallSite) -> None:
    """A header and no row is a month in which nothing was reported: accepted, zero rows; what comes later is added."""
    small_site.write(REPORTS, [])

    assert (0, 0, 0, 0) == counts(small_site, REPORTS)

    small_site.write(REPORTS, [report(1, date(2017, 3, 2))])

    assert (1, 1, 0, 0) == counts(small_site, REPORTS)


def test_an_empty_pull_is_no_alarm_and_no_gap(small_site: SmallSite) -> None:
    """Months of empty pulls are observed with count zero; nothing alarms, and what cannot be evaluated says why."""
    small_site.write(REPORTS, [])
    small_site.pull(REPORTS)
    house = small_site.house()

    run = detect.evaluate(house, "bone-cement", MARCH, NOW)
    said = house.detections.detections(run.run_id)

    assert run.alarms == 0
    assert all(d.evaluated or d.reason for d in said)
    assert [d.observed for d in said if d.indicator_id == "BC-REPORTS-ALL"] == [0.0]


#: A bad row among 20 good ones: the source, the row, and the rules that catch it.
BAD_ROWS = {
    "date in the future": (REPORTS, report(90, date(2117, 3, 5)), {"received_not_after_pull": 1}),
    "no date": (REPORTS, "7000090,2017-02-31,M,X,LOD", {"received_readable": 1, "received_present": 1}),
    "unknown event type": (REPORTS, report(90, date(2017, 3, 5), kind="ZZ"), {"event_type_valid": 1}),
    "no key": (REPORTS, ",20170305,M,X,LOD", {"report_key_present": 1}),
    "row too short": (REPORTS, "7000090,20170305,M", {"row_shape": 1}),
    "unknown code": (COMPLAINTS, complaint(90, date(2017, 3, 5), "A9999"), {"problem_code_valid": 1}),
    "key twice": (COMPLAINTS, complaint(1, date(2017, 3, 2), "A0706"), {"unique_key": 2}),
}


@pytest.mark.parametrize("kind", BAD_ROWS)
@pytest.mark.requirement("G1")
def test_a_bad_row_waits_and_the_others_go_on(small_site: SmallSite, kind: str) -> None:
    """The row is quarantined under its rule, the good ones are accepted; without it the next pull has nothing new."""
    source, row, rules = BAD_ROWS[kind]
    good = small_site.file(source).read_text()
    bad = max(rules.values())
    small_site.file(source).write_text(good + row + "\n")

    assert (21, 21 - bad, bad, 0) == counts(small_site, source)
    assert rules.items() <= waiting(small_site, source).items()

    small_site.file(source).write_text(good)
    mended = small_site.pull(source)

    assert (mended.pulled, mended.quarantined) == (20, 0)
    assert mended.accepted == bad - 1  # of a key that stood twice, the true row is taken now


def test_a_pull_that_is_mostly_bad_waits_as_a_whole(small_site: SmallSite) -> None:
    """Above the plan's limit the batch stops: nothing is accepted, nothing lost, and mended data go through."""
    good = small_site.file(REPORTS).read_text()
    small_site.write(REPORTS, [report(n, date(2117, 3, 5)) for n in range(5)] + [report(9, date(2017, 3, 5))])

    error = refused(InputError, lambda: small_site.pull(REPORTS), "5 of 6 rows are bad", "reports.csv")

    assert "checks report" in error.todo
    stopped = small_site.house().batches.outcomes(REPORTS)

    assert [(o.pulled, o.accepted, o.quarantined) for o in stopped] == [(6, 0, 6)]
    # Pulled again it says the same, and is not counted twice.
    refused(InputError, lambda: small_site.pull(REPORTS), "5 of 6 rows are bad")

    assert len(small_site.house().batches.outcomes(REPORTS)) == 1
    small_site.file(REPORTS).write_text(good)

    assert (20, 20, 0, 0) == counts(small_site, REPORTS)


def test_zero_exposure(small_site: SmallSite) -> None:
    """A cell without device-days is quarantined and says so; with no other exposure no rate is made up.

    When the true exposure comes, the same month is evaluated by a new run.
    """
    small_site.write(
        EXPOSURE, ["2017-03-01,EP-100,3.0,EMEA,0,0"] + [f"2017-03-01,EP-100,3.{n},AMER,1000,3000" for n in range(1, 12)]
    )
    for source in (REPORTS, COMPLAINTS):
        small_site.pull(source)

    assert (12, 11, 1, 0) == counts(small_site, EXPOSURE)
    assert waiting(small_site, EXPOSURE) == {"device_days_above_zero": 1, "units_in_use_above_zero": 1}

    house = small_site.house()
    run = detect.evaluate(house, "infusion-pump", MARCH, NOW)
    power = {d.subgroup: d for d in house.detections.detections(run.run_id) if d.indicator_id == "IP-POWER"}
    without = power["software_version=3.0"]

    assert (without.evaluated, without.alarm, without.statistic) == (False, False, None)
    assert "exposure" in without.reason

    small_site.write(EXPOSURE, ["2017-03-01,EP-100,3.0,EMEA,1000,30000"])
    small_site.pull(EXPOSURE)
    again = detect.evaluate(small_site.house(), "infusion-pump", MARCH, NOW)
    said = small_site.house().detections.detections(again.run_id)

    assert run.run_id != again.run_id
    assert [d.exposure for d in said if (d.indicator_id, d.subgroup) == ("IP-POWER", "software_version=3.0")] == [
        30000.0
    ]


#: A way to spoil a plan: what is replaced, by what, and the words of the message.
PLAN_FAULTS = {
    "unknown requirement": ("[BC-REQ-001, BC-REQ-004]", "[BC-REQ-001, BC-REQ-404]", ("BC-REQ-404",)),
    "unknown risk": ("[BC-R03, BC-R04]", "[BC-R03, BC-R99]", ("BC-R99",)),
    "unknown key": ("quarantine_limit:", "quarantene_limit:", ("quarantene_limit", "quarantine_limit")),
    "unknown method": ("name: cusum", "name: cusums", ("cusums", "cusum")),
    "number out of range": ("quarantine_limit: 0.1", "quarantine_limit: 1.7", ("quarantine_limit",)),
    "no YAML": ("indicators:", "indicators: [", ()),
}


@pytest.mark.parametrize("kind", PLAN_FAULTS)
def test_a_faulty_plan_is_refused_with_file_and_line(small_site: SmallSite, kind: str) -> None:
    """Every finding names the file and the line of the fault; nothing is evaluated; the mended plan goes through."""
    old, new, words = PLAN_FAULTS[kind]
    file = small_site.home / "plans" / "bone-cement" / "plan.yaml"
    good = file.read_text()
    assert old in good

    file.write_text(good.replace(old, new, 1))
    line = good[: good.index(old)].count("\n") + 1

    with pytest.raises(FaultyContentError) as caught:
        detect.evaluate(small_site.house(), "bone-cement", MARCH, NOW)
    told = [str(finding) for finding in caught.value.findings]

    assert any(all(word in text for word in words) for text in told), told
    assert all("plan.yaml:" in text for text in told)
    if kind != "no YAML":  # where a bracket never ends, the line is the one where the reader noticed
        assert any(f"plan.yaml:{line}:" in text for text in told), told

    file.write_text(good)
    small_site.pull(REPORTS)

    assert detect.evaluate(small_site.house(), "bone-cement", MARCH, NOW).points > 0


def test_sources_with_a_typing_error(small_site: SmallSite) -> None:
    """An unknown key in the file of sources is named with its line and the nearest valid one."""
    file = small_site.home / "sources.yaml"
    good = file.read_text()
    file.write_text(good.replace("complaints:", "complaint:"))

    with pytest.raises(FaultyContentError) as caught:
        small_site.pull(REPORTS)
    told = "\n".join(str(finding) for finding in caught.value.findings)

    assert "sources.yaml:2" in told
    assert "complaints" in told
    file.write_text(good)

    assert (20, 20, 0, 0) == counts(small_site, REPORTS)


def test_a_source_with_two_places(small_site: SmallSite) -> None:
    """A path and a search for one source: nobody guesses which one counts."""
    file = small_site.home / "sources.yaml"
    file.write_text(file.read_text().replace("complaints: {", "complaints: {search: all, "))

    refused(ConfigurationError, lambda: small_site.pull(REPORTS), "complaints", "sources.yaml")


def test_no_plan_at_all(small_site: SmallSite) -> None:
    """A folder without plans is named, and what to set."""
    for file in (small_site.home / "plans").glob("*/plan.yaml"):
        file.unlink()

    refused(ConfigurationError, lambda: small_site.house().dossiers, "no plan", "POSTMARKET_PLANS")


def test_two_plans_of_one_id(small_site: SmallSite) -> None:
    """Two plans of one id would write into each other's series: refused."""
    plans = small_site.home / "plans"
    file = plans / "infusion-pump" / "plan.yaml"
    file.write_text((plans / "bone-cement" / "plan.yaml").read_text())
    for name in ("requirements.csv", "requirements.tests.csv", "risk_file.yaml"):
        (plans / "infusion-pump" / name).write_text((plans / "bone-cement" / name).read_text())

    refused(ConfigurationError, lambda: small_site.house().dossiers, "bone-cement")


def test_lost_batches_of_the_lake(small_site: SmallSite) -> None:
    """A published batch whose file is gone stops detection: no count is made without it; restored, it goes on."""
    small_site.pull(REPORTS)
    file = next((small_site.home / "lake" / "tables" / "reports").glob("*.parquet"))
    content = file.read_bytes()
    file.unlink()

    refused(IntegrityError, lambda: detect.evaluate(small_site.house(), "bone-cement", MARCH, NOW), "backup")

    file.write_bytes(content)

    assert detect.evaluate(small_site.house(), "bone-cement", MARCH, NOW).points > 0


def test_an_unknown_batch(small_site: SmallSite) -> None:
    """A batch id that was never landed is refused with a message of ours."""
    refused(PostmarketError, lambda: _accept_unknown(small_site))


def _accept_unknown(site: SmallSite) -> None:
    from include.postmarket.steps import ingest

    ingest.accept_batch(site.house(), "0" * 32, NOW)
