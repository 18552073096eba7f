"""Pull requests: the open one of a branch, made or brought up to date."""

from collections.abc import Iterator
from typing import Final

from pydantic import JsonValue

from earthcode_platform.catalog.github.address import Address
from earthcode_platform.catalog.github.answers import PullRequest
from earthcode_platform.catalog.github.client import Client
from earthcode_platform.errors import CatalogMovedError, InputError
from earthcode_platform.models.review import Review

__all__ = ["BODY_LIMIT", "TITLE_LIMIT", "open_branch", "request"]

BODY_LIMIT: Final = 65_536
"""GitHub's limit for the text of a pull request, in characters."""
TITLE_LIMIT: Final = 256
"""GitHub's limit for its title, in characters."""
_PAGES: Final = 20
_TRIES: Final = 4
_REFUSED: Final = 422
_NOTHING: Final = "no commits between"
_SHORTENED: Final = "\n\n… (shortened: GitHub takes no longer text)\n"


def open_branch(client: Client, upstream: Address, base: str, home: Address, prefix: str) -> str | None:
    """Return the branch of an open pull request from `home` into `base` whose name begins with `prefix`.

    Of several it is the one that says least after the prefix, for ids may begin with another id; then the newest.

    Raises:
        InputError: GitHub refuses.
        UnavailableError: GitHub did not answer.
    """
    names = (pull.head.ref for pull in _open(client, upstream, base) if _is_from(pull, home))
    return min((name for name in names if name.startswith(prefix)), key=len, default=None)


def request(client: Client, upstream: Address, base: str, home: Address, branch: str, review: Review) -> str:
    """Ask for the review of `branch` of `home`, or bring the open request up to date; return its page.

    The text of an open request that names the commit under review is up to date, whatever else somebody wrote into it.

    Raises:
        InputError: GitHub refuses.
        CatalogMovedError: The branch brings nothing that is not merged already.
        UnavailableError: GitHub did not answer.
    """
    written: dict[str, JsonValue] = {"title": _shortened(review.title), "body": _body(review.body)}
    pulls = f"/repos/{upstream.full_name}/pulls"
    wanted = {**written, "head": _head(upstream, home, branch), "base": base, "maintainer_can_modify": True}
    for attempt in range(_TRIES):
        for pull in _open(client, upstream, base, head=f"{home.owner}:{branch}"):
            if _is_from(pull, home) and pull.head.ref == branch:
                if review.commit and review.commit in (pull.body or ""):
                    return pull.html_url
                return _updated(client, f"{pulls}/{pull.number}", pull, written).html_url
        answer = client.ask("POST", pulls, content=wanted, expected=(_REFUSED,))
        if answer.status != _REFUSED:
            return client.understood(answer, pulls, PullRequest).html_url
        if _NOTHING in answer.said.lower():
            raise CatalogMovedError(
                f"the branch {branch!r} was merged in between: {answer.said}.",
                where=upstream.url,
                remedy="Publish again; if it says the same, delete the branch first.",
            )
        # Somebody else was faster, or GitHub has not noticed yet what was pushed a moment ago.
        client.sleep(0.5 * 2**attempt)
    raise InputError(
        f"GitHub takes no pull request for the branch {branch!r}: {answer.said}.",
        where=upstream.url,
        remedy="Look at the branch on GitHub; delete it and publish again.",
    )


def _updated(client: Client, path: str, pull: PullRequest, written: dict[str, JsonValue]) -> PullRequest:
    if {"title": pull.title, "body": pull.body or ""} == written:
        return pull
    return client.send("PATCH", path, written, PullRequest)


def _open(client: Client, upstream: Address, base: str, **narrowed: str) -> Iterator[PullRequest]:
    for page in range(1, _PAGES + 1):
        wanted = {"state": "open", "base": base, "page": str(page), **narrowed}
        pulls = client.listed(f"/repos/{upstream.full_name}/pulls", PullRequest, wanted)
        yield from pulls
        if len(pulls) < 100:  # noqa: PLR2004 - the last page is not full
            return


def _is_from(pull: PullRequest, home: Address) -> bool:
    return pull.head.repo is not None and home.is_called(pull.head.repo.full_name)


def _head(upstream: Address, home: Address, branch: str) -> str:
    return branch if home.owner.casefold() == upstream.owner.casefold() else f"{home.owner}:{branch}"


def _shortened(title: str) -> str:
    return title if len(title) <= TITLE_LIMIT else f"{title[: TITLE_LIMIT - 1]}…"


def _body(text: str) -> str:
    if len(text) <= BODY_LIMIT:
        return text
    return text[: BODY_LIMIT - len(_SHORTENED)] + _SHORTENED
