"""How inputs that lie elsewhere are reached: which hosts may be asked, and with what right object storage is read.

An experiment names places and no rights. The rights come from whoever runs it: a block on the platform, the environment
for the command. They hold while a context is open, and inside this process: what reads files gets addresses that are
signed for a while, never a key.

What an experiment names itself may lie anywhere. What a remote document leads to must be public, on the same host, or
allowed by name: otherwise a document on the web could lead into the network that the platform runs in.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar
from urllib.parse import urlsplit

from earthcode_platform.web.addresses import read_address
from earthcode_platform.web.concealing import conceal
from earthcode_platform.web.failures import ForbiddenAddressError
from earthcode_platform.web.reach import Reach
from earthcode_platform.web.signing import ObjectStorage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from earthcode_platform.web.asking import Web

__all__ = [
    "HELD",
    "Access",
    "allowing",
    "asking",
    "carried",
    "current",
    "in_storage",
    "own_hosts",
    "readable",
    "require_allowed",
    "using",
]

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")
HELD: Final = 12 * 3600
"""Seconds for which an address in object storage may be read: longer than the longest run."""


@dataclass(frozen=True, slots=True)
class Access:
    """Which hosts may be asked besides public ones, and how object storage is read."""

    storage: ObjectStorage = field(default_factory=ObjectStorage)
    """Where `s3://` leads, and the right to read there."""
    allowed: frozenset[str] = frozenset()
    """Hosts, as `host` or `host:port`, that remote documents may lead to although they are not public."""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Access:
        """Return what the variables say that tools for S3 read: `AWS_ACCESS_KEY_ID` and its like."""

        def first(*names: str) -> str:
            return next((environment[name] for name in names if environment.get(name)), "")

        return cls(
            ObjectStorage(
                endpoint=first("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
                region=first("AWS_REGION", "AWS_DEFAULT_REGION") or "us-east-1",
                key=first("AWS_ACCESS_KEY_ID"),
                secret=first("AWS_SECRET_ACCESS_KEY"),
                token=first("AWS_SESSION_TOKEN"),
            )
        )


_ACCESS: ContextVar[Access] = ContextVar("access", default=Access())  # noqa: B039 - frozen
_WEB: ContextVar[Web | None] = ContextVar("web", default=None)


def current() -> Access:
    """Return the access that holds here."""
    return _ACCESS.get()


@contextmanager
def using(access: Access) -> Iterator[None]:
    """Let inputs be reached by `access` while the context is open."""
    conceal()
    token = _ACCESS.set(access)
    try:
        yield
    finally:
        _ACCESS.reset(token)


def carried(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Return the function for other threads, with the access that holds here."""
    access, web = _ACCESS.get(), _WEB.get()

    def called(*args: _Parameters.args, **kwargs: _Parameters.kwargs) -> _Result:
        tokens = _ACCESS.set(access), _WEB.set(web)
        try:
            return function(*args, **kwargs)
        finally:
            _ACCESS.reset(tokens[0])
            _WEB.reset(tokens[1])

    return called


@contextmanager
def asking(href: str) -> Iterator[Web]:
    """Hand out what asks for `href` and for what it leads to; inside, the same connections serve again.

    Args:
        href: What an experiment names: its host may lie anywhere.
    """
    known = _WEB.get()
    if known is not None:
        yield known
        return
    access = _ACCESS.get()
    own = {name for name in (_host(href), access.storage.host) if name}
    from earthcode_platform.web.asking import Web

    with Web(Reach(access.allowed | own)) as web:
        token = _WEB.set(web)
        try:
            yield web
        finally:
            _WEB.reset(token)


@contextmanager
def allowing(hrefs: Iterable[str]) -> Iterator[Web]:
    """Hand out what asks for many files, whose hosts were allowed when the input was pinned."""
    access = _ACCESS.get()
    own = {_host(href) for href in hrefs} | {access.storage.host}
    from earthcode_platform.web.asking import Web

    with Web(Reach(access.allowed | {name for name in own if name})) as web:
        yield web


def own_hosts(hrefs: Iterable[str]) -> frozenset[str]:
    """Return which hosts may be asked for files whose hosts were allowed when their input was pinned."""
    return _ACCESS.get().allowed | {name for name in map(_host, hrefs) if name}


def in_storage(href: str) -> bool:
    """Tell whether `href` names an object in object storage."""
    return urlsplit(href).scheme == "s3"


def readable(href: str) -> str:
    """Return the address by which a file can be read; that of an object in storage is signed and runs out."""
    return _ACCESS.get().storage.address(href, HELD) if in_storage(href) else href


def require_allowed(href: str, declared: str) -> None:
    """Check that a remote file does not spell an address of a local network; names are not looked up for that.

    Args:
        href: The file.
        declared: What the experiment names, by which it was found.

    Raises:
        ForbiddenAddressError: It does, and is neither on the host of `declared` nor allowed by name.
    """
    if in_storage(href) or not urlsplit(declared).scheme:
        return
    own = {name for name in (_host(declared),) if name}
    Reach(_ACCESS.get().allowed | own).check_name(read_address(href))


def _host(href: str) -> str:
    """Return `host:port` of an HTTP address; empty if it is none."""
    if urlsplit(href).scheme not in ("http", "https"):
        return ""
    try:
        address = read_address(href)
    except ForbiddenAddressError:
        return ""
    return f"{address.host}:{address.port}"
