"""The experiment after `develop`: everything it uses is named by place and checksum."""

import hashlib
import json

from pydantic import JsonValue

from earthcode_platform.models.experiment import Experiment, Grouping, WorkflowKind
from earthcode_platform.models.frozen import Checksum, Frozen
from earthcode_platform.models.policy import Waived
from earthcode_platform.models.window import BBox, TimeWindow

__all__ = ["CodeVersion", "PinnedAsset", "PinnedExperiment", "PinnedFile", "PinnedInput", "PinnedWorkflow"]


class PinnedAsset(Frozen):
    """One file of an input."""

    item: str
    """Id of the STAC item it belongs to."""
    key: str
    """Its key in the item's assets."""
    href: str
    """Absolute path or URL."""
    media_type: str | None = None
    """What the item says it is."""
    size: int | None = None
    """Bytes, as the item declares (`file:size`)."""
    declared: Checksum | None = None
    """Checksum that the item declares (`file:checksum`)."""
    checksum: Checksum | None = None
    """Checksum of the bytes that were read; None for a remote asset, which is not downloaded to be pinned."""


class PinnedInput(Frozen):
    """One input, resolved to the assets of the items inside its window."""

    name: str
    """The name in `experiment.yaml`."""
    href: str
    """Absolute path or URL of the STAC document."""
    checksum: Checksum
    """Checksum of the STAC document."""
    declared: Checksum | None = None
    """Checksum that the experiment demands of it."""
    stands_for: str | None = None
    """What the workflow calls it, if not by its name."""
    datetime: TimeWindow | None = None
    """Window in time."""
    bbox: BBox | None = None
    """Window in space: west, south, east, north in degrees, EPSG:4326."""
    group: Grouping = Grouping.MOMENT
    """Which items become one date."""
    documents: tuple[PinnedAsset, ...] = ()
    """The STAC documents that were read on the way: the one at `href` and the items below it."""
    found: tuple[dict[str, JsonValue], ...] = ()
    """The items that an API found, as it described them, with absolute hrefs; none where documents are read again."""
    assets: tuple[PinnedAsset, ...] = ()
    """The files that hold the data, in the order of time."""

    @property
    def local(self) -> bool:
        """Whether the STAC document lies on a file system of this machine."""
        return "://" not in self.href


class PinnedFile(Frozen):
    """A further file that the workflow uses."""

    name: str
    """Its path below the experiment's folder, with forward slashes."""
    path: str
    """Absolute path."""
    checksum: Checksum
    """Checksum of its bytes."""
    addresses: tuple[str, ...] = ()
    """URLs for which the workflow reads it."""


class PinnedWorkflow(Frozen):
    """The workflow's files, named by checksum."""

    kind: WorkflowKind
    """Its language."""
    path: str
    """Absolute path of its entry file."""
    checksum: Checksum
    """Checksum of that file."""
    name: str = ""
    """Path of the entry file below the experiment's folder, with forward slashes; its file name if empty."""
    files: tuple[PinnedFile, ...] = ()
    """The further files that it uses, by name."""


class CodeVersion(Frozen):
    """The git commit that the experiment's folder was at."""

    commit: str
    """Full hash."""
    dirty: bool
    """Whether files of the folder differed from it."""
    repository: str | None = None
    """Where it was cloned from, without userinfo."""


class PinnedExperiment(Frozen):
    """An experiment of which every part is fixed."""

    experiment: Experiment
    """What its author declared, run-time overrides applied."""
    folder: str
    """Absolute path of its folder."""
    workflow: PinnedWorkflow
    """What will run."""
    inputs: tuple[PinnedInput, ...]
    """What it will read."""
    code: CodeVersion | None = None
    """The commit it comes from; None outside a git work tree."""
    waived: tuple[Waived, ...] = ()
    """Findings that did not count, and who answers for them."""
    expectations: PinnedFile | None = None
    """What its author expects of the values of inputs and product; None if nothing. It does not decide the result."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 in hexadecimal over what decides the result: workflow, inputs by content, configuration, format."""
        decides = {
            "workflow": [self.workflow.kind, self.workflow.checksum, *self._files()],
            "inputs": [
                [
                    pinned.name,
                    str(pinned.datetime),
                    pinned.bbox,
                    [asset.checksum or asset.declared or asset.href for asset in pinned.assets],
                    *([pinned.stands_for] if pinned.stands_for else []),
                    # What is not asked for is not told: fingerprints of before stay.
                    *([{"group": pinned.group}] if pinned.group is not Grouping.MOMENT else []),
                ]
                for pinned in self.inputs
            ],
            "configuration": self.experiment.configuration,
            "format": self.experiment.product.format,
        }
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()

    def _files(self) -> list[object]:
        """Return what the workflow's further files add to the fingerprint; a workflow of one file adds nothing."""
        if not self.workflow.files:
            return []
        # Files refer to each other by place, so the places count too.
        return [self.workflow.name, [[file.name, file.checksum, *file.addresses] for file in self.workflow.files]]
