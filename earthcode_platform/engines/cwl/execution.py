"""One run of a package: staged, conducted in an isolated child, its containers brokered, and nothing left of it."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from earthcode_platform.application_packages.parameters import files_in
from earthcode_platform.application_packages.validity import entry_of
from earthcode_platform.engines.cwl.broker import Broker
from earthcode_platform.engines.cwl.following import Following
from earthcode_platform.engines.cwl.needs import asks_network, images_of
from earthcode_platform.engines.cwl.orders import Order
from earthcode_platform.errors import ExecutionError
from earthcode_platform.isolation.isolated import Isolated
from earthcode_platform.isolation.limits import Ended, EndedBy, Limits
from earthcode_platform.redaction import public

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping

    from pydantic import JsonValue

    from earthcode_platform.application_packages.document import Package
    from earthcode_platform.engines.contract import Progress
    from earthcode_platform.engines.cwl.runtimes import Runtime
    from earthcode_platform.engines.cwl.settings import Settings

__all__ = ["Execution"]

_CONDUCTOR: Final = "earthcode_platform.engines.cwl.conductor"
_OWN_MIB: Final = 1024
"""Memory of the conductor itself."""
_OWN_PROCESSES: Final = 64
_TAIL: Final = 1500
_SHARE: Final = (0.1, 0.9)
"""Part of the progress in which tools run."""
_MIB: Final = 1024**2


@dataclass
class Execution:
    """A package that runs once, in a folder of its own that goes when the `with` block is left."""

    package: Package
    settings: Settings
    runtime: Runtime | None
    workspace: Path
    progress: Progress | None = None
    cancelled: threading.Event | None = None
    digests: dict[str, str] = field(default_factory=dict)
    """Images that were there, by name, with their digest."""
    isolation: str = ""
    """How far tools without a container were kept from everything else; empty before the run."""

    def __enter__(self) -> Self:
        self.workspace.mkdir(parents=True, exist_ok=True)
        self._folder = tempfile.TemporaryDirectory(prefix=".cwl-", dir=self.workspace)
        self.folder = Path(self._folder.name).resolve()
        for name in ("inputs", "work"):
            (self.folder / name).mkdir()
        for name in ("out", "scratch", "logs"):
            (self.work / name).mkdir()
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    @property
    def inputs(self) -> Path:
        """Where inputs are staged; tools can read it."""
        return self.folder / "inputs"

    @property
    def work(self) -> Path:
        """Where tools write."""
        return self.folder / "work"

    @property
    def outputs(self) -> Path:
        """What the workflow hands back lies below it."""
        return self.work / "out"

    def run(self, values: Mapping[str, JsonValue], *, by_address: bool = False) -> Mapping[str, Any]:
        """Run the package and return its outputs, as cwltool tells them.

        Args:
            values: A value for each input of the workflow.
            by_address: Whether tools take staged inputs by their address, so that containers must see them there.

        Raises:
            ExecutionError: A tool failed, or went beyond its limits; the message names its step.
            UnavailableError: An image could not be pulled.
        """
        self._images()
        with ExitStack() as stack:
            socket = ""
            if self.runtime is not None and self.digests:
                broker = Broker(
                    self.runtime, self.digests, (self.package.folder, self.inputs), (self.work,),
                    network=self.settings.network,
                )  # fmt: skip
                socket = str(stack.enter_context(broker).path)
            order = self._order(values, socket, visible=by_address)
            path = self.work / "order.json"
            path.write_text(order.model_dump_json(), encoding="utf-8")
            following = Following(self._steps(), self.progress, _SHARE)
            ended = self._isolated(socket).run(
                [sys.executable, "-m", _CONDUCTOR, str(path)], following.line, self.cancelled
            )
        self.isolation = str(ended.isolation)
        if following.status == "success" and ended.well:
            return following.outputs
        self._keep_logs()
        raise self._failure(following, ended)

    def _images(self) -> None:
        if self.runtime is None:
            return
        for name in dict.fromkeys(wanted.name for wanted in images_of(self.package) if wanted.name):
            digest = self.runtime.digest(name)
            if not digest and self.settings.pull:
                self.runtime.pull(name)
                digest = self.runtime.digest(name)
            if digest:
                self.digests[name] = digest

    def _order(self, values: Mapping[str, JsonValue], socket: str, *, visible: bool) -> Order:
        settings = self.settings
        return Order(
            entry=entry_of(self.package),
            folder=str(self.package.folder),
            schemas=tuple(map(str, settings.schemas)),
            values={name: self._located(value) for name, value in values.items()},
            outputs=str(self.outputs),
            scratch=str(self.work / "scratch"),
            logs=str(self.work / "logs"),
            cores=settings.cores,
            memory_mib=settings.memory_mib,
            tool=settings.tool,
            socket=socket,
            images=self.digests,
            readable=(str(self.inputs),),
            without_images=settings.without_images,
            visible=(str(self.inputs),) if visible else (),
        )

    def _located(self, value: JsonValue) -> JsonValue:
        """Return a value of the configuration with files at their places among the workflow's."""
        if isinstance(value, list):
            return [self._located(one) for one in value]
        if not isinstance(value, dict):
            return value
        if "path" in value and any(files_in(value)):
            kept = {key: one for key, one in value.items() if key != "path"}
            return kept | {"location": (self.package.folder / str(value["path"])).resolve().as_uri()}
        return {key: self._located(one) for key, one in value.items()}

    def _steps(self) -> list[str]:
        main = self.package.main
        return list(main.steps) if main is not None and main.steps else ["tool"]

    def _isolated(self, socket: str) -> Isolated:
        settings = self.settings
        beside = [Path(socket).parent] if socket else []
        return Isolated(
            self.work,
            readable=(self.package.folder, self.inputs, *settings.schemas),
            writable=tuple(beside),
            environment={"PYTHONDONTWRITEBYTECODE": "1"},
            network=settings.network and bool(asks_network(self.package)),
            limits=Limits(
                seconds=settings.seconds,
                memory_bytes=(settings.memory_mib + _OWN_MIB) * _MIB,
                processes=settings.processes + _OWN_PROCESSES,
            ),
            least=settings.least,
        )

    def _keep_logs(self) -> None:
        """Leave what the tools printed in the folder of the run, where its reader looks for it."""
        logs = self.workspace / "logs"
        shutil.rmtree(logs, ignore_errors=True)
        shutil.copytree(self.work / "logs", logs)

    def _failure(self, following: Following, ended: Ended) -> ExecutionError:
        limits = {
            EndedBy.TIME: f"it took longer than {self.settings.seconds:g} s",
            EndedBy.MEMORY: f"its tools used more than {self.settings.memory_mib:,} MiB together",
            EndedBy.PROCESSES: f"it had more than {self.settings.processes:,} processes",
            EndedBy.CANCEL: "it was cancelled",
        }
        if ended.ended_by in limits:
            running = ", ".join(following.running or [one["name"] for one in following.failed]) or "the workflow"
            return ExecutionError(
                f"the run was ended: {limits[ended.ended_by]}.",
                where=running,
                remedy="Mend the tool, or raise the limits." if ended.ended_by is not EndedBy.CANCEL else "",
            )
        if following.failed:
            return _tool_failed(following)
        complaints = "; ".join(following.complaints)
        told = following.text or complaints or public(ended.output_tail[-_TAIL:]) or "it said nothing"
        # Where the package was staged is of no interest, and goes with the run.
        told = re.sub(rf"\S*{re.escape(self.package.folder.name)}/", "", told)
        return ExecutionError(
            f"the workflow failed: {' '.join(told.split())[:_TAIL]}.", where=self.package.entry.name,
            remedy="Mend the workflow; the folder 'logs' of the run holds what its tools printed.",
        )  # fmt: skip


def _tool_failed(following: Following) -> ExecutionError:
    first = following.failed[0]
    if first.get("ended_by"):
        why = f"the tool was ended: {first['ended_by']}"
    elif first.get("code"):
        why = f"the tool failed with exit code {first['code']}"
    else:
        why = "the tool failed"
    text = public(str(first.get("log", ""))).strip()
    complaints = [one for one in following.complaints if "completed" not in one and "exited with" not in one]
    said = text or " ".join(complaints)
    detail = f": {said[-_TAIL:]}" if said else ""
    return ExecutionError(
        f"{why}{detail}", where=f"step {first['name']!r}",
        remedy="The folder 'logs' of the run holds what each tool printed.",
    )  # fmt: skip
