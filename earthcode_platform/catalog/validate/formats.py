"""What the official validator takes for a moment, an address or an e-mail, where JSON Schema leaves it to the reader.

Its checker of formats and ours differ on real values: it takes a space between date and time (RFC 3339, section 5.6,
allows it) and double quotes in a URI reference, and takes no address without a host or a path for an IRI.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Final

__all__ = ["FORMATS", "is_date_time", "is_email", "is_iri", "is_iri_reference", "is_uri", "is_uri_reference"]

_MOMENT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt\s](?:([01]\d|2[0-3]):[0-5]\d:[0-5]\d|23:59:60)(\.\d+)?([Zz]|[+-]\d\d(:?\d\d)?)?", re.ASCII
)
_ATOM: Final = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_NAME: Final = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_EMAIL: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_NAME}\.)+{_NAME}", re.IGNORECASE | re.ASCII)
_LEAP: Final = re.compile(r"0000-")
_PARTS: Final = re.compile(
    r"(?:(?P<scheme>[^:/?#]+):)?(?://(?:[^/?#@]*@)?(?P<host>\[[^/?#\]]+\]|[^/?#:]*)(?::\d*)?)?(?P<path>[^?#]*)"
    r"(?:\?[^#]*)?(?P<fragment>#)?"
)
_EMPTY_PATH: Final = frozenset({"mailto", "ws", "wss"})
"""Schemes whose addresses the official validator reads in a way of its own, which leaves no path."""

_USUAL: Final = re.compile(r"https?://[A-Za-z0-9][^@]*\Z")
"""Addresses with a host for certain; nearly all links inside begin with a dot, and these are nearly all others."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./-]+")
"""References without a sign that means something, as nearly all are."""

_REMEMBERED: Final = 8192
"""Of how many addresses the answer is kept: most links of a catalog lead to the same few hundred entries."""

_SAFE: Final = r"a-z0-9\-._~!$&'()*+,;="
_ESCAPED: Final = "%[0-9a-f]{2}"


def _address(*, quotes: str, optional: str) -> re.Pattern[str]:
    """Return the pattern of RFC 3986, appendix A, with what `quotes` adds; a reference may lack scheme and path."""
    letter = rf"(?:[{_SAFE}{quotes}:@]|{_ESCAPED})"
    host = rf"(?:\[(?P<six>[0-9a-f:.]+)\]|\[v[0-9a-f]+\.[{_SAFE}:]+\]|(?:[{_SAFE}{quotes}]|{_ESCAPED})*)"
    authority = rf"//?(?:(?:[{_SAFE}:]|{_ESCAPED})*@)?{host}(?::\d*)?(?:/{letter}*)*"
    path = rf"(?:/?{letter}+(?:/{letter}*)*|/)"
    tail = rf"(?:[{_SAFE}{quotes}/?:@]|{_ESCAPED})*"
    return re.compile(
        rf"(?:[a-z][a-z0-9+\-.]*:){optional}(?:{authority}|{path}){optional}(?:\?{tail})?(?:#{tail})?",
        re.IGNORECASE | re.ASCII,
    )


_URI: Final = _address(quotes="", optional="")
_REFERENCE: Final = _address(quotes='"', optional="?")


def is_date_time(value: str) -> bool:
    """Tell whether a text is a moment (RFC 3339, section 5.6; the zone may be missing)."""
    found = _MOMENT.fullmatch(value)
    if found is None:
        return False
    try:
        # Year 0 is a leap year, and the one that Python does not know.
        date.fromisoformat(_LEAP.sub("2000-", found[1]))
    except ValueError:
        return False
    return True


def is_email(value: str) -> bool:
    """Tell whether a text is an e-mail address at a domain with a dot (RFC 5321, without quoted local parts)."""
    return _EMAIL.fullmatch(value) is not None


@lru_cache(maxsize=_REMEMBERED)
def is_iri(value: str) -> bool:
    """Tell whether a text is an absolute address with a host; that of a file may have a path instead."""
    parts = _PARTS.match(value)
    if parts is None or not parts["scheme"]:
        return False
    return bool(parts["host"] or (parts["scheme"] == "file" and parts["path"]))


@lru_cache(maxsize=_REMEMBERED)
def is_iri_reference(value: str) -> bool:
    """Tell whether a text is an absolute address with a host, or a relative one with a path."""
    if value.startswith(("./", "../")) or _USUAL.match(value):
        return True
    parts = _PARTS.match(value)
    if not value or parts is None:
        return False
    if is_iri(value):
        return True
    scheme = parts["scheme"]
    if scheme is None:
        return bool(parts["path"])
    unread = scheme.lower() in _EMPTY_PATH or (scheme.lower() == "urn" and ":" in parts["path"][1:])
    return bool(parts["path"]) and not unread and parts["fragment"] is not None


@lru_cache(maxsize=_REMEMBERED)
def is_uri(value: str) -> bool:
    """Tell whether a text is an absolute URI (RFC 3986, section 4.3)."""
    return _is(_URI, value)


@lru_cache(maxsize=_REMEMBERED)
def is_uri_reference(value: str) -> bool:
    """Tell whether a text is a URI or a relative reference (RFC 3986, section 4.1)."""
    return _PLAIN.fullmatch(value) is not None or _is(_REFERENCE, value)


def _is(pattern: re.Pattern[str], value: str) -> bool:
    found = pattern.fullmatch(value)
    if found is None:
        return False
    if found["six"] is None:
        return True
    from ipaddress import AddressValueError, IPv6Address

    try:
        IPv6Address(found["six"])
    except AddressValueError:
        return False
    return True


FORMATS: Final[dict[str, Callable[[str], bool]]] = {
    "date-time": is_date_time,
    "email": is_email,
    "iri": is_iri,
    "iri-reference": is_iri_reference,
    "uri": is_uri,
    "uri-reference": is_uri_reference,
}
"""The formats by their names in JSON Schema."""
