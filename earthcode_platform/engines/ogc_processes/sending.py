"""What a job is given: the experiment's values, and the addresses of its inputs, as the process takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.application_packages.finding import found
from earthcode_platform.application_packages.parameters import files_in
from earthcode_platform.application_packages.types import Shape, shape_of
from earthcode_platform.cubes.resolved import resolved_items
from earthcode_platform.cubes.stac import is_remote
from earthcode_platform.engines.ogc_processes.offers import breaches
from earthcode_platform.errors import RefusedError
from earthcode_platform.redaction import public
from earthcode_platform.web.addresses import is_local_name, is_public, literal, read_address

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import JsonValue

    from earthcode_platform.application_packages.document import Package
    from earthcode_platform.models.finding import Finding
    from earthcode_platform.models.pinned import PinnedInput

__all__ = ["Addresses", "addresses_of", "check_sending", "job_inputs"]

_ITEM: Final = "application/geo+json"
_HTTP: Final = ("http://", "https://")
_OWN: Final = ("canonical", "self")
_SAMPLE: Final = "https://example.org/item.json"

Addresses = dict[str, list[str]]
"""The addresses of the STAC items of each input, by its name."""


def addresses_of(inputs: Sequence[PinnedInput]) -> Addresses:
    """Return the addresses at which a provider would read the items of the inputs: their places, or where they say.

    An item that has no document of its own, and does not say where it is, has an empty one.

    Raises:
        IntegrityError: A STAC document changed after it was pinned.
        UnavailableError: The server of an input does not answer.
    """
    return {pinned.name: _addresses(pinned) for pinned in inputs}


def _addresses(pinned: PinnedInput) -> list[str]:
    try:
        items = [one.item for one in resolved_items(pinned)]
    except RefusedError:
        return []  # the input cannot be read, which the inputs gate reports
    return [one.document.href if one.document.kind == "Feature" else _self(one.content) for one in items]


def _self(content: Mapping[str, JsonValue]) -> str:
    """Return the address that an item gives itself, which what a search found keeps as its canonical one."""
    links = content.get("links")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("rel") in _OWN and str(link.get("href", "")).startswith(_HTTP):
            return str(link["href"])
    return ""


def check_sending(
    package: Package, inputs: Sequence[PinnedInput], addresses: Addresses, values: Mapping[str, JsonValue], url: str
) -> Iterator[Finding]:
    """Yield the inputs and values that cannot be sent to the provider at `url`."""
    known = package.main.inputs if package.main else {}
    private = _is_private(read_address(url).host)
    for pinned in inputs:
        where = f"experiment.yaml: inputs.{pinned.name}"
        hrefs = addresses[pinned.name]
        shape = shape_of(known.get(pinned.name, {}).get("type"))
        if shape in (Shape.DIRECTORY, Shape.ADDRESS) and len(hrefs) > 1:
            message = f"the workflow takes {pinned.name!r} as one {shape}, and the input has {len(hrefs)} items."
            remedy = f"Narrow the input to one item, or let the workflow take a {shape}[]: each is sent by its address."
            yield found("several-items", where, message, remedy)
        told = (_unreachable(href, pinned, where, private=private) for href in hrefs or [""])
        yield from [one for one in told if one is not None][:1]
    for name, value in values.items():
        if any(files_in(value)):
            message = f"the value of {name!r} is a file of the experiment, which the provider would not have."
            remedy = "Put it into the image of the tool, or run the experiment here."
            yield found("local-file", f"experiment.yaml: configuration.{name}", message, remedy)


def _unreachable(href: str, pinned: PinnedInput, where: str, *, private: bool) -> Finding | None:
    name = pinned.name
    if not href and not pinned.local:
        message = f"an item of the input {name!r} has no address of its own by which a provider could be told of it."
        remedy = "Name items that are documents, or that link to themselves (rel: self), or run the experiment here."
        return found("unreachable-input", where, message, remedy)
    if not is_remote(href):
        message = f"the input {name!r} lies on this machine, where the provider cannot read it."
        remedy = "Put it behind a public address, or run the experiment here."
        return found("local-input", where, message, remedy)
    if href.startswith(_HTTP) and public(href) == href and (private or not _is_private(read_address(href).host)):
        return None
    message = f"an item of the input {name!r} is at {public(href)!r}, which is no public address."
    remedy = "Put it behind an address that everybody may read, or run the experiment here."
    return found("unreachable-input", where, message, remedy)


def _is_private(host: str) -> bool:
    ip = literal(host)
    return is_local_name(host) or (ip is not None and not is_public(ip))


def job_inputs(
    package: Package,
    addresses: Addresses,
    values: Mapping[str, JsonValue],
    described: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the inputs of a job (OGC 18-062r2, section 7.11.2.2).

    An item is named by its address: as a text where the process takes texts, else as a reference that it follows.

    Args:
        package: The package.
        addresses: The items of its inputs.
        values: The experiment's values.
        described: The inputs of the process, by id, as the provider describes them.
    """
    known = package.main.inputs if package.main else {}
    sent: dict[str, Any] = dict(values)
    for name, hrefs in addresses.items():
        shape = shape_of(known.get(name, {}).get("type"))
        schema = described.get(name, {}).get("schema")
        text = shape in (Shape.ADDRESS, Shape.ADDRESSES) or _takes_text(schema)
        named = [href if text else {"href": href, "type": _ITEM} for href in hrefs]
        sent[name] = named if shape in (Shape.DIRECTORIES, Shape.ADDRESSES) else named[0]
    return sent


def _takes_text(schema: object) -> bool:
    """Tell whether a schema, or that of its elements, takes an address as a text."""
    inner = schema.get("items", schema) if isinstance(schema, dict) and schema.get("type") == "array" else schema
    return isinstance(inner, dict) and bool(inner) and breaches(_SAMPLE, inner) == []
