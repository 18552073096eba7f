"""Where a credential may be sent, and a provider that does not take it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from earthcode_platform.errors import InputError
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.web.addresses import is_public, literal, read_address

if TYPE_CHECKING:
    from earthcode_platform.web.addresses import Address

__all__ = ["NotAllowedError", "require_safe"]


class NotAllowedError(InputError):
    """The provider does not take the credentials, or not for this."""

    def finding(self) -> Finding:
        """Return it as what a check found."""
        return Finding(
            code="workflow-backend-rights",
            severity=Severity.ERROR,
            where=self.where,
            message=self.message,
            remedy=self.remedy,
        )


def require_safe(url: str) -> Address:
    """Return the address, to which a credential may be sent: by https, or within this machine.

    Raises:
        InputError: It is neither.
    """
    address = read_address(url)
    if address.scheme == "https" or _within_machine(address.host):
        return address
    raise InputError(
        "credentials are sent by https alone.", where=address.url, remedy="Name an address that begins with https://."
    )


def _within_machine(host: str) -> bool:
    ip = literal(host)
    return host == "localhost" or (ip is not None and not is_public(ip) and (ip.startswith("127.") or ip == "::1"))
