"""May a product under the licence of the experiment be made from these inputs?"""

from collections.abc import Iterator
from typing import Final

from earthcode_platform.cubes.stac import is_remote, mapping, read_document, text
from earthcode_platform.errors import RefusedError
from earthcode_platform.models.experiment import Experiment
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedInput

__all__ = ["licensed"]

_FREE: Final = ("CC0-1.0", "PDDL-1.0", "0BSD", "Unlicense")
"""Licences that ask for nothing, not even for a name (SPDX)."""
_UNSAID: Final = ("", "various", "other", "proprietary")
"""Words of STAC that name no licence (STAC 1.1.0, Collection, license)."""


def licensed(pin: PinnedInput, experiment: Experiment) -> Iterator[Finding]:
    """Yield warnings where the licences of an input and of the product contradict each other.

    Creative Commons 4.0, sections 2 and 3: NoDerivatives allows no adapted material to be shared, ShareAlike wants the
    same licence on it, NonCommercial and the duty to name the author go on with it. Documents that a server keeps are
    not read again for this; the items that an API found are at hand.
    """
    product = experiment.license
    for licence in _licences(pin):
        told = _contradiction(licence, product)
        if told:
            code, message, remedy = told
            yield Finding(
                code=f"inputs-{code}",
                severity=Severity.WARNING,
                where=f"experiment.yaml: inputs.{pin.name}",
                message=message,
                remedy=remedy,
            )


def _contradiction(licence: str, product: str) -> tuple[str, str, str] | None:
    words = licence.upper().split("-")
    if licence.lower() in _UNSAID[1:]:
        told = f"its data are under {licence!r}, which names no licence; the product would be under {product}."
        return "license-unknown", told, "Look at the terms of the data, and say in the description what holds."
    if "ND" in words:
        told = f"its data are under {licence}, which allows nobody to share what is made of them."
        return "license-no-derivatives", told, "Ask its owner, or use other data."
    if "SA" in words and product != licence:
        told = f"its data are under {licence}, which wants the same licence on the product, and that is {product}."
        return "license-share-alike", told, f"Write 'license: {licence}', or use other data."
    if "NC" in words and "NC" not in product.upper().split("-"):
        told = f"its data are under {licence}, for no commercial use, and the product under {product} allows it."
        return "license-non-commercial", told, "Take a licence with NC, or use other data."
    if "BY" in words and product in _FREE:
        told = f"its data are under {licence}, whose author must be named, and {product} asks nobody to."
        return "license-attribution", told, "Take a licence that asks for a name, such as CC-BY-4.0."
    return None


def _licences(pin: PinnedInput) -> list[str]:
    """Return the licences that the collection and the items declare, each once."""
    found: dict[str, None] = {}
    for content in pin.found:
        found[text(mapping(content, "properties"), "license")] = None
    for document in pin.documents:
        if is_remote(document.href):
            continue
        try:
            content = read_document(document.href).content
        except RefusedError:
            continue  # reported already: the document changed or is gone
        found[text(content, "license") or text(mapping(content, "properties"), "license")] = None
    return [licence for licence in found if licence]
