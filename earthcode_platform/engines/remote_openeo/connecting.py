"""A connection to a back-end: found, told who we are, and asked."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final, TypeVar

from earthcode_platform.engines.provider.redacting import Secrets
from earthcode_platform.engines.provider.rights import NotAllowedError, require_safe
from earthcode_platform.engines.remote_openeo.backend import Authentication
from earthcode_platform.engines.remote_openeo.identity import identification
from earthcode_platform.engines.remote_openeo.translating import translated
from earthcode_platform.errors import ExecutionError, InputError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable

    from openeo import Connection

    from earthcode_platform.engines.remote_openeo.backend import Backend
    from earthcode_platform.engines.remote_openeo.session import GuardedSession

__all__ = ["Connected", "connect"]

_Answer = TypeVar("_Answer")
_EXTRA: Final = "remote"


class Connected:
    """A back-end that answered.

    Args:
        backend: The back-end.
        connection: The client's connection to it.
        session: What sends the requests of the connection.
        secrets: What must not be shown of its answers.
        renew: What gets a new token; nothing can be got if None.
    """

    def __init__(
        self,
        backend: Backend,
        connection: Connection,
        session: GuardedSession,
        secrets: Secrets,
        renew: Callable[[], None] | None = None,
    ) -> None:
        self.backend = backend
        self.connection = connection
        self.secrets = secrets
        self._session = session
        self._renew = renew

    def __repr__(self) -> str:
        return f"<connection to {self.url}>"

    @property
    def url(self) -> str:
        """The address of the version that is spoken to, without a slash at its end."""
        return str(self.connection.root_url).rstrip("/")

    def hastened(self) -> AbstractContextManager[None]:
        """Return a context in which it is asked only once, and not for long."""
        return self._session.hastened()

    def bearer(self) -> str:
        """Return the token that requests carry; an empty text if there is none."""
        return str(getattr(self.connection.auth, "bearer", ""))

    def ask(self, question: Callable[[Connection], _Answer]) -> _Answer:
        """Return the answer to a question; once with a new token if the back-end no longer takes ours.

        Raises:
            UnavailableError: It does not answer, or has trouble of its own.
            NotAllowedError: It does not take our credentials.
            ExecutionError: It refuses; the message holds its code and its words.
        """
        try:
            with translated(self.backend, self.secrets):
                return question(self.connection)
        except NotAllowedError:
            if self._renew is None:
                raise
            self._renew()
        with translated(self.backend, self.secrets):
            return question(self.connection)


def connect(backend: Backend) -> Connected:
    """Return a connection to a back-end, which knows us.

    Raises:
        MissingExtraError: The client is not installed.
        UnavailableError: The back-end, or the provider of our identity, does not answer.
        InputError: There is no openEO back-end at the address, or its version is not safe to talk to.
        NotAllowedError: It does not take our credentials.
    """
    try:
        from openeo import Connection

        from earthcode_platform.engines.remote_openeo.session import GuardedSession
    except ImportError as error:
        raise MissingExtraError.of("a remote openEO back-end", _EXTRA) from error
    secrets = Secrets(backend.credentials.secrets())
    session = GuardedSession(secrets, backend.pace)
    try:
        with translated(backend, secrets):
            connection = Connection(backend.url, session=session, auto_validate=False)
    except ExecutionError as error:
        raise InputError(
            f"there is no openEO back-end: {error.message}",
            where=backend.url,
            remedy="Check the address in the block of the back-end.",
        ) from None
    if backend.credentials.method is Authentication.NONE:
        return Connected(backend, connection, session, secrets)
    require_safe(str(connection.root_url))
    renew = identification(backend, connection, session, secrets)
    renew()
    return Connected(backend, connection, session, secrets, renew)
