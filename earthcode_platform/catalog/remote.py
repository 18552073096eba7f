"""A repository that git reaches by its address, and what its complaints mean to the reader."""

from pathlib import Path
from typing import Final, NoReturn

from pydantic import SecretStr

from earthcode_platform.catalog.credentials import check_destination, without_token
from earthcode_platform.catalog.plumbing import REMOTE, Destination, Outcome, git
from earthcode_platform.errors import CatalogMovedError, EarthCodeError, InputError, UnavailableError
from earthcode_platform.redaction import public

__all__ = ["Remote"]

_MOVED: Final = (
    *("stale info", "fetch first", "non-fast-forward", "cannot lock ref", "failed to update ref"),
    *("failed to lock", "incorrect old value", "reference already exists"),
)
"""How git says that a reference was not where it was expected (git 2.30 to 2.50)."""
_NOT_THERE: Final = (
    *("does not appear to be a git repository", "not found", "does not exist", "no such file"),
    *("invalid gitfile format", "invalid refspec", "bad/illegal format"),
)
_NO_RIGHTS: Final = (
    *("authentication failed", "could not read username", "could not read password", "permission denied"),
    *("returned error: 401", "returned error: 403"),
)
_ELSEWHERE: Final = tuple(f"returned error: {status}" for status in (301, 302, 303, 307, 308))
_DUBIOUS: Final = "dubious ownership"


class Remote:
    """One repository elsewhere.

    Args:
        url: Its path or address.
        token: What gives access to it; git's own credentials if left out.
        seconds: How long one git command may take.

    Raises:
        InputError: The token cannot be sent to such an address.
    """

    def __init__(self, url: str, token: SecretStr | None = None, *, seconds: float = 120) -> None:
        self.url = url if "://" in url or _is_scp(url) else str(Path(url).expanduser().resolve())
        if token is not None:
            check_destination(self.url, token)
        self._token = token
        self._seconds = seconds

    def __repr__(self) -> str:
        return f"Remote({self.address!r})"

    @property
    def address(self) -> str:
        """Its path or address, without userinfo."""
        return public(self.url)

    def run(self, cache: Path, command: str, options: tuple[str, ...], *last: str) -> Outcome:
        """Run a git command that reaches the repository from `cache`; return how it ended.

        Raises:
            InputError: Git is not installed.
            UnavailableError: It took too long.
        """
        to = Destination(self.url, self._token)
        return git(command, *options, REMOTE, *last, repository=cache, to=to, seconds=self._seconds)

    def require(self, outcome: Outcome) -> Outcome:
        """Return the outcome if the command succeeded, and raise what its complaint means otherwise."""
        if outcome.code:
            raise self.error(outcome)
        return outcome

    def refuse(self, pushed: Outcome, names: tuple[str, ...]) -> NoReturn:
        """Raise what the complaint about a push of the branches `names` means.

        Raises:
            CatalogMovedError: A branch stood elsewhere.
            InputError: The repository does not take the branch.
            UnavailableError: The repository did not answer.
        """
        refused = [line for line in pushed.text.splitlines() if line.startswith("!")]
        if any(sign in line for line in [*refused, *pushed.complaint.splitlines()] for sign in _MOVED):
            raise CatalogMovedError(
                f"somebody else moved {' or '.join(names)} in between.",
                where=self.address,
                remedy="Compute the changeset on the catalog as it is now, and push again.",
            )
        if refused:
            raise InputError(
                f"the repository does not take the branch: {self._told(refused, pushed.complaint)}.",
                where=self.address,
                remedy="Check the rights on the repository, and its rules for branches.",
            )
        raise self.error(pushed)

    def error(self, outcome: Outcome) -> EarthCodeError:
        """Return what the complaint of a failed command means."""
        said = outcome.complaint or f"git ended with status {outcome.code}"
        folded = said.lower()
        if _DUBIOUS in folded:
            remedy = (
                "The repository belongs to another user; trust it: git config --global --add safe.directory <path>."
            )
            return InputError(
                f"git does not trust the catalog's repository: {said}.", where=self.address, remedy=remedy
            )
        if any(sign in folded for sign in _NO_RIGHTS):
            remedy = "Check the credentials and their rights on the repository."
            return InputError(f"the catalog's repository refused access: {said}.", where=self.address, remedy=remedy)
        if any(sign in folded for sign in _ELSEWHERE):
            remedy = "Write its new address; a token is not taken along to an address that nobody named."
            return InputError(f"the catalog's repository has moved: {said}.", where=self.address, remedy=remedy)
        if any(sign in folded for sign in _NOT_THERE):
            remedy = "Check the address; it must be a git repository."
            return InputError(f"there is no catalog's repository here: {said}.", where=self.address, remedy=remedy)
        return UnavailableError(
            f"the catalog's repository did not answer: {said}.", where=self.address, remedy="Try again later."
        )

    def _told(self, refused: list[str], complaint: str) -> str:
        remote = [line.removeprefix("remote:").strip() for line in complaint.splitlines() if line.startswith("remote:")]
        said = [*(line.rsplit("\t", maxsplit=1)[-1] for line in refused), *filter(None, remote)]
        return without_token("; ".join(said), self._token)


def _is_scp(url: str) -> bool:
    """Tell whether `url` is of the form `host:path`, which git takes as an ssh address."""
    return ":" in url.split("/", maxsplit=1)[0]
