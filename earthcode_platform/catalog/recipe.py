"""The two YAML files in an experiment's folder: what it was given, and what it ran on.

Together with the archived `experiment.yaml` they are enough to run it again; nothing in them names a path of the
machine that ran it.
"""

import platform
import posixpath
from typing import Final
from urllib.parse import quote

import yaml
from pydantic import JsonValue

from earthcode_platform import __version__
from earthcode_platform.catalog.documents import JsonObject
from earthcode_platform.catalog.submission import Submission
from earthcode_platform.models.pinned import PinnedInput
from earthcode_platform.models.product import Product
from earthcode_platform.redaction import public

__all__ = ["environment_file", "input_file"]

_INPUT_HEAD: Final = (
    "# What the experiment was given. `experiment.href` is the archived experiment: run that to run it again.\n"
)
_TOP: Final = ("collection.json", "catalog.json")
_ENVIRONMENT_HEAD: Final = "# What the experiment ran on.\n"


def input_file(submission: Submission) -> bytes:
    """Return `input.yaml`: the archived experiment, its checksums, the values and the inputs with their windows."""
    product = submission.product
    said: JsonObject = {
        "experiment": {
            "id": submission.experiment.id,
            "version": submission.experiment.version,
            "href": product.experiment_href,
            "product": product.id,
            "manifest_checksum": product.manifest_checksum,
            "data_checksums": dict(sorted(product.data_checksums.items())),
        },
        "parameters": submission.experiment.configuration,
        "inputs": {pinned.name: _input(submission, pinned) for pinned in submission.pinned.inputs},
    }
    return _INPUT_HEAD.encode() + _yaml(said)


def environment_file(submission: Submission) -> bytes:
    """Return `environment.yaml`: the engine and its libraries, the platform, the workflow and the code's commit."""
    engine, workflow, code = submission.run.engine, submission.pinned.workflow, submission.pinned.code
    named: JsonObject = {file.name: file.checksum for file in workflow.files}
    files: JsonObject = {"files": named} if named else {}
    said: JsonObject = {
        "platform": {"name": "earthcode-platform", "version": __version__},
        "python": engine.libraries.get("python", platform.python_version()),
        "engine": {
            "name": engine.name,
            "version": engine.version,
            "libraries": dict(sorted(engine.libraries.items())),
        },
        "workflow": {
            "kind": workflow.kind.value,
            "entry": submission.experiment.workflow.entry,
            "checksum": workflow.checksum,
            **files,
        },
    }
    if code is not None:
        repository: JsonObject = {"repository": public(code.repository)} if code.repository else {}
        said["code"] = {"commit": code.commit, "dirty": code.dirty, **repository}
    return _ENVIRONMENT_HEAD.encode() + _yaml(said)


def _input(submission: Submission, pinned: PinnedInput) -> JsonValue:
    local = pinned.local or pinned.href.startswith("file:")
    said: JsonObject = (
        _archived(submission.product, pinned.name)
        if local
        else {"href": public(pinned.href), "checksum": pinned.checksum}
    )
    if pinned.datetime is not None:
        said["datetime"] = str(pinned.datetime)
    if pinned.bbox is not None:
        said["bbox"] = list(pinned.bbox)
    checksums = {f"{asset.item}/{asset.key}": asset.checksum or asset.declared for asset in pinned.assets}
    said["assets"] = dict(sorted(checksums.items()))
    return said


def _archived(product: Product, name: str) -> JsonObject:
    """Return where the archive keeps its copy of a local input, with the checksum of the copy's STAC document.

    The copy lies in `inputs/<name>/` beside the archived experiment: a collection, a catalog or an item in a folder of
    its own. Without one the folder itself is named.
    """
    inside = f"inputs/{name}/"
    found = {
        key.partition(f"/{inside}")[2]: file.checksum
        for file in product.files
        if f"/{inside}" in (key := f"/{file.key}") and key.endswith(".json")
    }
    documents = sorted(found, key=lambda key: (key not in _TOP, key.count("/"), key))
    folder = f"{posixpath.dirname(product.experiment_href)}/{inside}"
    if not documents:
        return {"href": folder}
    return {"href": folder + quote(documents[0]), "checksum": found[documents[0]]}


class _Dumper(yaml.SafeDumper):
    """Writes equal lists twice instead of an anchor and an alias, which few people read."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


def _yaml(said: JsonObject) -> bytes:
    return yaml.dump(said, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000).encode()
