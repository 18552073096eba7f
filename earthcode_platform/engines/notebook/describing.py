"""The outputs of a notebook as files of a product: data, described from the files, and what goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from earthcode_platform.cubes.produced import describe_produced, format_of
from earthcode_platform.cubes.resolved import resolved_items
from earthcode_platform.engines.notebook.collecting import attach
from earthcode_platform.errors import ExecutionError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from earthcode_platform.engines.notebook.collecting import Collected
    from earthcode_platform.models.pinned import PinnedExperiment
    from earthcode_platform.models.run import AttachedFile, ProducedFile

__all__ = ["describe_outputs"]


def describe_outputs(
    outputs: Sequence[Collected], pinned: PinnedExperiment
) -> tuple[tuple[ProducedFile, ...], list[AttachedFile]]:
    """Return the product's data files, and the other files that go with them.

    Raises:
        ExecutionError: No output is data, or one is not in the format of the product, or cannot be read.
    """
    product = pinned.experiment.product
    data = [each for each in outputs if format_of(each.path) is not None]
    if not data:
        listed = ", ".join(each.output.file for each in outputs)
        raise ExecutionError(
            f"none of its outputs is data of the format {product.format}: {listed}.",
            where="output_folder",
            remedy=f"Write the product there, such as output_folder + '/{product.id}.tif'.",
        )
    items = [found.item for entry in pinned.inputs for found in resolved_items(entry)]
    start, end = min(item.start for item in items), max(item.end for item in items)
    files = []
    for each in data:
        if format_of(each.path) is not product.format:
            raise ExecutionError(
                f"{each.output.file!r} is no {product.format}, which the experiment wants.",
                where=f"output {each.output.name!r}",
                remedy="Write it so, or change product.format in experiment.yaml.",
            )
        title = each.output.title or (product.title if len(data) == 1 else f"{product.title}: {each.output.name}")
        try:
            files.append(describe_produced(each.path, title, start, end))
        except InputError as error:
            where = f"output {each.output.name!r}"
            message = error.message.replace(str(each.path), each.output.file)
            raise ExecutionError(f"{each.output.file}: {message}", where=where, remedy=error.remedy) from None
    others = [attach(each.path, each.output.name, each.output.title or each.output.file) for each in outputs
              if each not in data]  # fmt: skip
    return tuple(files), others
