"""One search over every kind of service: what it is is found out from what it answers."""

import json
from typing import Any, Final

from earthcode_platform.discovery.asker import Asker
from earthcode_platform.errors import InputError
from earthcode_platform.models.found_data import DataQuery, SearchedData, Service
from earthcode_platform.redaction import public
from earthcode_platform.web.addresses import read_address
from earthcode_platform.web.failures import UnusableAnswerError

__all__ = ["search_data"]

_CAPABILITIES: Final = {"service": "CSW", "request": "GetCapabilities", "version": "2.0.2"}
_RECORDS: Final = "ogcapi-records"


def search_data(
    url: str, query: DataQuery, service: Service | None = None, allowed: frozenset[str] = frozenset()
) -> SearchedData:
    """Return what a service has that fits.

    Args:
        url: Address of the service: a landing page, a catalog, or the address of a CSW.
        query: What is looked for.
        service: What it is; it is found out if None.
        allowed: Hosts, as `host` or `host:port`, that it may lead to although they are not public.

    Raises:
        InputError: It is none of these services, or must not be asked.
        UnavailableError: It did not answer.
    """
    if public(url) != url:
        raise InputError(
            "the address carried a user name or password.", where=public(url), remedy="Take them out; none are sent."
        )
    with Asker(url, allowed) as asker:
        landing = b"" if service is Service.CSW else _landing(url, asker)
        kind = service or _kind(url, landing, asker)
        if kind is Service.CSW:
            from earthcode_platform.discovery.record_services import search_csw

            return search_csw(url, query, asker)
        if kind is Service.RECORDS:
            from earthcode_platform.discovery.record_services import search_records

            return search_records(url, landing, query, asker)
        from earthcode_platform.discovery.stac_services import search_stac

        return search_stac(url, query, asker, kind)


def _landing(url: str, asker: Asker) -> bytes:
    """Return what the address itself gives; nothing where it wants to be asked another way, as CSW does."""
    try:
        return asker.get(url)
    except UnusableAnswerError:
        return b""


def _kind(url: str, landing: bytes, asker: Asker) -> Service:
    document = _object(landing)
    links = document.get("links")
    held = [one for one in links if isinstance(one, dict)] if isinstance(links, list) else []
    rels = {str(one.get("rel")) for one in held}
    if "stac_version" in document:
        return Service.STAC_API if "search" in rels or document.get("conformsTo") else Service.STAC
    if document:
        declared = document.get("conformsTo") or _conformance(held, asker)
        if any(_RECORDS in str(one) for one in declared):
            return Service.RECORDS
    elif _is_csw(landing) or _is_csw(asker.get(url, _CAPABILITIES)):
        return Service.CSW
    raise UnusableAnswerError(
        "it answers neither as a STAC API or catalog, nor as OGC API Records, nor as CSW 2.0.2.",
        where=read_address(url).asked,
        remedy="Name the landing page of the service, or say what it is with --service.",
    )


def _conformance(links: list[dict[str, Any]], asker: Asker) -> list[object]:
    for link in links:
        if str(link.get("rel", "")).rpartition("/")[2] in ("conformance", "data-conformance") and link.get("href"):
            declared = _object(asker.get(str(link["href"]))).get("conformsTo")
            return declared if isinstance(declared, list) else []
    return []


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_csw(content: bytes) -> bool:
    """Tell whether this is the capabilities document, or a complaint, of a catalogue service."""
    head = content[:4000]
    return b"http://www.opengis.net/cat/csw" in head and (b"Capabilities" in head or b"ExceptionReport" in head)
