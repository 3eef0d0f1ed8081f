"""The DAGs run from end to end with written fakes for the steps: keys, parameters, events, retries and notices."""

import json
import re
from typing import Any

import pytest

pytestmark = [pytest.mark.airflow, pytest.mark.slow]

KEY = "2017-10-01"
CANARY = "Wilhelmina Canary"
ID = re.compile(r"[0-9a-f]{32}|RUN-[0-9a-f]{16}|SIG-\d{8}|POW-\d{8}|RU-1|pm-1|CAPA-7|bone-cement|infusion-pump")
SOURCES = ("reports", "complaints", "exposure", "performance")


def flat(value: Any) -> list[Any]:
    """Give the values in nested lists."""
    return [found for part in value for found in flat(part)] if isinstance(value, list) else [value]


@pytest.mark.parametrize("source", SOURCES)
def test_ingest_pulls_the_month_of_its_key(runs: dict[str, Any], source: str) -> None:
    """The partition key alone says which days are pulled; what was landed is what is accepted."""
    played = runs["chain"][f"ingest_{source}"]
    batch = played["xcoms"]["land"][0]

    assert played["state"] == "success"
    assert [["land", source, "2017-10-01", "2017-11-01"], ["accept", batch]] == played["calls"]


def test_detect_evaluates_each_plan_for_the_month_then_reconciles(runs: dict[str, Any]) -> None:
    """One mapped task a plan, all for the key's month; reconciling comes after all of them."""
    played = runs["chain"]["detect"]
    expected = [
        ["evaluate", "bone-cement", KEY],
        ["evaluate", "infusion-pump", KEY],
        ["reconcile", "RUN-1111111111111111"],
        ["reconcile", "RUN-2222222222222222"],
        ["power", "RUN-1111111111111111"],
        ["power", "RUN-2222222222222222"],
    ]

    assert played["state"] == "success"
    plans, rest = played["calls"][:2], played["calls"][2:]
    assert expected == [*sorted(plans), *sorted(rest, key=lambda call: call[0] == "power")]  # each in any order


def test_act_drafts_before_it_plans_and_files(runs: dict[str, Any]) -> None:
    """Tickets name the risk update, so it is drafted first; the ledger is written under the site's name."""
    played = runs["chain"]["act"]

    assert played["state"] == "success"
    assert [["draft"], ["plan", "jira"], ["file"]] == played["calls"]


def test_events_carry_the_key_and_ids(runs: dict[str, Any]) -> None:
    """Every asset event of the loop has the partition's key; its extra holds the batch or the runs."""
    chain = runs["chain"]
    expected = [
        {
            "asset": f"accepted_{source}",
            "dag": f"ingest_{source}",
            "key": KEY,
            "extra": {"batch": chain[f"ingest_{source}"]["xcoms"]["land"][0]},
        }
        for source in SOURCES
    ]
    last = chain[f"ingest_{SOURCES[-1]}"]["xcoms"]["land"][0]
    expected.append({"asset": "period_ready", "dag": f"ingest_{SOURCES[-1]}", "key": KEY, "extra": {"batch": last}})
    runs_of_both = {"runs": "RUN-1111111111111111,RUN-2222222222222222"}
    expected.append({"asset": "signals", "dag": "detect", "key": KEY, "extra": runs_of_both})

    assert expected == runs["events"][:6]


def test_a_failed_accept_emits_nothing(runs: dict[str, Any]) -> None:
    """Events come of runs that succeeded only: detect never starts on what was not accepted."""
    emitted = len(runs["events"])
    ingests = [played for name, played in runs["failures"].items() if name != "long waits"]
    succeeded = sum(played["state"] == "success" for played in ingests)

    assert 6 + 2 * succeeded == emitted  # accepted and ready


def test_the_last_source_starts_detect_and_detect_starts_act(runs: dict[str, Any]) -> None:
    """Airflow's own scheduler starts detect once, after the fourth source of the month, and act once, after detect."""
    chain = runs["chain"]
    before = [chain[f"scheduled before {source}"] for source in SOURCES]

    assert [[], [], [], []] == before
    assert [["detect", KEY]] == chain["scheduled after all sources"]
    assert [["act", KEY], ["detect", KEY]] == sorted(chain["scheduled after detect"])


@pytest.mark.parametrize("case", ["another source is late", "another source came last"])
def test_a_month_is_announced_by_the_last_source_only(runs: dict[str, Any], case: str) -> None:
    """The ingest itself goes well, its rows are accepted, and nothing fails; only the announcement is left out."""
    late = runs["parameters"][case]

    assert (late["state"], sorted(late["xcoms"]), late["told"]) == ("success", ["accept", "land"], [])


def test_xcoms_hold_ids_only(runs: dict[str, Any]) -> None:
    """What tasks hand on are ids, whatever the steps gave them: nothing of a record enters Airflow's database."""
    handed = [
        v for played in runs["chain"].values() if isinstance(played, dict) for v in flat(list(played["xcoms"].values()))
    ]

    assert len(handed) > 10
    assert [value for value in handed if not ID.fullmatch(value)] == []
    assert CANARY not in json.dumps({name: part for name, part in runs.items() if name != "printed"})


@pytest.mark.parametrize("kind", ["ConfigurationError", "InputError", "IntegrityError"])
def test_what_retrying_cannot_mend_is_tried_once(runs: dict[str, Any], kind: str) -> None:
    """The task fails at its first try, and the notice quotes our own message: it holds no data."""
    played = runs["failures"][kind]
    (told,) = played["told"]

    assert ("failed", 1) == (played["state"], len(played["calls"]))
    assert ("ingest_reports.land", "airflow", 1) == (told["subject"], told["actor"], told["try"])
    assert told["error"].endswith("wrong [here] -> mend it")


def test_a_system_that_comes_back_is_tried_again(runs: dict[str, Any]) -> None:
    """Two refusals and an answer end well, and nobody is told."""
    played = runs["failures"]["UnavailableError, then up"]

    assert ("success", []) == (played["state"], played["told"])
    assert ["land", "land", "land", "accept"] == [call[0] for call in played["calls"]]


def test_long_waits_hold_no_worker_and_use_up_no_retry(runs: dict[str, Any]) -> None:
    """Five waits that Jira asks for, one after the other: more than there are retries, and it still ends well."""
    played = runs["failures"]["long waits"]

    assert ("success", []) == (played["state"], played["told"])
    assert ["draft", "plan", *["file"] * 6] == [call[0] for call in played["calls"]]


def test_a_system_that_stays_down_is_told_once(runs: dict[str, Any]) -> None:
    """After the first try and three more the task has failed for good; only then the notice goes out."""
    played = runs["failures"]["UnavailableError for good"]

    assert ("failed", 4) == (played["state"], len(played["calls"]))
    assert [("land", 4)] == [(told["task"], told["try"]) for told in played["told"]]


def test_of_a_strange_error_only_the_kind_is_told(runs: dict[str, Any]) -> None:
    """The message of an error that is not ours may quote a record: it is not put on record (G4)."""
    played = runs["failures"]["ValueError for good"]

    assert ["ValueError"] == [told["error"] for told in played["told"]]


def test_history_is_pulled_to_the_end_of_the_month(runs: dict[str, Any]) -> None:
    """With ``from`` a run pulls everything from that day to the end of its key's month."""
    played = runs["parameters"]["history"]

    assert ["land", "reports", "2017-01-01", "2017-11-01"] == played["calls"][0]


def test_from_after_the_period_is_refused(runs: dict[str, Any]) -> None:
    """A first day inside or after the month would leave a hole: the run fails with a message, nothing is pulled."""
    played = runs["parameters"]["from after the period"]

    assert ("failed", []) == (played["state"], played["calls"])
    assert "'2017-10-02' is no day up to 2017-10-01, the first of the period" in played["told"][0]["error"]


@pytest.mark.parametrize("dag", ["ingest_reports", "detect"])
@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("no key", "this run has no partition key, so nobody knows which month it is for"),
        ("no first day", "'2017-10-02' is not the first day of a month"),
        ("no date", "'October' is not the first day of a month"),
    ],
)
def test_a_run_without_a_month_fails_with_a_clear_message(
    runs: dict[str, Any], dag: str, key: str, message: str
) -> None:
    """A run triggered by hand without a key, or with one that is no month, does nothing and says what to do."""
    played = runs["parameters"][key][dag]

    assert ("failed", []) == (played["state"], played["calls"])
    assert played["told"] != []
    for told in played["told"]:
        assert message in told["error"]
        assert "YYYY-MM-DD" in told["error"] or "2017-10-01" in told["error"]
