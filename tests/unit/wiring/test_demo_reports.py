"""Which reports the demo runs on: the user's, openFDA's, or the sample; once chosen they stay."""

import http.server
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from include.postmarket.model.batch import Label, Source
from include.postmarket.model.errors import ConfigurationError, PostmarketError
from include.postmarket.model.period import Period
from include.sample.reconstruct_reports import write_reports
from include.wiring.local import demo, demo_reports
from include.wiring.local.demo_reports import choose, months_between, runs_of
from include.wiring.local.place import Place
from tests.conftest import ROOT

HEADING = "mdr_report_key,date_received,event_type,manufacturer_d_name\n"
Serve = Callable[[int, bytes, float], list[str]]


def month(text: str) -> Period:
    """Give a month by 2017-10."""
    return Period.from_key(f"{text}-01")


def answer(*days: str) -> bytes:
    """Give an openFDA answer with one report for each day."""
    results = [
        {"mdr_report_key": str(n), "date_received": day, "event_type": "Malfunction", "device": []}
        for n, day in enumerate(days)
    ]
    return json.dumps({"meta": {"results": {"total": len(results)}}, "results": results}).encode()


@pytest.fixture(name="sample", scope="module")
def fixture_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the reconstructed sample."""
    return write_reports(tmp_path_factory.mktemp("sample"), demo.RECONSTRUCTION_SEED)


@pytest.fixture(name="serve")
def fixture_serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Give a way to stand in for openFDA with a status, a body and a delay; gives the list of paths asked for."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def serve(status: int, body: bytes, delay: float = 0.0) -> list[str]:
        asked: list[str] = []

        class OpenFda(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                time.sleep(delay)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                """Say nothing."""

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), OpenFda)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        monkeypatch.setattr(demo_reports, "OPENFDA", f"http://127.0.0.1:{server.server_port}/device/event.json")
        return asked

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def place(home: Path) -> Place:
    """Give a local run's place that starts nothing."""
    home.mkdir(exist_ok=True)
    return Place(home=home, root=ROOT, airflow_port=1, jira_port=2)


class TestAsked:
    """``POSTMARKET_DEMO_REPORTS`` names a file or a folder."""

    def test_file(self, tmp_path: Path, sample: Path) -> None:
        """The file's own months count; they are called real, because the user says so."""
        file = tmp_path / "mine.csv"
        file.write_text(HEADING + "1,20240105,M,A\n2,20240310,M,A\n")

        found = choose({"POSTMARKET_DEMO_REPORTS": str(file)}, tmp_path, sample)

        assert (found.path, found.label) == (file, Label.REAL)
        assert found.months == (month("2024-01"), month("2024-03"))
        assert (found.first_day, found.history) == (date(2024, 1, 5), month("2024-01"))

    def test_folder(self, tmp_path: Path, sample: Path) -> None:
        """All files of a folder are one set of reports; the last four months that hold any are walked."""
        folder = tmp_path / "mine"
        folder.mkdir()
        for n in range(1, 7):
            (folder / f"{n}.csv").write_text(HEADING + f"{n},20240{n}15,M,A\n")

        found = choose({"POSTMARKET_DEMO_REPORTS": str(folder)}, tmp_path, sample)

        assert [str(m) for m in found.months] == ["2024-03", "2024-04", "2024-05", "2024-06"]
        assert found.history == month("2024-01")

    def test_missing_path(self, tmp_path: Path, sample: Path) -> None:
        """The message repeats what was set."""
        with pytest.raises(ConfigurationError) as caught:
            choose({"POSTMARKET_DEMO_REPORTS": "/no/such/file.csv"}, tmp_path, sample)

        assert caught.value.where == "POSTMARKET_DEMO_REPORTS=/no/such/file.csv"

    def test_reports_without_a_date(self, tmp_path: Path, sample: Path) -> None:
        """Nothing can be walked through: said at once, and not after the servers are up."""
        file = tmp_path / "mine.csv"
        file.write_text(HEADING + "1,,M,A\n")

        with pytest.raises(ConfigurationError, match="no report has a readable date_received"):
            choose({"POSTMARKET_DEMO_REPORTS": str(file)}, tmp_path, sample)

    def test_no_reports_at_all(self, tmp_path: Path, sample: Path) -> None:
        """A file of something else is one message of ours."""
        file = tmp_path / "mine.csv"
        file.write_text("one,two\n1,2\n")

        with pytest.raises(PostmarketError):
            choose({"POSTMARKET_DEMO_REPORTS": str(file)}, tmp_path, sample)


class TestOpenFda:
    """Without reports of the user's own, openFDA is asked once."""

    def test_answer_is_kept(self, tmp_path: Path, sample: Path, serve: Serve) -> None:
        """One request with our search; the next run uses the same bytes and asks nobody."""
        body = answer("20170105", "20171231")
        asked = serve(200, body, 0.0)
        first = choose({}, tmp_path, sample)
        second = choose({}, tmp_path, sample)

        assert first == second
        assert (first.label, first.path.read_bytes()) == (Label.REAL, body)
        assert len(asked) == 1
        assert "LOD" in asked[0]

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (404, b'{"error": {"code": "NOT_FOUND"}}'),
            (429, b"slow down"),
            (500, b"oops"),
            (200, b"<html>a portal wants you to log in</html>"),
            (200, b""),
            (200, b'{"results": [{"mdr_report_key": "1"'),
            (200, b'{"meta": {}, "results": []}'),
            (200, b'{"error": {"code": "NOT_FOUND"}}'),
            (200, answer("")),
        ],
        ids=["404", "429", "500", "portal", "empty", "cut", "no results", "not found", "no dates"],
    )
    def test_anything_but_reports_means_the_sample(
        self, tmp_path: Path, sample: Path, serve: Serve, status: int, body: bytes
    ) -> None:
        """The demo goes on with the sample and says so, also the next time; garbage is not kept."""
        serve(status, body, 0.0)
        found = choose({}, tmp_path, sample)

        assert (found.label, found.path) == (Label.RECONSTRUCTED, sample)
        assert "did not answer" in found.told
        assert not (tmp_path / "openfda.json").exists()

    def test_silence_means_the_sample(
        self, tmp_path: Path, sample: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A server that takes too long is not waited for."""
        monkeypatch.setattr(demo_reports, "_PATIENCE", 0.2)
        serve(200, answer("20170105"), 5.0)

        assert choose({}, tmp_path, sample).label is Label.RECONSTRUCTED

    def test_nobody_there_means_the_sample(self, tmp_path: Path, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """No network at all."""
        monkeypatch.setattr(demo_reports, "OPENFDA", "http://127.0.0.1:9/")

        assert choose({}, tmp_path, sample).label is Label.RECONSTRUCTED


class TestKeptChoice:
    """A home runs on one set of reports."""

    def test_second_run_keeps_the_sample_when_openfda_is_back(self, tmp_path: Path, serve: Serve) -> None:
        """What the first run took is taken again, whatever openFDA does then."""
        serve(500, b"", 0.0)
        first = demo.prepare_data(place(tmp_path), {})
        asked = serve(200, answer("20170105"), 0.0)
        second = demo.prepare_data(place(tmp_path), {})

        assert first == second
        assert first.label is Label.RECONSTRUCTED
        assert asked == []

    def test_second_run_without_the_setting_keeps_the_users_reports(self, tmp_path: Path) -> None:
        """`make up` after `make demo`, in a shell that has forgotten the variable."""
        file = tmp_path / "mine.csv"
        file.write_text(HEADING + "1,20240105,M,A\n")
        first = demo.prepare_data(place(tmp_path / "home"), {"POSTMARKET_DEMO_REPORTS": str(file)})

        assert demo.prepare_data(place(tmp_path / "home"), {}) == first

    def test_other_reports_are_refused(self, tmp_path: Path) -> None:
        """Two sets in one home would be mixed: the message says what to do to keep both."""
        for name in ("one.csv", "two.csv"):
            (tmp_path / name).write_text(HEADING + "1,20240105,M,A\n")
        demo.prepare_data(place(tmp_path / "home"), {"POSTMARKET_DEMO_REPORTS": str(tmp_path / "one.csv")})

        with pytest.raises(ConfigurationError) as caught:
            demo.prepare_data(place(tmp_path / "home"), {"POSTMARKET_DEMO_REPORTS": str(tmp_path / "two.csv")})

        assert "one.csv" in caught.value.what
        assert "POSTMARKET_HOME" in caught.value.todo

    def test_reports_that_have_gone(self, tmp_path: Path) -> None:
        """The file of the first run was deleted: a message of ours, which names it."""
        file = tmp_path / "mine.csv"
        file.write_text(HEADING + "1,20240105,M,A\n")
        demo.prepare_data(place(tmp_path / "home"), {"POSTMARKET_DEMO_REPORTS": str(file)})
        file.unlink()

        with pytest.raises(PostmarketError, match=r"mine\.csv"):
            demo.prepare_data(place(tmp_path / "home"), {})

    def test_a_home_that_was_moved(self, tmp_path: Path, serve: Serve) -> None:
        """The sample lies in the home itself: renamed, the home goes on with it."""
        serve(500, b"", 0.0)
        demo.prepare_data(place(tmp_path / "old"), {})
        shutil.move(tmp_path / "old", tmp_path / "new")

        found = demo.prepare_data(place(tmp_path / "new"), {})

        assert found.path == tmp_path / "new" / "demo" / "reconstructed" / found.path.name


class TestPulls:
    """What is pulled for each month."""

    def reports(self, *months: str, history: str = "2017-01") -> demo_reports.DemoReports:
        """Give reports of these months."""
        return demo_reports.DemoReports(
            path=Path("x"),
            label=Label.REAL,
            told="",
            first_day=month(history).start,
            months=tuple(month(m) for m in months),
        )

    def test_neighbours_bring_history_once(self) -> None:
        """The first month pulls all reports there are and 20 months of own data; the next pull themselves."""
        first, *others = demo.pulls(self.reports("2017-09", "2017-10", "2017-11", "2017-12"))

        assert first.pull_from == {
            Source.REPORTS: "2017-01-01",
            Source.COMPLAINTS: "2016-01-01",
            Source.EXPOSURE: "2016-01-01",
            Source.PERFORMANCE: "2016-01-01",
        }
        assert [p.pull_from for p in others] == [{}, {}, {}]

    def test_a_gap_brings_own_history_again(self) -> None:
        """After years without reports own data are pulled from 20 months before; reports only for their month."""
        *_, last = demo.pulls(self.reports("2017-11", "2017-12", "2025-12"))

        assert last.month == month("2025-12")
        assert last.pull_from == dict.fromkeys((Source.COMPLAINTS, Source.EXPOSURE, Source.PERFORMANCE), "2024-04-01")

    def test_a_single_month(self) -> None:
        """One month brings everything."""
        [only] = demo.pulls(self.reports("2025-12", history="2025-12"))

        assert only.pull_from[Source.REPORTS] == "2025-12-01"
        assert only.pull_from[Source.EXPOSURE] == "2024-04-01"

    def test_runs_of_neighbours(self) -> None:
        """Months are one run while the next follows the one before, over the turn of a year as well."""
        months = tuple(month(m) for m in ("2016-12", "2017-01", "2017-03"))

        assert runs_of(months) == (months[:2], months[2:])
        assert runs_of(()) == ()
        assert months_between(months[0], months[-1]) == 4

    def test_own_data_cover_every_pull(self, tmp_path: Path) -> None:
        """Simulated complaints exist in every month that is pulled, before and after a gap of years."""
        file = tmp_path / "mine.csv"
        file.write_text(HEADING + "1,20211205,M,A\n2,20231215,M,A\n")
        home = place(tmp_path / "home")
        found = demo.prepare_data(home, {"POSTMARKET_DEMO_REPORTS": str(file)})
        text = (home.demo / "simulated" / "complaints.csv").read_text()
        for pull in demo.pulls(found):
            begin = pull.pull_from[Source.COMPLAINTS]

            assert f",{begin[:7]}" in text
            assert f",{pull.month.key[:7]}" in text
