"""Licences as the Open Science Catalog names them: SPDX identifiers, or one of two words."""

from typing import Annotated, Final

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from pydantic import AfterValidator

__all__ = ["License"]

_NOT_SPDX: Final = ("various", "proprietary")


def _license(name: str) -> str:
    if name in _NOT_SPDX:
        return name
    canonical: str
    try:
        canonical = canonicalize_license_expression(name)
    except InvalidLicenseExpression:
        canonical = ""
    if not canonical or " " in canonical or canonical.startswith("LicenseRef-"):
        raise ValueError(f"{name!r} is no SPDX identifier; take one such as CC-BY-4.0, or 'various' or 'proprietary'")
    return canonical


License = Annotated[str, AfterValidator(_license)]
"""An SPDX identifier in its canonical spelling, `various` or `proprietary`."""
