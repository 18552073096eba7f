"""What is known of a product before it is made: its place and time are those of the inputs."""

from datetime import UTC, datetime
from typing import Final, NamedTuple

from earthcode_platform.cubes.extent import item_bbox
from earthcode_platform.cubes.resolved import resolved_items
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import Novelty, Product
from earthcode_platform.models.run import EngineUsed, RunResult
from earthcode_platform.models.window import BBox

__all__ = ["LATER", "UNKNOWN", "Foreseen", "foreseen"]

LATER: Final = "archive:"
"""Beginning of addresses that the archive gives when it takes the product."""
UNKNOWN: Final = "1220" + "0" * 64
"""Stands for a checksum of what is not there yet."""


class Foreseen(NamedTuple):
    """A run and its product as they will be, as far as that is known."""

    run: RunResult
    product: Product


def foreseen(pinned: PinnedExperiment, engine: EngineUsed | None = None) -> Foreseen:
    """Return the run and the product that an experiment will have.

    Args:
        pinned: The experiment.
        engine: What ran a trial of it; without one the libraries are not known yet.

    Raises:
        IntegrityError: A STAC document changed after it was pinned.
        UnavailableError: A server did not answer.
    """
    declared, now = pinned.experiment, datetime.now(UTC)
    items = [found.item for one in pinned.inputs for found in resolved_items(one)]
    boxes = [one.bbox or _around([box for found in resolved_items(one) if (box := item_bbox(found.item.content))])
             for one in pinned.inputs]  # fmt: skip
    used = engine or EngineUsed(name=pinned.workflow.kind.value, version="noted when it runs", libraries={})
    place = f"{declared.product.id}/{declared.version}"
    run = RunResult(
        experiment=declared.id,
        fingerprint=pinned.fingerprint,
        engine=used,
        started=now,
        finished=now,
        files=(),
        quicklook="",
    )
    product = Product(
        id=declared.product.id,
        version=declared.version,
        experiment=declared.id,
        title=declared.product.title,
        prefix=place,
        collection_href=f"{LATER}/{place}/collection.json",
        item_href=f"{LATER}/{place}/{declared.product.id}/{declared.product.id}.json",
        quicklook_href=f"{LATER}/{place}/{declared.product.id}/quicklook.png",
        experiment_href=f"{LATER}/{place}/experiment/experiment.yaml",
        workflow_href=f"{LATER}/{place}/experiment/{declared.workflow.entry}",
        manifest_checksum=UNKNOWN,
        data_checksums={},
        files=(),
        bbox=_around([box for box in boxes if box is not None]) or (-180.0, -90.0, 180.0, 90.0),
        start=min((one.start for one in items), default=now),
        end=max((one.end for one in items), default=now),
        created=now,
        novelty=Novelty.NEW,
    )
    return Foreseen(run, product)


def _around(boxes: list[tuple[float, float, float, float]]) -> BBox | None:
    """Return the box around all of the boxes; None without any."""
    if not boxes:
        return None
    edges = list(zip(*boxes, strict=True))
    return min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3])
