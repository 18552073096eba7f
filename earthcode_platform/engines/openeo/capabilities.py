"""The documents by which an openEO back-end says what it can do (openEO API 1.2), as far as they are true of this one.

A provider who puts an openEO API in front of the platform publishes them, and adds the endpoints of that API. By
themselves they offer discovery: no data, no jobs.
"""

from __future__ import annotations

from typing import Any, Final

from earthcode_platform import __version__
from earthcode_platform.engines.openeo.describing import described
from earthcode_platform.engines.openeo.formats import file_formats
from earthcode_platform.errors import InputError
from earthcode_platform.redaction import public
from earthcode_platform.web.addresses import read_address

__all__ = ["API_VERSION", "documents"]

API_VERSION: Final = "1.2.0"
"""Version of the openEO API that the documents follow."""
_STAC_VERSION: Final = "1.1.0"
_CONFORMANCE: Final = [f"https://api.openeo.org/{API_VERSION}"]
_OFFERED: Final = ("/collections", "/conformance", "/file_formats", "/processes")


def documents(url: str, production: bool = False) -> dict[str, dict[str, Any]]:  # noqa: FBT001, FBT002 - a flag of the API
    """Return the documents by the path at which a back-end serves them.

    Args:
        url: Address at which the back-end will stand, without a version's documents.
        production: Whether it is ready for production (openEO API 1.2, `GET /`).

    Raises:
        InputError: It is no HTTP address, or carries credentials.
    """
    root = _root(url)
    return {
        "/": _capabilities(root, production=production),
        "/.well-known/openeo": {
            "versions": [{"url": root, "api_version": API_VERSION, "production": production}],
        },
        "/collections": {"collections": [], "links": [_link("root", root)]},
        "/conformance": {"conformsTo": _CONFORMANCE},
        "/file_formats": _file_formats(),
        "/processes": described(),
    }


def _root(url: str) -> str:
    if public(url) != url:
        raise InputError(
            "the address carried a user name, password or signature.", where=url, remedy="Leave it out of the address."
        )
    address = read_address(url)
    if "?" in address.target or address.fragment:
        raise InputError("the address has a query or a fragment.", where=url, remedy="Name the root of the API.")
    return address.asked.rstrip("/")


def _capabilities(root: str, *, production: bool) -> dict[str, Any]:
    return {
        "api_version": API_VERSION,
        "backend_version": __version__,
        "stac_version": _STAC_VERSION,
        "type": "Catalog",
        "id": "earthcode-platform",
        "title": "EarthCODE platform",
        "description": "openEO process graphs on lazy cubes from STAC, computed by Dask. This service offers "
        "discovery: processes and file formats. Inputs are STAC documents that an experiment names.",
        "conformsTo": _CONFORMANCE,
        "production": production,
        "endpoints": [{"path": path, "methods": ["GET"]} for path in _OFFERED],
        "links": [
            _link("version-history", f"{root}/.well-known/openeo"),
            _link("conformance", f"{root}/conformance"),
            _link("data", f"{root}/collections"),
        ],
    }


def _file_formats() -> dict[str, Any]:
    """Return the formats with their options; a GeoTIFF is a cloud-optimised one under its other name."""
    found = file_formats()
    return {**found, "output": {**found["output"], "GTiff": found["output"]["COG"]}}


def _link(rel: str, href: str) -> dict[str, str]:
    return {"rel": rel, "href": href, "type": "application/json"}
