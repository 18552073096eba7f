"""Pull requests: the one that is open, found, made, or brought up to date."""

import pytest
from catalog_factories import git, submitted
from github_api import Pull
from github_server import GitHubServer, Seen
from github_steps import BRANCH, REVIEW, UPSTREAM, OnGitHub, forked, propose

from earthcode_platform.catalog.github.reviews import BODY_LIMIT, TITLE_LIMIT
from earthcode_platform.catalog.publish import publish
from earthcode_platform.errors import CatalogMovedError, InputError
from earthcode_platform.models.product import Novelty
from earthcode_platform.models.review import Review


def test_a_request_that_somebody_else_makes_meanwhile_is_brought_up_to_date(
    hub: GitHubServer, on_github: OnGitHub
) -> None:
    propose(on_github())

    def overtake(seen: object) -> None:
        if getattr(seen, "method", "") == "POST":
            hub.before = lambda _: None
            hub.api.pulls.append(Pull(1, UPSTREAM, "main", "ada/catalog", BRANCH, "Faster", ""))

    hub.before = overtake
    assert on_github().request_review(BRANCH, REVIEW) == f"{hub.url}/{UPSTREAM}/pull/1"
    assert [(pull.title, pull.body) for pull in hub.api.pulls] == [(REVIEW.title, REVIEW.body)]


def test_a_closed_request_stays_closed(hub: GitHubServer, on_github: OnGitHub) -> None:
    propose(on_github())
    on_github().request_review(BRANCH, REVIEW)
    hub.api.pulls[0].state = "closed"
    assert on_github().open_review("publish/") is None
    assert on_github().request_review(BRANCH, REVIEW).endswith("/pull/2")
    assert [pull.state for pull in hub.api.pulls] == ["closed", "open"]


def test_a_branch_that_brings_nothing_is_told(hub: GitHubServer, on_github: OnGitHub) -> None:
    repository = on_github()
    repository.push(repository.read().commit, {BRANCH: None})
    with pytest.raises(CatalogMovedError, match=r"merged in between: .*No commits between main and ada:publish/sst-1"):
        repository.request_review(BRANCH, REVIEW)
    assert len(hub.asked("POST")) == 2


def test_a_branch_that_github_has_not_noticed_yet_is_tried_again(
    hub: GitHubServer, on_github: OnGitHub, waits: list[float]
) -> None:
    propose(on_github())
    hub.fail(422, "Validation Failed", method="POST", path="/pulls", times=2)
    assert on_github().request_review(BRANCH, REVIEW).endswith("/pull/1")
    assert waits == [0.5, 1]
    hub.api.pulls.clear()
    hub.fail(422, "Validation Failed", method="POST", path="/pulls", times=9)
    with pytest.raises(InputError, match="takes no pull request for the branch"):
        on_github().request_review(BRANCH, REVIEW)
    assert len(waits) == 6


def test_only_our_own_open_request_is_found(hub: GitHubServer, on_github: OnGitHub) -> None:
    for login in ("ada", "bob"):
        forked(hub, f"{login}/catalog")
    ours = Pull(1, UPSTREAM, "main", "ada/catalog", "publish/sst-0", "", "")
    others = [Pull(n, UPSTREAM, "main", "bob/catalog", f"publish/sst-{n}", "", "") for n in range(2, 150)]
    elsewhere = [Pull(150, UPSTREAM, "draft", "ada/catalog", "publish/sst-150", "", "")]
    hub.api.pulls = [ours, *others, *elsewhere]
    assert on_github().open_review("publish/sst-") == "publish/sst-0"
    assert on_github().open_review("publish/sst-1") is None
    # The shortest name, and of those the newest: `sst-anomaly-1` would be of another experiment.
    assert on_github("bob").open_review("publish/sst-") == "publish/sst-9"


def test_what_a_steward_wrote_into_the_text_stays_until_there_is_another_commit(
    hub: GitHubServer, on_github: OnGitHub
) -> None:
    publish(on_github(), *submitted())
    (pull,) = hub.api.pulls
    pull.title, pull.body = f"[OSC] {pull.title}", f"{pull.body}\n- [x] seen by Eve"
    seen = len(hub.asked())
    assert publish(on_github(), *submitted()).novelty is Novelty.UNCHANGED
    assert (pull.title[:6], pull.body[-17:]) == ("[OSC] ", "- [x] seen by Eve")
    assert "PATCH" not in " ".join(hub.asked()[seen:])
    again = publish(on_github(), *submitted(version="1.1.0"))
    assert again.commit in pull.body
    assert "seen by Eve" not in pull.body


def test_what_is_merged_while_its_review_is_asked_for_is_found_merged(hub: GitHubServer, on_github: OnGitHub) -> None:
    first = publish(on_github(), *submitted())

    def merge(seen: Seen) -> None:
        if "head=" in seen.query:
            upstream, fork = (hub.root / f"{owner}/catalog.git" for owner in ("esa", "ada"))
            git(upstream, "fetch", "--quiet", str(fork), f"{first.branch}:main")
            hub.api.pulls[0].state = "closed"

    hub.before = merge
    again = publish(on_github(), *submitted())
    assert (again.novelty, again.merged, again.commit) == (Novelty.UNCHANGED, True, first.commit)
    assert len(hub.api.pulls) == 1


def test_an_archived_repository_is_no_matter_of_rights(hub: GitHubServer, on_github: OnGitHub) -> None:
    hub.fail(403, "Repository was archived so is read-only.", method="POST", path="/pulls")
    with pytest.raises(InputError, match=r"archived so is read-only\. No token changes an archived repository"):
        publish(on_github(), *submitted())


def test_a_long_review_is_cut(hub: GitHubServer, on_github: OnGitHub) -> None:
    propose(on_github())
    review = Review(title="é" * 300, body="è" * 70_000)
    on_github().request_review(BRANCH, review)
    (pull,) = hub.api.pulls
    assert len(pull.title) == TITLE_LIMIT
    assert len(pull.body) == BODY_LIMIT
    assert "shortened" in pull.body[-60:]
    seen = len(hub.asked())
    on_github().request_review(BRANCH, review)
    assert "PATCH" not in " ".join(hub.asked()[seen:])
