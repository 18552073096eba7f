"""A token for one git repository: where it may go, how git gets it, and texts without it.

It travels as an `Authorization` header, which the environment of the git process configures for the exact address of
the repository. So it stands in no address, no file and no process argument, and git sends it nowhere else.
"""

import base64
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from pydantic import SecretStr

from earthcode_platform.errors import InputError
from earthcode_platform.redaction import public

__all__ = ["authorization", "check_destination", "password_apart", "without_token"]

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_ONE_LINE: Final = re.compile(r"[!-~]+")
_USER: Final = "x-access-token"
"""GitHub's name for whoever brings a token; GitLab and Gitea take any name."""


def check_destination(url: str, token: SecretStr) -> None:
    """Refuse to send a token where others could read it.

    Args:
        url: Address that the token is for.
        token: The token.

    Raises:
        InputError: The address is not one of https (or of http on this machine), has credentials of its own, or the
            token is no token.
    """
    if not _ONE_LINE.fullmatch(token.get_secret_value()):
        remedy = "Paste it again, without spaces and line ends."
        raise InputError("the token is empty or has characters that no token has.", where=public(url), remedy=remedy)
    if public(url) != url:
        raise InputError(
            "the address has a user name, password or signature of its own, and there is a token too.",
            where=public(url),
            remedy="Leave it out of the address.",
        )
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)):
        raise InputError(
            "a token is sent to addresses that begin with https:// only.",
            where=public(url),
            remedy="Write it as https://host/owner/name, or leave the token out: then git uses credentials of its own.",
        )


def authorization(url: str, token: SecretStr) -> list[tuple[str, str]]:
    """Return the settings with which git sends `token` to the repository at `url`, and to nobody else.

    Each is bound to the exact address, which is more than any setting of the user's can be, and comes last: an empty
    value clears what was set before (git-config, `http.extraHeader` and `credential.helper`).
    """
    parts = urlsplit(url)
    basic = base64.b64encode(f"{_USER}:{token.get_secret_value()}".encode()).decode()
    settings = [
        (f"http.{url}.extraHeader", ""),
        (f"http.{url}.extraHeader", f"Authorization: Basic {basic}"),
        # Git would take the header along to another host.
        (f"http.{url}.followRedirects", "false"),
        (f"http.{url}.sslVerify", "true"),
        # A token that is refused is not made up for by credentials of somebody else, nor stored as wrong.
        (f"credential.{parts.scheme}://{parts.netloc}.helper", ""),
        ("core.askPass", ""),
        # Nor does a rewriting rule of the user's lead elsewhere: the longest one wins, and this is the whole address.
        (f"url.{url}.insteadOf", url),
    ]
    # Without encryption a proxy reads along; http is allowed to this machine only, which needs none.
    return [*settings, (f"http.{url}.proxy", "")] if parts.scheme == "http" else settings


def password_apart(url: str) -> tuple[str, list[tuple[str, str]]]:
    """Return an address without the password in it, and the settings with which git sends user and password there.

    Git itself hands the address to the program that speaks HTTP as an argument, which every user of the machine can
    read. An address without a password, and one of another scheme, is returned as it is, with no settings.
    """
    try:
        parts = urlsplit(url)
        user, password = parts.username, parts.password
    except ValueError:
        return url, []
    if parts.scheme not in ("http", "https") or not password:
        return url, []
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    basic = base64.b64encode(f"{unquote(user or '')}:{unquote(password)}".encode()).decode()
    # Git would take the header along to another host.
    return bare, [
        (f"http.{bare}.extraHeader", f"Authorization: Basic {basic}"),
        (f"http.{bare}.followRedirects", "false"),
    ]


def without_token(text: str, token: SecretStr | None) -> str:
    """Return `text` without the token, in each form in which it travels."""
    for form in _forms(token.get_secret_value()) if token else ():
        text = text.replace(form, "…")
    return text


def _forms(value: str) -> Iterable[str]:
    if value:
        yield from (value, quote(value, safe=""), base64.b64encode(f"{_USER}:{value}".encode()).decode())
