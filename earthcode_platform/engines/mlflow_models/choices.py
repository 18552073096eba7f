"""What an experiment chooses when it applies a model: the bands, and how dates become one picture."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from earthcode_platform.models.workflow import Parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from earthcode_platform.engines.mlflow_models.signature import Signature

__all__ = ["DATA", "PARAMETERS", "RESERVED", "Choices", "Composite"]

DATA: Final = "data"
"""Name of the input whose pixels a model is applied to."""


class Composite(StrEnum):
    """How the dates of the input become what the model is applied to."""

    NONE = "none"
    """Each date by itself."""
    FIRST = "first"
    """The first date with data, of each pixel and band."""
    MEAN = "mean"
    """The mean over the dates."""
    MEDIAN = "median"
    """The median over the dates."""


_TEXTS: Final[dict[str, JsonValue]] = {"type": "array", "items": {"type": "string"}, "minItems": 1}

PARAMETERS: Final = (
    Parameter(
        name=DATA,
        description="STAC item, collection or catalog whose bands are the columns of the model",
        json_schema={},
        required=True,
    ),
    Parameter(
        name="bands",
        description="The band for each column of the model, in the model's order; the column's own name if left out",
        json_schema=_TEXTS,
        required=False,
    ),
    Parameter(
        name="composite",
        description="How the dates become one picture before the model is applied; 'none' applies it to each date",
        json_schema={"type": "string", "enum": [*map(str, Composite)]},
        required=False,
        default=Composite.NONE.value,
    ),
    Parameter(
        name="mask_band",
        description="A band whose values tell which pixels are no data, such as SCL",
        json_schema={"type": "string"},
        required=False,
    ),
    Parameter(
        name="mask_values",
        description="The values of mask_band that mean no data",
        json_schema={"type": "array", "items": {"type": "number"}, "minItems": 1},
        required=False,
    ),
    Parameter(
        name="outputs",
        description="Which of the model's outputs the product holds, by name; all if left out",
        json_schema=_TEXTS,
        required=False,
    ),
)
"""What every model takes, beyond its own parameters."""
RESERVED: Final = frozenset(parameter.name for parameter in PARAMETERS)


@dataclass(frozen=True, slots=True)
class Choices:
    """The values of one experiment."""

    bands: tuple[str, ...]
    """The band for each column; empty if that is not known."""
    composite: Composite
    """How dates become one picture."""
    mask_band: str
    """The band that tells what is no data; empty for none."""
    mask_values: tuple[float, ...]
    """Its values that mean no data."""
    outputs: tuple[str, ...]
    """Names of the outputs wanted; empty for all."""
    parameters: dict[str, JsonValue]
    """Values for the model's own parameters."""

    @classmethod
    def of(cls, configuration: Mapping[str, JsonValue], signature: Signature) -> Choices:
        """Return the choices of a configuration; values that do not fit are left out: the configuration gate tells."""
        named = tuple(column.name for column in signature.inputs) if signature.named else ()
        composite = configuration.get("composite")
        own = {parameter.name: parameter for parameter in signature.parameters}
        return cls(
            bands=_texts(configuration.get("bands")) or named,
            composite=Composite(composite) if composite in tuple(Composite) else Composite.NONE,
            mask_band=str(configuration.get("mask_band") or ""),
            mask_values=_numbers(configuration.get("mask_values")),
            outputs=_texts(configuration.get("outputs")),
            parameters={name: configuration.get(name, parameter.default) for name, parameter in own.items()},
        )

    @property
    def loaded(self) -> tuple[str, ...]:
        """The bands that are read, each once: those of the columns, and the mask."""
        return tuple(dict.fromkeys((*self.bands, *([self.mask_band] if self.mask_band else []))))


def _texts(value: JsonValue) -> tuple[str, ...]:
    return tuple(entry for entry in value if isinstance(entry, str)) if isinstance(value, list) else ()


def _numbers(value: JsonValue) -> tuple[float, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(float(entry) for entry in value if isinstance(entry, int | float) and not isinstance(entry, bool))
