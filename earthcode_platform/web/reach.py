"""Which hosts may be asked: those of the public internet, and those that are allowed by name.

A host is resolved once, and every address that it resolves to must be public. The connection then goes to one of these
addresses and to no other, so a second answer of the resolver cannot lead elsewhere (DNS rebinding).
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from earthcode_platform.web.addresses import Address, is_local_name, is_public, literal
from earthcode_platform.web.failures import Cause, ForbiddenAddressError, NoAnswerError

__all__ = ["Reach", "Resolve", "resolve"]

Resolve: TypeAlias = Callable[[str, int, float], Sequence[tuple[str, int]]]
"""From host, port and the seconds it may take to the numeric addresses and ports to connect to."""

_KEPT: Final = 60.0
"""Seconds for which the resolver is not asked again for the same host."""
_UNKNOWN: Final = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))


def resolve(host: str, port: int, seconds: float) -> Sequence[tuple[str, int]]:
    """Ask the system's resolver, which has no time limit of its own, for at most `seconds`.

    Raises:
        NoAnswerError: It knows no address, or does not answer.
    """
    found: list[tuple[str, int]] = []
    failed: list[OSError] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            failed.append(error)
        except UnicodeError as error:  # a label that is empty or too long
            failed.append(socket.gaierror(socket.EAI_NONAME, str(error)))
        else:
            found.extend((str(answer[4][0]), port) for answer in answers)

    asking = threading.Thread(target=ask, name=f"resolve {host}", daemon=True)
    asking.start()
    asking.join(max(seconds, 0))
    if failed:
        cause = Cause.NAME if failed[0].errno in _UNKNOWN else Cause.LOOKUP
        raise NoAnswerError.of(cause, host)
    if not found:
        raise NoAnswerError.of(Cause.LOOKUP, host, "not in time")
    return tuple(dict.fromkeys(found))


class Reach:
    """Which hosts may be asked, and at which numeric addresses.

    Args:
        allowed: Hosts, as `host` or `host:port`, that may be asked wherever they are: those of a private catalog.
            Capitals make no difference.
        resolver: How names are looked up.
    """

    def __init__(self, allowed: frozenset[str] = frozenset(), resolver: Resolve = resolve) -> None:
        self._allowed = frozenset(one.lower() for one in allowed)
        self._resolve = resolver
        self._checked: dict[tuple[str, int], tuple[float, Sequence[tuple[str, int]]]] = {}

    def __repr__(self) -> str:
        return f"<Reach of the public internet and {len(self._allowed)} named hosts>"

    def allows(self, host: str, port: int) -> bool:
        """Tell whether the host is allowed by name."""
        return host in self._allowed or f"{host}:{port}" in self._allowed

    def places(self, host: str, port: int, seconds: float) -> Sequence[tuple[str, int]]:
        """Return the numeric addresses and ports to connect to.

        Raises:
            ForbiddenAddressError: One of them is not public.
            NoAnswerError: The host has none, or none was found in `seconds`.
        """
        until, known = self._checked.get((host, port), (0.0, ()))
        if time.monotonic() < until:
            return known
        found = self._resolve(host, port, seconds)
        if not found:
            raise NoAnswerError.of(Cause.NAME, host)
        if not self.allows(host, port):
            for ip, _ in found:
                if not is_public(ip):
                    raise _forbidden(host)
        self._checked[host, port] = time.monotonic() + _KEPT, found
        return found

    def check_name(self, address: Address) -> None:
        """Check what can be checked of an address that a proxy resolves: it spells no address that is not public.

        Raises:
            ForbiddenAddressError: It does, or its host is a local name.
        """
        if self.allows(address.host, address.port):
            return
        ip = literal(address.host)
        if is_local_name(address.host) or (ip is not None and not is_public(ip)):
            raise _forbidden(address.host)


def _forbidden(host: str) -> ForbiddenAddressError:
    return ForbiddenAddressError(
        "its host is not on the public internet (private, loopback, link-local or reserved address).",
        where=host,
        remedy="Name a public address, or allow the host by name.",
    )
