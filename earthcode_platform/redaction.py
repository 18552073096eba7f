"""Texts that may be shown: credentials inside URLs are cut out before anything is logged or raised."""

import re
from typing import Final

__all__ = ["public"]

_USERINFO: Final = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)[^/\s?#]*@")
# A password with an unescaped '/', '?' or '#' makes no valid URL, but people write them: from a name with a colon that
# is no port, everything up to the last '@' goes.
_UNESCAPED: Final = re.compile(
    r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)[^\s/?#:@'\"<>]*:(?!\d{1,5}(?:[/?#]|$))[^\s'\"<>]*@"
)
_SIGNATURE: Final = re.compile(
    r"(?P<key>[?&](?:[^=&\s#]*(?:signature|token|secret|password|credential|api[-_]?key|access[-_]?key)[^=&\s#]*|sig|sv|se|key))"
    r"=[^&\s#]*",
    re.IGNORECASE,
)


def public(text: object) -> str:
    """Return `text` without the userinfo (RFC 3986, section 3.2.1) and the signing parameters of any URL in it.

    >>> public("cloned https://me:hunter2@example.org/x.git")
    'cloned https://example.org/x.git'
    >>> public("https://me:pa/ss#w?rd@example.org/x.git, https://example.org:8080/@me/x")
    'https://example.org/x.git, https://example.org:8080/@me/x'
    >>> public("https://example.org/a.tif?X-Amz-Signature=abc&page=2")
    'https://example.org/a.tif?X-Amz-Signature=…&page=2'
    """
    cleaned = _USERINFO.sub(r"\g<scheme>", _UNESCAPED.sub(r"\g<scheme>", str(text)))
    return _SIGNATURE.sub(r"\g<key>=…", cleaned)
