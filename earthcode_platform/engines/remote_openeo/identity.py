"""Who we are at a back-end: tokens for a password, or from an OpenID Connect provider, and new ones in time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from earthcode_platform.engines.provider.rights import NotAllowedError, require_safe
from earthcode_platform.engines.remote_openeo.backend import Authentication
from earthcode_platform.engines.remote_openeo.translating import translated
from earthcode_platform.errors import ExecutionError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from openeo import Connection
    from openeo.rest.auth.oidc import OidcAuthenticator

    from earthcode_platform.engines.provider.redacting import Secrets
    from earthcode_platform.engines.remote_openeo.backend import Backend
    from earthcode_platform.engines.remote_openeo.session import GuardedSession

__all__ = ["identification"]


def identification(
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
