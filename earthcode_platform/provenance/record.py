"""The record of a run: what ran, on what, with what, in a file that travels with the product."""

import json
import platform
import sys

from pydantic import JsonValue

from earthcode_platform import __version__
from earthcode_platform.models.pinned import PinnedExperiment, PinnedInput
from earthcode_platform.models.run import RunResult

__all__ = ["record"]


def record(pinned: PinnedExperiment, run: RunResult) -> str:
    """Return, as JSON, what decided the product and what did not, without a path of the machine that ran it.

    The terms follow W3C PROV: an activity (the run) used entities (workflow, inputs, configuration), was carried out
    by agents (engine, platform, people) and generated entities (the files).
    """
    experiment = pinned.experiment
    content: dict[str, JsonValue] = {
        "experiment": {"id": experiment.id, "version": experiment.version, "fingerprint": pinned.fingerprint},
        "activity": {"started": run.started.isoformat(), "finished": run.finished.isoformat()},
        "used": {
            "workflow": {
                "kind": pinned.workflow.kind,
                "entry": experiment.workflow.entry,
                "checksum": pinned.workflow.checksum,
                **_files(pinned),
            },
            "code": pinned.code.model_dump(mode="json") if pinned.code else None,
            "configuration": dict(experiment.configuration),
            "inputs": {pin.name: _used(pin) for pin in pinned.inputs},
        },
        "agents": {
            "platform": {"name": "earthcode-platform", "version": __version__},
            "engine": run.engine.model_dump(mode="json", exclude_none=True),
            "python": platform.python_version(),
            "system": f"{sys.platform}-{platform.machine()}",
            "people": [contact.model_dump(mode="json", exclude_none=True) for contact in experiment.contacts],
        },
        **_waived(pinned),
        "generated": {key: produced.data_checksum for key, produced in run.assets.items()},
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _files(pinned: PinnedExperiment) -> dict[str, JsonValue]:
    files: JsonValue = {file.name: file.checksum for file in pinned.workflow.files}
    return {"files": files} if files else {}


def _waived(pinned: PinnedExperiment) -> dict[str, JsonValue]:
    told: list[JsonValue] = [
        {
            "code": one.finding.code,
            "where": one.finding.where.replace(pinned.folder, "."),
            "message": one.finding.message.replace(pinned.folder, "."),
            **one.waiver.model_dump(mode="json", include={"reason", "by", "until"}, exclude_none=True),
        }
        for one in pinned.waived
    ]
    return {"waived": told} if told else {}


def _used(pin: PinnedInput) -> dict[str, JsonValue]:
    return {
        "href": None if pin.local else pin.href,
        "checksum": pin.checksum,
        "datetime": None if pin.datetime is None else str(pin.datetime),
        "bbox": None if pin.bbox is None else list(pin.bbox),
        "assets": [
            {"item": asset.item, "key": asset.key, "checksum": asset.checksum or asset.declared} for asset in pin.assets
        ],
    }
