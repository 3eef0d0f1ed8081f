"""Commits and pull requests: trailers, ids in messages, both hosts, no authors."""

import json

from include.postmarket.model.register import ItemKind, Link
from tests.unit.requirements.conftest import Import, Refused, notes

LOG = """\
commit 1f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c (HEAD -> main)
Author: Ann Example <ann@example.org>
Date:   2026-11-20T10:00:00+01:00

    Stop the motor (R-1)

    As R-2. asks; not R-25.

    Requirement: R-3, R-4

commit 2f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c
Author: Ann Example <ann@example.org>
Date:   2026-11-21T10:00:00+01:00

    Tidy up
"""


def test_a_git_log(imported: Import) -> None:
    """Ids of the register anywhere in a message count, trailers also when the id is unknown."""
    found = imported("git.log", LOG, known=("R-1", "R-2"))

    (commit,) = found.register.items
    assert (commit.kind, commit.title, commit.at) == (
        ItemKind.COMMIT,
        "Stop the motor (R-1)",
        "2026-11-20T10:00:00+01:00",
    )
    assert commit.links == tuple(Link(role="implements", target=name) for name in ("R-1", "R-2", "R-3", "R-4"))
    assert "Ann" not in str(found)
    assert notes(found) == ["1 of 2 commits name no requirement and are not taken"]


def test_pull_requests_of_two_hosts(imported: Import) -> None:
    """GitHub and GitLab spell numbers, bodies and times differently."""
    requests = [
        {"number": 7, "title": "Stop R-1", "body": None, "html_url": "https://x/7", "merged_at": "2026-11-20",
         "state": "closed"},
        {"iid": 8, "title": "Sing", "description": "For R-2", "web_url": "https://x/8", "merged_at": None,
         "state": "opened"},
    ]  # fmt: skip

    found = imported("pulls.json", json.dumps(requests), known=("R-1", "R-2"))

    assert [(item.id, item.at, item.status) for item in found.register.items] == [
        ("#7", "2026-11-20", "closed"), ("#8", "", "opened")
    ]  # fmt: skip
    assert [item.links[0].target for item in found.register.items] == ["R-1", "R-2"]


def test_another_text_is_no_log(refused: Refused) -> None:
    """What is not the output of git log is refused."""
    assert refused("git.log", "hello\n") == [(1, "is no output of `git log --date=iso-strict`")]
