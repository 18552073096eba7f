"""A connection to a back-end: found, told who we are, and asked; what it answers badly is told as our errors."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

from earthcode_platform.engines.remote_openeo.backend import Authentication, require_safe
from earthcode_platform.engines.remote_openeo.redacting import Secrets
from earthcode_platform.errors import EarthCodeError, ExecutionError, InputError, MissingExtraError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from openeo import Connection
    from openeo.rest.auth.oidc import OidcAuthenticator

    from earthcode_platform.engines.remote_openeo.backend import Backend
    from earthcode_platform.engines.remote_openeo.session import GuardedSession

__all__ = ["Connected", "NotAllowedError", "connect"]

_Answer = TypeVar("_Answer")
_EXTRA: Final = "remote"
_NOT_US: Final = (401, 403)
_RENEWABLE: Final = ("TokenInvalid", "TokenExpired", "AuthenticationRequired")
"""Codes of openEO for a token that another one may replace."""
_NO_MONEY: Final = 402
_SERVER_ERROR: Final = 500


class NotAllowedError(InputError):
    """The back-end does not take the credentials, or not for this."""


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
    renew = _identification(backend, connection, session, secrets)
    renew()
    return Connected(backend, connection, session, secrets, renew)


def _identification(
    backend: Backend, connection: Connection, session: GuardedSession, secrets: Secrets
) -> Callable[[], None]:
    """Return what gets a token and gives it to the connection."""
    authenticator: list[OidcAuthenticator] = []

    def identify() -> None:
        with _as_credentials(backend), translated(backend, secrets):
            if backend.credentials.method is Authentication.BASIC:
                _by_password(backend, connection, secrets)
            else:
                if not authenticator:
                    authenticator.append(_authenticator(backend, connection, session))
                _by_oidc(connection, authenticator, session, secrets)

    return identify


def _by_password(backend: Backend, connection: Connection, secrets: Secrets) -> None:
    held = backend.credentials
    password = held.password.get_secret_value() if held.password else ""
    secrets.add(f"{held.username}:{password}")
    connection.authenticate_basic(held.username, password)
    secrets.add(str(getattr(connection.auth, "bearer", "")).removeprefix("basic//"))


def _authenticator(backend: Backend, connection: Connection, session: GuardedSession) -> OidcAuthenticator:
    """Return what asks the OpenID Connect provider for tokens.

    The client's own methods would look into the environment and into files, and ask without a limit.
    """
    from openeo.rest.auth.oidc import (
        OidcClientCredentialsAuthenticator,
        OidcClientInfo,
        OidcRefreshTokenAuthenticator,
    )

    held = backend.credentials
    provider, default = _provider(backend, connection, session)
    client = OidcClientInfo(
        client_id=held.client_id or default,
        provider=provider,
        client_secret=held.client_secret.get_secret_value() if held.client_secret else None,
    )
    if held.method is Authentication.CLIENT_CREDENTIALS:
        return OidcClientCredentialsAuthenticator(client_info=client, requests_session=session)
    token = held.refresh_token.get_secret_value() if held.refresh_token else ""
    return OidcRefreshTokenAuthenticator(client_info=client, refresh_token=token, requests_session=session)


def _provider(backend: Backend, connection: Connection, session: GuardedSession) -> tuple[Any, str]:
    """Return the OpenID Connect provider, and the id of its default client for refresh tokens."""
    from openeo.rest.auth.oidc import DefaultOidcClientGrant, OidcProviderInfo

    held = backend.credentials
    offered = {
        entry["id"]: entry for entry in connection.get("/credentials/oidc", expected_status=200).json()["providers"]
    }
    name = held.provider or next(iter(offered), "")
    if name not in offered:
        raise InputError(
            f"there is no OpenID Connect provider {name!r} at the back-end.",
            where=backend.url,
            remedy=f"It knows: {', '.join(offered) or 'none'}.",
        )
    entry = offered[name]
    require_safe(entry["issuer"])
    provider = OidcProviderInfo(
        provider_id=name,
        issuer=entry["issuer"],
        title=entry.get("title"),
        scopes=entry.get("scopes"),
        default_clients=entry.get("default_clients"),
        requests_session=session,
    )
    require_safe(str(provider.config["token_endpoint"]))
    default = provider.get_default_client_id([DefaultOidcClientGrant.REFRESH_TOKEN]) or ""
    if held.method is Authentication.REFRESH_TOKEN and not (held.client_id or default):
        raise InputError(
            f"the provider {name!r} names no default client.", where=backend.url, remedy="Fill in the id of a client."
        )
    return provider, default


def _by_oidc(
    connection: Connection, authenticator: list[OidcAuthenticator], session: GuardedSession, secrets: Secrets
) -> None:
    from openeo.rest.auth.auth import OidcBearerAuth
    from openeo.rest.auth.oidc import OidcRefreshTokenAuthenticator

    current = authenticator[0]
    tokens = current.get_tokens()
    for token in filter(None, tokens):
        secrets.add(token)
    if tokens.refresh_token and isinstance(current, OidcRefreshTokenAuthenticator):
        # Some providers take a refresh token once (RFC 9700, section 4.14).
        authenticator[0] = OidcRefreshTokenAuthenticator(
            client_info=current.client_info, refresh_token=tokens.refresh_token, requests_session=session
        )
    connection.auth = OidcBearerAuth(provider_id=current.provider_info.id, access_token=tokens.access_token)


@contextmanager
def _as_credentials(backend: Backend) -> Iterator[None]:
    """Tell what is refused as a matter of credentials."""
    try:
        yield
    except ExecutionError as error:
        raise NotAllowedError(
            f"the back-end does not take the credentials: {error.message}",
            where=backend.url,
            remedy="Renew them in the block of the back-end.",
        ) from None


@contextmanager
def translated(backend: Backend, secrets: Secrets) -> Iterator[None]:
    """Turn what the client raises into errors of the platform, without a secret and without the client's objects."""
    from openeo import BaseOpenEoException
    from openeo.rest import OpenEoApiPlainError
    from requests import JSONDecodeError, RequestException

    try:
        yield
    except EarthCodeError:
        raise
    except OpenEoApiPlainError as error:
        raise _refused(error, backend, secrets) from None
    except (JSONDecodeError, ValueError, LookupError, TypeError, AttributeError, RuntimeError) as error:
        raise ExecutionError(
            f"its answer is not as the openEO API describes it ({type(error).__name__}: {secrets.shown(error)}).",
            where=backend.url,
            remedy="Tell its provider.",
        ) from None
    except RequestException as error:
        raise UnavailableError(
            f"the back-end does not answer ({secrets.shown(error)}).", where=backend.url, remedy="Try again later."
        ) from None
    except BaseOpenEoException as error:
        raise ExecutionError(f"{secrets.shown(error).rstrip('.')}.", where=backend.url) from None


def _refused(error: Any, backend: Backend, secrets: Secrets) -> EarthCodeError:  # noqa: ANN401 - the client has no types
    status, code = int(error.http_status_code or 0), str(getattr(error, "code", "") or "")
    said = f"{code or status}: {secrets.shown(error.message).rstrip('.')}."
    if status in _NOT_US or code in _RENEWABLE:
        return NotAllowedError(
            f"the back-end does not let us in ({said})",
            where=backend.url,
            remedy="Renew the credentials in the block of the back-end, or ask its provider for the right to use it.",
        )
    if status >= _SERVER_ERROR:
        return UnavailableError(
            f"the back-end has trouble ({said})", where=backend.url, remedy="Try again later, or ask its provider."
        )
    remedy = "Raise the budget, or top up the account." if status == _NO_MONEY else ""
    return ExecutionError(f"the back-end refuses ({said})", where=backend.url, remedy=remedy)
