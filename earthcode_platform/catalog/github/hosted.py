"""A catalog on GitHub: read from where it is, published from a fork, reviewed as a pull request."""

from pathlib import Path

from pydantic import SecretStr

from earthcode_platform.catalog.github import forks, reviews
from earthcode_platform.catalog.github.address import Address
from earthcode_platform.catalog.github.client import Client
from earthcode_platform.catalog.objects import Signature
from earthcode_platform.catalog.remote import Remote
from earthcode_platform.catalog.repository import CatalogRepository
from earthcode_platform.models.review import Review

__all__ = ["GitHubCatalog"]


class GitHubCatalog(CatalogRepository):
    """A catalog on GitHub. Nothing is merged: whatever is published waits for its review.

    The main branch is read from the repository itself. All other branches are in a fork that belongs to the token's
    user; it is made when something is pushed for the first time. Nothing of the fork is changed but those branches:
    its main branch may lag behind.

    Args:
        url: Web address of the repository that pull requests are for: `https://github.com/owner/name`.
        workspace: Folder for the cache; several processes may share it.
        branch: Name of the catalog's main branch, which pull requests are for.
        token: A token of GitHub's.
        fork: Whether branches go to a fork; otherwise to the repository itself, where the token may push.
        signature: Author and committer of commits.
        client: The API; of github.com, or of an Enterprise Server at the same host, if left out.

    Raises:
        InputError: The address is none of a repository on GitHub, or the token cannot be sent there.
    """

    def __init__(  # noqa: PLR0913 - one repository, and most have a default
        self,
        url: str,
        workspace: Path,
        branch: str = "main",
        *,
        token: SecretStr,
        fork: bool = True,
        signature: Signature | None = None,
        client: Client | None = None,
    ) -> None:
        self._upstream = Address.parse(url)
        super().__init__(self._upstream.url, workspace, branch, signature=signature, token=token)
        self._client = client or Client(self._upstream.api, token)
        self._token = token
        self._home: Address | None = None if fork else self._upstream
        self._looked = self._ready = not fork

    def open_review(self, prefix: str) -> str | None:
        """Return the branch, beginning with `prefix`, of an open pull request of ours; None if there is none.

        Of several it is the one that says least after the prefix, for ids may begin with another id; then the newest.

        Raises:
            InputError: GitHub refuses.
            UnavailableError: GitHub did not answer.
        """
        home = self._found()
        return home and reviews.open_branch(self._client, self._upstream, self.branch, home, prefix)

    def request_review(self, branch: str, review: Review) -> str:
        """Make a pull request of a pushed branch, or bring its open one up to date; return the address of its page.

        A request that was closed stays closed: a new one is made.

        Raises:
            InputError: GitHub refuses.
            CatalogMovedError: The branch brings nothing that is not merged already.
            UnavailableError: GitHub did not answer.
        """
        return reviews.request(self._client, self._upstream, self.branch, self._made(), branch, review)

    def _branches(self) -> Remote | None:
        home = self._found()
        return home and self._at(home)

    def _branches_made(self) -> Remote:
        return self._at(self._made())

    def _found(self) -> Address | None:
        if not self._looked:
            self._home = forks.find_fork(self._client, self._upstream)
            self._looked = True
        return self._home

    def _made(self) -> Address:
        home = self._found() or forks.make_fork(self._client, self._upstream)
        if not self._ready:
            forks.wait_for(self._client, home)
            self._home, self._ready = home, True
        return home

    def _at(self, home: Address) -> Remote:
        return self._remote if home == self._upstream else Remote(home.url, self._token, seconds=self._seconds)
