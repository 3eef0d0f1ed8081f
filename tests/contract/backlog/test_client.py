"""The client against the stand-in, each request held against Atlassian's document with the strict patch."""

import json

import pytest

from include.postmarket.backlog.desk import SiteFacts
from include.postmarket.backlog.drafting import draft_issue
from include.postmarket.backlog.ports import Created, Declined, End, LinkType, RateLimited, Refused, Relation, Unknown
from include.postmarket.model.errors import ConfigurationError, UnavailableError
from tests.contract.backlog.conftest import Site
from tests.faults.backlog.stage import small_plan

pytestmark = pytest.mark.shared


def test_a_created_issue_carries_label_marker_link_and_text(strict_site: Site) -> None:
    """One create request holds all that identifies the ticket, and every look-up finds it."""
    client, requirement = strict_site.client(), strict_site.requirement()
    plan = small_plan(1, (requirement,))
    before = client.last_key("PMS")
    drafted = draft_issue(plan, SiteFacts(client))
    answer = client.create_issue(drafted.draft)

    assert isinstance(answer, Created)
    seen = client.bulk_fetch([answer.key, "PMS-999999"])
    assert [(answer.id, answer.key)] == [(issue.id, issue.key) for issue in seen]
    assert plan.dedupe_key == seen[0].marker
    assert set(plan.labels) == set(seen[0].labels)
    assert seen == client.find_by_label(f"pms-{plan.dedupe_key}")
    assert (answer.key,) == tuple(link.other_key for link in client.issue_links(requirement))
    assert answer.key == client.last_key("PMS") != before
    told = strict_site.issue(answer.key)
    assert plan.text.summary == told["fields"]["summary"]
    assert drafted.draft.revision == told["properties"]["pms.signal"]["revision"]
    assert drafted.notes == ()


def test_links_and_remote_links_done_twice_are_there_once(strict_site: Site) -> None:
    """Both writes are idempotent: that is why the client may send them again."""
    client, requirement = strict_site.client(), strict_site.requirement()
    created = client.create_issue(draft_issue(small_plan(2, ()), SiteFacts(client)).draft)
    assert isinstance(created, Created)
    relation = Relation(name="Blocks", end=End.DESTINATION)
    for _ in range(2):
        client.link(created.id, relation, requirement)
        client.remote_link(created.id, "https://pms.example.org/signals/SIG-1", "Signal SIG-1")

    links = client.issue_links(created.id)
    assert [(requirement, relation)] == [(link.other_key, link.relation) for link in links]
    remote = strict_site.running.request("GET", f"/rest/api/3/issue/{created.key}/remotelink").json()
    assert [link["globalId"] for link in remote] == ["https://pms.example.org/signals/SIG-1"]


def test_comments_are_written_and_read_back_as_text(strict_site: Site) -> None:
    """A comment comes back with its lines, the trailer on a line of its own; more than one page is read."""
    client = strict_site.client()
    created = client.create_issue(draft_issue(small_plan(3, ()), SiteFacts(client)).draft)
    assert isinstance(created, Created)
    for number in range(60):
        client.add_comment(created.id, (f"{number} observed", f"pms-event:{number}"))
    comments = client.comments(created.id)

    assert [f"{number} observed\npms-event:{number}\n" for number in range(60)] == [one.text for one in comments]


def test_what_the_site_offers_is_read_before_filing(strict_site: Site) -> None:
    """Create screen, priorities and link types are read; what is not there is declined in words."""
    client = strict_site.client()
    screen = client.create_screen("PMS", "Bug")

    assert {"summary", "description", "labels", "priority", "issuelinks"} <= screen.fields
    assert {"High", "Medium", "Low"} <= screen.priorities
    assert LinkType(name="Blocks", inward="is blocked by", outward="blocks") in client.link_types()
    assert "version" in client.server_info()
    assert client.myself()
    with pytest.raises(Declined, match="no issue type 'Complaint', only Bug, Task"):
        client.create_screen("PMS", "Complaint")
    with pytest.raises(Declined, match="HTTP 404"):
        client.create_screen("NOPE", "Bug")
    with pytest.raises(Declined, match="HTTP 404"):
        client.issue_links("REQ-99999")
    with pytest.raises(Declined, match=r"HTTP 400.*NOPE"):
        client.last_key("NOPE")


def test_a_long_search_is_walked_page_by_page(strict_site: Site) -> None:
    """More tickets than a page holds are all found."""
    client = strict_site.client()
    named = {"project": {"key": "PMS"}, "issuetype": {"name": "Bug"}, "labels": ["many"]}
    for start in (0, 50, 100):
        bulk = [{"fields": {**named, "summary": f"ticket {start + number}"}} for number in range(50)]
        strict_site.running.request("POST", "/rest/api/2/issue/bulk", json={"issueUpdates": bulk})

    assert len({issue.id for issue in client.find_by_label("many")}) == 150


def test_answers_are_classified(strict_site: Site) -> None:
    """Refused, rate-limited and unknown are told apart, with Jira's own words, and a create is never sent again."""
    client = strict_site.client()
    draft = draft_issue(small_plan(4, ()), SiteFacts(client)).draft
    create = "^POST /rest/api/3/issue$"
    running, sent = strict_site.running, strict_site.sessions[-1].sent
    running.order_fault(create, "rate_limit", reason="jira-quota-tenant-based", retry_after=1800)
    limited = client.create_issue(draft)
    running.order_fault(create, "error_before", status=503)
    failed = client.create_issue(draft)
    running.order_fault(create, "reset_before")
    reset = client.create_issue(draft)
    wrong_key = small_plan(5, ("REQ-4711",))
    refused = client.create_issue(
        type(draft)(
            **{**{name: getattr(draft, name) for name in draft.__slots__}, "links": wrong_key.requirement_issues}
        )
    )

    assert limited == RateLimited(reason="jira-quota-tenant-based", retry_after=1800.0)
    assert isinstance(failed, Unknown)
    assert "HTTP 503" in failed.message
    assert isinstance(reset, Unknown)
    assert isinstance(refused, Refused)
    assert refused.status in {400, 404}
    assert "issue" in refused.message.lower()
    assert [request.url for request in sent if request.url and request.url.endswith("/issue")] == [
        f"{running.url}/rest/api/3/issue"
    ] * 4
    assert client.find_by_label(f"pms-{draft.dedupe_key}") == ()


def test_a_closed_door_is_a_matter_of_configuration(site: Site) -> None:
    """401 says what to check, on reads as an error and on a create as a refusal."""
    client = site.client(token="wrong-token")
    with pytest.raises(ConfigurationError, match="expiry") as refused:
        client.myself()
    answer = site.client(token="wrong-token").create_issue(
        draft_issue(small_plan(6, ()), SiteFacts(site.client())).draft
    )

    assert "wrong-token" not in str(refused.value)
    assert isinstance(answer, Refused)
    assert answer.status == 401


def test_reads_are_tried_again_and_wait_as_told(site: Site) -> None:
    """A read meets two faults and goes on; one that is told to wait half an hour hands the wait up."""
    client = site.client()
    site.running.order_fault("/rest/api/3/issueLinkType", "error_before", status=503)
    site.running.order_fault("/rest/api/3/issueLinkType", "rate_limit", retry_after=7)
    started = site.clock.now()

    assert client.link_types()
    assert (site.clock.now() - started).total_seconds() == 1 + 7
    site.running.order_fault("/rest/api/3/myself", "rate_limit", retry_after=1800)
    with pytest.raises(UnavailableError) as busy:
        client.myself()
    assert busy.value.retry_after == 1800


def test_the_body_of_a_create_holds_nothing_else(strict_site: Site) -> None:
    """Top members and fields of the create are these and no more."""
    client, requirement = strict_site.client(), strict_site.requirement()
    client.create_issue(draft_issue(small_plan(7, (requirement,)), SiteFacts(client)).draft)
    body = json.loads(strict_site.sessions[-1].sent[-1].body or "{}")

    assert set(body) == {"fields", "properties", "update"}
    assert set(body["fields"]) == {"project", "issuetype", "summary", "description", "labels", "priority"}
    assert body["update"] == {
        "issuelinks": [{"add": {"type": {"name": "Relates"}, "outwardIssue": {"key": requirement}}}]
    }
