"""What is known of a product before it is made: its place and time are those of the inputs."""

from datetime import UTC, datetime
from typing import Final, NamedTuple

from earthcode_platform.cubes.input_extent import input_place, input_span
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.product import Novelty, Product
from earthcode_platform.models.run import EngineUsed, RunResult

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
    start, end = input_span(pinned)
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
        bbox=input_place(pinned) or (-180.0, -90.0, 180.0, 90.0),
        start=start,
        end=end,
        created=now,
        novelty=Novelty.NEW,
    )
    return Foreseen(run, product)
