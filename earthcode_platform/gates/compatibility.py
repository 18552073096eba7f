"""Can this platform run the experiment and keep its product, and if not, which one can?

Whether an engine runs the kind of the workflow is told as `workflow-no-engine` and `workflow-runs-elsewhere`; here are
the limits that a run would meet after hours of computing.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from earthcode_platform import checksums
from earthcode_platform.gates.elsewhere import who_runs
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedAsset, PinnedExperiment
from earthcode_platform.models.platform import ProcessingPlatform
from earthcode_platform.provenance.package import LARGEST_INPUTS

__all__ = ["check"]


def check(
    pinned: PinnedExperiment, platforms: Sequence[ProcessingPlatform] = (), largest: int = LARGEST_INPUTS
) -> Iterator[Finding]:
    """Yield an error if the archive would refuse the local inputs, which travel with the product.

    Args:
        pinned: The experiment.
        platforms: The platforms that this installation knows.
        largest: Bytes of local input data that the archive takes.
    """
    size = sum(_bytes(asset) for pin in pinned.inputs if pin.local for asset in pin.assets)
    if size <= largest:
        return
    able = who_runs(pinned.workflow.kind, platforms)
    elsewhere = f" Workflows of this kind run also on {able}." if able else ""
    yield Finding(
        code="compatibility-inputs-too-large",
        severity=Severity.ERROR,
        where="experiment.yaml: inputs",
        message=f"the local inputs hold {size:,} bytes, and a product carries {largest:,} of them at most.",
        remedy=f"Put them behind a URL of their own, and name that as the input's href.{elsewhere}",
    )


def _bytes(asset: PinnedAsset) -> int:
    path = Path(asset.href)
    if "://" in asset.href or not path.exists():
        return 0  # a missing file is told by the gate of the inputs
    return checksums.size_of(path)
