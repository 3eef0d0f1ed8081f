"""The commands as a user runs them: a whole month, what they print, and how they refuse."""

import json
import re
from datetime import date

import psycopg
import pytest

from include.postmarket.model.batch import NEEDED, Source
from tests.faults.loop.small_site import SmallSite, complaint, surge
from tests.postgres import RecordsDatabase
from tests.unit.cli.conftest import Run, call_command, refused, run_command

pytestmark = pytest.mark.postgres

KEYS = ["version", "sources", "series", "powers", "signals", "risk_updates", "tickets"]


def test_help_tells_the_order_of_the_steps() -> None:
    """The front page names every command and the settings."""
    said = run_command({}, "--help")

    assert said.returncode == 0
    for word in ("status", "ingest", "detect", "act", "file", "plan", "tickets", "audit", "checks", "migrate"):
        assert word in said.stdout
    assert "POSTMARKET_DATABASE_URL" in said.stdout


@pytest.mark.parametrize(
    "words", [["ingest"], ["detect"], ["backtest"], ["plan", "check"], ["tickets", "release"], ["checks", "report"]]
)
def test_every_command_has_help(words: list[str]) -> None:
    """And says what it does in a sentence."""
    said = call_command({}, *words, "--help")

    assert said.returncode == 0
    assert "Usage" in said.stdout
    assert re.search(r"[A-Z][a-z]+ .*\.", said.stdout)


@pytest.mark.parametrize(
    "words", [["status"], ["act"], ["file"], ["audit", "verify"], ["detect", "--month", "2017-03-01"]], ids=" ".join
)
def test_without_settings_a_command_says_what_to_set(tmp_path: object, words: list[str]) -> None:
    """Not configured: one message that names the variable."""
    said = refused(call_command({"POSTMARKET_HOME": str(tmp_path)}, *words))

    assert "POSTMARKET_DATABASE_URL" in said
    assert "to do:" in said


@pytest.mark.parametrize("connection", ["", "not JSON", "[]", '"text"', "null"])
def test_a_jira_connection_that_is_none_is_refused(run: Run, connection: str) -> None:
    """The message names the variable and shows what it should hold."""
    said = refused(run("act", AIRFLOW_CONN_JIRA_DEFAULT=connection))

    assert "AIRFLOW_CONN_JIRA_DEFAULT" in said
    assert '"conn_type": "jira"' in said


def test_status_of_a_new_site(run: Run) -> None:
    """Nothing has happened yet: every key is there, all lists but the sources' are empty, and the summary says zero."""
    state = json.loads(run("status", "--json").stdout)
    said = run("status")

    assert list(state) == KEYS
    assert (state["version"], [s["source"] for s in state["sources"]]) == (1, [s.value for s in NEEDED])
    assert [state[key] for key in KEYS[2:]] == [[], [], [], [], []]
    assert (said.returncode, said.stderr) == (0, "")
    assert "0 signals found" in said.stdout
    assert "nothing" in said.stdout


@pytest.mark.slow
def test_a_month_from_pull_to_ticket(run: Run, small_site: SmallSite) -> None:
    """Ingest, detect, act, file: each says what it did; Jira is down: one message; run again nothing is new."""
    small_site.write(Source.REPORTS, surge())
    month = ["--month", "2017-08-01"]
    pulled = run("ingest", "reports", *month, "--from", "2017-01-01")
    found = run("detect", *month, "--plan", "bone-cement")
    drafted = run("act")
    listed = run("tickets", "list")
    filed = run("file")
    state = json.loads(run("status", "--json").stdout)

    assert "75 pulled = 75 accepted + 0 quarantined + 0 already known" in pulled.stdout
    assert f"checks report {state['sources'][0]['batches'][0]}" in pulled.stdout
    assert re.search(
        r"bone-cement 2017-08: \d+ of \d+ points evaluated, [1-9]\d* alarms, [1-9]\d* new signals SIG-", found.stdout
    )
    assert re.search(r"[1-9]\d* new risk updates wait for a person, [1-9]\d* new tickets are planned", drafted.stdout)
    assert "planned" in listed.stdout
    assert "0 tickets filed" in listed.stdout
    assert (filed.returncode, "Jira" in filed.stderr, "Traceback" in filed.stderr) == (1, True, False)
    assert "a-token" not in filed.stderr
    assert len(state["tickets"]) == len(state["signals"]) > 0
    assert {t["state"] for t in state["tickets"]} == {"planned"}
    assert {p["plan"] for p in state["series"]} == {"bone-cement"}
    assert "0 new signals" in run("detect", *month, "--plan", "bone-cement").stdout
    assert "0 new risk updates wait for a person, 0 new tickets are planned" in run("act").stdout
    assert "75 pulled = 75 accepted" in run("ingest", "reports", *month, "--from", "2017-01-01").stdout
    assert json.loads(run("status", "--json").stdout) == state
    assert "0 tickets released" in run("tickets", "release").stdout
    assert run("audit", "verify").returncode == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["ingest", "reports", "--month", "2017-13-01"], "2017-13-01"),
        (["ingest", "reports", "--month", "March"], "March"),
        (["ingest", "reports", "--month", "2017-03-01", "--from", "yesterday"], "yesterday"),
        (["ingest", "reports", "--month", "2017-03-01", "--from", "2017-05-01"], "2017-05-01"),
        (["ingest", "reports", "--month", "2999-01-01"], "2999-01-01"),
        (["detect", "--month", "soon"], "soon"),
        (["detect", "--month", "2017-03-01", "--plan", "pumps"], "bone-cement, infusion-pump"),
        (["checks", "report", "nothing"], "nothing"),
    ],
    ids=str,
)
def test_wrong_words_are_one_message(run: Run, words: list[str], told: str) -> None:
    """A month, day, plan or batch that makes no sense is named; there is no traceback."""
    assert told in refused(run(*words))


def test_a_process_of_its_own_ends_as_the_command_does(small_site: SmallSite) -> None:
    """From a shell: a good pull ends with 0 and numbers, a missing file with 1 and a message, and never a traceback."""
    words = ["ingest", "reports", "--month", "2017-03-01"]
    good = run_command(small_site.environment(), *words)
    small_site.file(Source.REPORTS).unlink()

    assert (good.returncode, "20 pulled = 20 accepted" in good.stdout) == (0, True)
    assert "reports.csv" in refused(run_command(small_site.environment(), *words))


@pytest.mark.parametrize("kind", ["missing", "columns", "records down"])
def test_bad_input_is_one_message_and_the_next_run_goes_through(run: Run, small_site: SmallSite, kind: str) -> None:
    """Exit code 1 with what, where and what to do; mended, the same command ends well."""
    file = small_site.file(Source.REPORTS)
    good, words = file.read_bytes(), ["ingest", "reports", "--month", "2017-03-01"]
    changed, told = {}, "reports.csv"
    if kind == "missing":
        file.unlink()
    elif kind == "columns":
        file.write_text("one,two\n1,2\n")
    else:
        told = "127.0.0.1:9"
        changed = {"POSTMARKET_DATABASE_URL": "postgresql+psycopg://app:a-secret@127.0.0.1:9/records"}
    said = refused(run(*words, **changed))

    assert told in said
    assert "a-secret" not in said
    assert "where:" in said
    assert "to do:" in said
    file.write_bytes(good)
    done = run(*words)

    assert (done.returncode, "20 pulled = 20 accepted" in done.stdout) == (0, True)


class TestPlanCheck:
    """A plan is checked with all it points at; no records are needed."""

    def test_good(self, small_site: SmallSite) -> None:
        """The example plans are in order, exit code 0."""
        for plan in ("bone-cement", "infusion-pump"):
            done = call_command({}, "plan", "check", str(small_site.home / "plans" / plan / "plan.yaml"))

            assert (done.returncode, done.stderr) == (0, "")
            assert "in order" in done.stdout or "none stops it" in done.stdout

    def test_unknown_key(self, small_site: SmallSite) -> None:
        """File, line and the nearest valid key."""
        file = small_site.home / "plans" / "bone-cement" / "plan.yaml"
        text = file.read_text()
        line = text[: text.index("quarantine_limit")].count("\n") + 1
        file.write_text(text.replace("quarantine_limit", "quarantene_limit"))
        said = refused(call_command({}, "plan", "check", str(file)))

        assert f"{file}:{line}:" in said
        assert "quarantine_limit" in said

    def test_every_fault_is_told(self, small_site: SmallSite) -> None:
        """Two faults are two messages and a count."""
        file = small_site.home / "plans" / "bone-cement" / "plan.yaml"
        text = file.read_text().replace("BC-REQ-001, BC-REQ-004", "BC-REQ-001, BC-REQ-404")
        file.write_text(text.replace("BC-R03, BC-R04", "BC-R03, BC-R99"))
        said = refused(call_command({}, "plan", "check", str(file)))

        assert "BC-REQ-404" in said
        assert "BC-R99" in said
        assert f"faults in {file}" in said

    def test_missing(self, small_site: SmallSite) -> None:
        """A file that is not there is named."""
        said = refused(call_command({}, "plan", "check", str(small_site.home / "none.yaml")))

        assert "none.yaml" in said

    def test_missing_register(self, small_site: SmallSite) -> None:
        """A register that the plan names and nobody wrote is named."""
        (small_site.home / "plans" / "bone-cement" / "requirements.csv").unlink()
        said = refused(call_command({}, "plan", "check", str(small_site.home / "plans/bone-cement/plan.yaml")))

        assert "requirements.csv" in said


def test_checks_report_is_readable_and_escaped(run: Run, small_site: SmallSite) -> None:
    """The report is HTML of its own, without network or script; what a file name brings in is escaped."""
    file = small_site.home / "<script>alert(1)</script>.csv".replace("/", "_")
    file.write_text(small_site.file(Source.COMPLAINTS).read_text() + complaint(99, date(2017, 3, 5), "A9999") + "\n")
    sources = small_site.home / "sources.yaml"
    sources.write_text(sources.read_text().replace("complaints.csv", file.name))
    run("ingest", "complaints", "--month", "2017-03-01")
    [batch] = json.loads(run("status", "--json").stdout)["sources"][1]["batches"]
    report = small_site.home / "report.html"
    done = run("checks", "report", batch, "--to", str(report))
    html = report.read_text()

    assert (done.returncode, done.stderr) == (0, "")
    assert html.lstrip().lower().startswith("<!doctype html")
    assert "problem_code_valid" in html.replace(" ", "_")
    assert "<script" not in html
    assert "http" not in html.replace("http-equiv", "")
    assert "A text." not in html


def test_a_report_that_cannot_be_written_is_one_message(run: Run, small_site: SmallSite) -> None:
    """A folder that is not there is named."""
    run("ingest", "reports", "--month", "2017-03-01")
    [batch] = json.loads(run("status", "--json").stdout)["sources"][0]["batches"]

    assert "nowhere" in refused(
        run("checks", "report", batch, "--to", str(small_site.home / "nowhere" / "report.html"))
    )


@pytest.mark.requirement("G6")
def test_audit_verify_names_the_record_that_was_changed(
    run: Run, small_site: SmallSite, records: RecordsDatabase
) -> None:
    """Untouched it holds, exit code 0; after a superuser's change exit code 1 and the record's number."""
    small_site.pull(Source.REPORTS)
    small_site.pull(Source.COMPLAINTS)
    before = run("audit", "verify")
    with records.superuser() as connection:
        changed = tamper(connection)
    after = run("audit", "verify")

    assert (before.returncode, "holds" in before.stdout) == (0, True)
    assert after.returncode == 1
    assert "BROKEN" in after.stdout
    assert str(changed) in after.stdout


def tamper(connection: psycopg.Connection) -> int:
    """Change the actor of a record in the middle of the chain, past every trigger; gives its number."""
    connection.execute("SET session_replication_role = replica")
    row = connection.execute("SELECT max(seq) / 2 + 1 FROM audit").fetchone()
    assert row is not None

    connection.execute("UPDATE audit SET actor = 'nobody' WHERE seq = %s", [row[0]])
    return int(row[0])
