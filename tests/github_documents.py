"""GitHub's answers with everything that its OpenAPI description requires in them."""

from typing import Any

Document = dict[str, Any]

MOMENT = "2026-03-04T05:06:07Z"
_USER_URLS = "avatar events followers following gists html organizations received_events repos starred subscriptions"
_REPOSITORY_URLS = (
    "archive assignees blobs branches collaborators comments commits compare contents contributors deployments "
    "downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels "
    "languages merges milestones notifications pulls releases stargazers statuses subscribers subscription tags "
    "teams trees git ssh svn"
)
_PULL_URLS = "comments commits diff issue patch review_comment review_comments statuses"
_COUNTS = "forks forks_count open_issues open_issues_count size stargazers_count watchers watchers_count"


def account(base: str, login: str) -> Document:
    """A user as other documents name it."""
    urls = {f"{name}_url": f"{base}/users/{login}/{name}" for name in _USER_URLS.split()}
    return urls | {
        "login": login,
        "id": _number(login),
        "node_id": f"U_{login}",
        "gravatar_id": "",
        "site_admin": False,
        "type": "User",
        "url": f"{base}/users/{login}",
    }


def user(base: str, login: str) -> Document:
    """A user in full."""
    absent = dict.fromkeys(("bio", "blog", "company", "email", "hireable", "location", "name"))
    counts = dict.fromkeys(("followers", "following", "public_gists", "public_repos"), 0)
    return account(base, login) | absent | counts | {"created_at": MOMENT, "updated_at": MOMENT}


def repository(base: str, full_name: str, default_branch: str, parent: Document | None = None) -> Document:
    """A repository in full; `parent` is what it was forked from."""
    owner, name = full_name.split("/")
    url = f"{base}/repos/{full_name}"
    flags = dict.fromkeys(("has_issues", "has_projects", "has_wiki", "has_downloads"), True)
    absent = dict.fromkeys(("description", "homepage", "language", "mirror_url", "license"))
    document = (
        {f"{key}_url": f"{url}/{key}" for key in _REPOSITORY_URLS.split()}
        | dict.fromkeys(_COUNTS.split(), 0)
        | flags
        | absent
    )
    document |= {
        "id": _number(full_name),
        "node_id": f"R_{name}",
        "name": name,
        "full_name": full_name,
        "owner": account(base, owner),
        "url": url,
        "html_url": f"{base}/{full_name}",
        "clone_url": f"{base}/{full_name}.git",
        "default_branch": default_branch,
        "fork": parent is not None,
        "private": False,
        "has_pages": False,
        "has_discussions": False,
        "archived": False,
        "disabled": False,
        "network_count": 0,
        "subscribers_count": 0,
        "pushed_at": MOMENT,
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }
    return document | ({"parent": parent, "source": parent} if parent else {})


def branch(base: str, full_name: str, name: str, commit: str) -> Document:
    """A branch."""
    url = f"{base}/repos/{full_name}/commits/{commit}"
    return {"name": name, "commit": {"sha": commit, "url": url}, "protected": False}


def pull_request(base: str, number: int, said: Document, head: Document, target: Document) -> Document:
    """A pull request in full: `said` has title, body and state; `head` and `target` are made by `end`."""
    full_name = target["repo"]["full_name"]
    url = f"{base}/repos/{full_name}/pulls/{number}"
    counts = dict.fromkeys(("additions", "changed_files", "comments", "commits", "deletions", "review_comments"), 1)
    links = ("comments", "commits", "statuses", "html", "issue", "review_comments", "review_comment", "self")
    absent = ("assignee", "closed_at", "merge_commit_sha", "merged_at", "milestone", "auto_merge", "merged_by")
    return (
        {f"{key}_url": f"{url}/{key}" for key in _PULL_URLS.split()}
        | counts
        | dict.fromkeys(absent)
        | {
            "id": number,
            "node_id": f"PR_{number}",
            "number": number,
            "url": url,
            "html_url": f"{base}/{full_name}/pull/{number}",
            "_links": {key: {"href": f"{url}/{key}"} for key in links},
            "labels": [],
            "locked": False,
            "created_at": MOMENT,
            "updated_at": MOMENT,
            "user": head["user"],
            "author_association": "CONTRIBUTOR",
            "mergeable": True,
            "mergeable_state": "clean",
            "merged": False,
            "maintainer_can_modify": True,
            "head": head,
            "base": target,
        }
        | said
    )


def end(repo: Document, branch: str, commit: str) -> Document:
    """One of the two ends of a pull request."""
    owner = repo["owner"]
    return {"label": f"{owner['login']}:{branch}", "ref": branch, "repo": repo, "sha": commit, "user": owner}


def refusal(message: str, status: int = 422, *details: Document) -> Document:
    """Why a request was refused."""
    said: Document = {"message": message, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    return said | ({"errors": list(details)} if details else {})


def _number(name: str) -> int:
    return int.from_bytes(name.encode()[-6:], "big")
