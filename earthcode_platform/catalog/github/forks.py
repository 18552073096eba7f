"""Our fork of a repository: found, or made and waited for."""

from typing import Final

from pydantic import JsonValue

from earthcode_platform.catalog.github.address import Address
from earthcode_platform.catalog.github.answers import Account, Branch, Repository
from earthcode_platform.catalog.github.client import Client
from earthcode_platform.errors import InputError, UnavailableError

__all__ = ["find_fork", "make_fork", "wait_for"]

_PAGES: Final = 20
"""How many pages of 100 forks are looked through."""
_NOT_YET: Final = (404, 409)
"""GitHub's words for a repository that is being made, if it does not call it a repository without branches."""


def find_fork(client: Client, upstream: Address) -> Address | None:
    """Return the fork of `upstream` that belongs to the token's user, whatever its name; None if there is none.

    To the owner of `upstream` it is the fork: GitHub makes none beside it.

    Raises:
        InputError: GitHub refuses.
        UnavailableError: GitHub did not answer.
    """
    login = client.get("/user", Account).login
    if login.casefold() == upstream.owner.casefold():
        return upstream
    named = client.find(f"/repos/{login}/{upstream.name}", Repository)
    if named is not None and _is_fork(named, upstream):
        return upstream.beside(named.full_name)
    for page in range(1, _PAGES + 1):
        wanted = {"sort": "newest", "page": str(page)}
        forks = client.listed(f"/repos/{upstream.full_name}/forks", Repository, wanted)
        for fork in forks:
            if fork.full_name.casefold().startswith(f"{login.casefold()}/"):
                return upstream.beside(fork.full_name)
        if len(forks) < 100:  # noqa: PLR2004 - the last page is not full
            break
    return None


def make_fork(client: Client, upstream: Address) -> Address:
    """Fork `upstream` for the token's user, and return the fork; git may not reach it yet.

    GitHub returns a fork that exists already instead of making a second one, and chooses another name if `upstream`'s
    is taken by something else.

    Raises:
        InputError: GitHub refuses, for example because forking is switched off.
        UnavailableError: GitHub did not answer.
    """
    wanted: dict[str, JsonValue] = {"default_branch_only": True}
    made = client.send("POST", f"/repos/{upstream.full_name}/forks", wanted, Repository)
    if upstream.is_called(made.full_name) or not made.fork:
        raise InputError(
            f"GitHub made no fork: it answers with {made.full_name!r}.",
            where=upstream.url,
            remedy="Let the catalog's block push to the repository itself (fork: off) if the token may.",
        )
    return upstream.beside(made.full_name)


def wait_for(client: Client, fork: Address, *, seconds: float = 120) -> None:
    """Return when git can reach a fork: GitHub makes forks in the background.

    Raises:
        InputError: GitHub refuses.
        UnavailableError: GitHub did not answer, or the fork was not ready in time.
    """
    path = f"/repos/{fork.full_name}/branches"
    waited, step = 0.0, 1.0
    while not client.listed(path, Branch, expected=_NOT_YET):
        if waited >= seconds:
            raise UnavailableError(
                f"the fork is not ready after {waited:.0f} s.",
                where=fork.url,
                remedy="Publish again later: GitHub goes on making it, and the fork will be found.",
            )
        client.sleep(step)
        waited += step
        step = min(step * 2, 10.0)


def _is_fork(found: Repository, upstream: Address) -> bool:
    origins = [origin.full_name for origin in (found.parent, found.source) if origin]
    return found.fork and any(upstream.is_called(name) for name in origins)
