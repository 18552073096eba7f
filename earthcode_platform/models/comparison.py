"""The verdict of a rerun."""

from enum import StrEnum

from earthcode_platform.models.frozen import Checksum, Frozen

__all__ = ["ComparedAsset", "Comparison", "Verdict"]


class Verdict(StrEnum):
    """How a rerun's product relates to the published one."""

    IDENTICAL = "identical"
    """Every value, coordinate and CRS is the same."""
    DIFFERENT = "different"
    """At least one differs; `assets` says which."""


class ComparedAsset(Frozen):
    """One data asset of the published product beside the rerun's."""

    key: str
    """Its key in the STAC item."""
    published: Checksum | None
    """Checksum of the published values; None if only the rerun has it."""
    rerun: Checksum | None
    """Checksum of the rerun's values; None if only the published product has it."""

    @property
    def equal(self) -> bool:
        """Whether both exist and hold the same values."""
        return self.published is not None and self.published == self.rerun


class Comparison(Frozen):
    """One verdict for the whole product."""

    experiment: str
    """Id of the experiment."""
    product: str
    """Id of the product."""
    version: str
    """Version that was published."""
    verdict: Verdict
    """The verdict."""
    assets: tuple[ComparedAsset, ...]
    """What it rests on."""
