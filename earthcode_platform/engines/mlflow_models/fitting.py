"""Whether a model and its input fit: each column has a band, of a type that it can take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from earthcode_platform.cubes.bands import band_names
from earthcode_platform.cubes.resolved import resolved_items
from earthcode_platform.engines.mlflow_models.choices import DATA, RESERVED, Choices, Composite
from earthcode_platform.engines.mlflow_models.document import finding
from earthcode_platform.errors import EarthCodeError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from earthcode_platform.cubes.assets import BandSource
    from earthcode_platform.engines.mlflow_models.document import Model
    from earthcode_platform.engines.mlflow_models.signature import Signature
    from earthcode_platform.models.finding import Finding
    from earthcode_platform.models.pinned import PinnedInput

__all__ = ["fit"]

_BANDS: Final = "experiment.yaml: configuration.bands"


def fit(model: Model, signature: Signature, choices: Choices, inputs: Sequence[PinnedInput]) -> Iterator[Finding]:
    """Yield where the model's columns, its outputs and the experiment's choices do not fit the input's bands."""
    yield from _reserved(model, signature)
    yield from _outputs(model, signature, choices)
    if len(choices.bands) != len(signature.inputs):
        yield _count(model, signature, choices)
        return
    data = next((pinned for pinned in inputs if pinned.name == DATA), None)
    if data is None:
        return  # the configuration gate says that it is missing
    known = band_names(data)
    described = _described(data)
    for column, band in zip(signature.inputs, choices.bands, strict=True):
        place = f"{model.name}: signature, column {column.name or band!r}"
        if known is not None and band not in known:
            yield _unknown(place, f"the column {column.name or band!r}", band, known)
        else:
            yield from _typed(place, column.name or band, column.dtype, described.get(band), choices)
    if choices.mask_band and known is not None and choices.mask_band not in known:
        yield _unknown("experiment.yaml: configuration.mask_band", "the mask", choices.mask_band, known)
    if bool(choices.mask_band) != bool(choices.mask_values):
        message = "mask_band and mask_values go together, and one of them is missing."
        yield finding("half-mask", "experiment.yaml: configuration", message, "Give both, or neither.")


def _reserved(model: Model, signature: Signature) -> Iterator[Finding]:
    for parameter in signature.parameters:
        if parameter.name in RESERVED:
            message = f"its parameter {parameter.name!r} is called like a value that every model takes here."
            remedy = "Give the parameter another name, and save the model anew."
            yield finding("reserved-parameter", f"{model.name}: signature.params", message, remedy)


def _outputs(model: Model, signature: Signature, choices: Choices) -> Iterator[Finding]:
    known = [output.name for output in signature.outputs]
    for name in choices.outputs:
        if name not in known:
            close = nearest(name, known)
            remedy = f"Did you mean {close!r}?" if close else f"It gives: {', '.join(known)}."
            where = "experiment.yaml: configuration.outputs"
            yield finding("unknown-output", where, f"{model.name} gives no output {name!r}.", remedy)


def _count(model: Model, signature: Signature, choices: Choices) -> Finding:
    taken = len(signature.inputs)
    if not choices.bands:
        message = f"the columns of {model.name} have no names; it takes {taken} bands, and none is named."
        return finding("band-count", _BANDS, message, "Name them in the order in which it was trained: bands: […].")
    message = f"it names {len(choices.bands)} bands ({', '.join(choices.bands)}), and {model.name} takes {taken}."
    columns = ", ".join(column.name for column in signature.inputs)
    return finding("band-count", _BANDS, message, f"Its columns are: {columns}." if columns.strip(", ") else "")


def _unknown(where: str, what: str, band: str, known: frozenset[str]) -> Finding:
    close = nearest(band, known)
    remedy = f"Did you mean {close!r}?" if close else f"Known: {', '.join(sorted(known)) or 'none'}."
    return finding("unknown-band", where, f"{what} wants the band {band!r}, which the input does not have.", remedy)


def _described(data: PinnedInput) -> dict[str, BandSource]:
    """Return the raster bands that the first item describes, by every name they go by; empty if it is not reachable."""
    try:
        items = resolved_items(data, 1)[:1]
        bands = [band for found in items for band in found.raster_bands()]
    except (EarthCodeError, OSError):
        return {}
    return {name: band for band in bands for name in (band.common_name, band.name, band.asset, band.label) if name}


def _typed(where: str, column: str, dtype: str, source: BandSource | None, choices: Choices) -> Iterator[Finding]:
    """Yield whether a column of whole numbers would get others."""
    if np.dtype(dtype).kind not in "iub":
        return
    if choices.composite in (Composite.MEAN, Composite.MEDIAN):
        message = f"the column {column!r} takes whole numbers ({dtype}), and a {choices.composite} gives others."
        yield finding("column-type", where, message, "Choose composite: first, or train it on float or double.")
    if source is None or not source.data_type:
        return
    stored = np.dtype(source.data_type)
    if stored.kind not in "iub" or (source.scale, source.offset) != (1.0, 0.0):
        told = f"{source.data_type} times {source.scale:g}" if stored.kind in "iub" else source.data_type
        message = f"the column {column!r} takes whole numbers ({dtype}), and the band {source.label!r} holds {told}."
        yield finding("column-type", where, message, "Train it on the values of the band, as float or double.")
    elif np.dtype(dtype).itemsize < stored.itemsize:
        message = f"the column {column!r} is {dtype}, and the band {source.label!r} holds larger numbers, {stored}."
        yield finding("column-type", where, message, "Train it on a wider type.")
