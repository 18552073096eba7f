"""Tools as the conductor runs them: each watched, with a log of its own, on this machine or in a container."""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psutil
from cwltool.command_line_tool import CommandLineTool
from cwltool.docker import DockerCommandLineJob
from cwltool.errors import UnsupportedRequirement, WorkflowException
from cwltool.job import CommandLineJob, JobBase
from cwltool.workflow import default_make_tool

from earthcode_platform.engines.cwl import shim

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Generator, MutableMapping

    from cwltool.context import LoadingContext, RuntimeContext
    from cwltool.process import Process
    from ruamel.yaml.comments import CommentedMap

    from earthcode_platform.engines.cwl.orders import Order

__all__ = ["image_of", "maker"]

_LOOK: Final = 0.1
"""Seconds between two looks at what a tool uses."""
_TAIL: Final = 2000
"""Characters of a failed tool's log that are told."""
_ORIGINAL_VERSION: Final = "http://commonwl.org/cwltool#original_cwlVersion"
_MIB: Final = 1024**2


def maker(order: Order, tell: Callable[..., None]) -> Callable[[CommentedMap, LoadingContext], Process]:
    """Return what makes cwltool's process objects for one run.

    Args:
        order: The run.
        tell: Takes the name of an event and its details.
    """

    def make(content: CommentedMap, context: LoadingContext) -> Process:
        if isinstance(content, dict) and content.get("class") == "CommandLineTool":
            tool = _Tool(content, context)
            tool.order, tool.tell = order, tell
            return tool
        return default_make_tool(content, context)

    return make


def image_of(requirement: MutableMapping[str, Any]) -> str:
    """Return the name of the image that a DockerRequirement asks for."""
    return str(requirement.get("dockerPull") or requirement.get("dockerImageId") or "")


class _Tool(CommandLineTool):
    order: Order
    tell: Callable[..., None]

    def make_job_runner(self, runtimeContext: RuntimeContext) -> type[JobBase]:  # noqa: N803 - cwltool's name
        """Return how the tool runs: in its container if its image is here, else on this machine if it may."""
        requirement, required = self.get_requirement("DockerRequirement")
        if requirement is not None and runtimeContext.use_container:
            return _ContainerJob
        if required and not self.order.without_images:
            raise UnsupportedRequirement(f"the image {image_of(requirement or {})!r} is not here")
        return _HostJob

    def job(
        self,
        job_order: Any,  # noqa: ANN401 - cwltool's own
        output_callbacks: Any,  # noqa: ANN401 - as cwltool has it
        runtimeContext: RuntimeContext,  # noqa: N803 - as cwltool calls it
    ) -> Generator[Any, None, None]:
        """Yield the tool's jobs, made ready to be watched."""
        requirement, _ = self.get_requirement("DockerRequirement")
        context = runtimeContext.copy()
        context.use_container = requirement is not None and image_of(requirement) in self.order.images
        for job in super().job(job_order, output_callbacks, context):
            if isinstance(job, _Watched):
                job.order, job.tell = self.order, self.tell
                # Of version 1.0, which knows no NetworkAccess, cwltool grants it always (CWL v1.2, NetworkAccess).
                job.networkaccess = job.networkaccess and self.metadata.get(_ORIGINAL_VERSION) != "v1.0"
            yield job


class _Watched(JobBase):
    """What both ways to run a tool share: its log, its limits and its events."""

    order: Order
    tell: Callable[..., None]
    exit_code: int | None = None
    ended_by: str = ""
    peak_mib: int = 0

    def run(self, runtimeContext: RuntimeContext, tmpdir_lock: threading.Lock | None = None) -> None:  # noqa: N803 - as cwltool calls it
        """Run the tool, and tell that it began and how it ended."""
        context = runtimeContext.copy()
        log = Path(self.order.logs) / f"{self.name.replace('/', '_')[:100]}.log"
        self.tell("began", name=self.name)
        began, wanted = time.monotonic(), self.timelimit
        limit = self.order.tool.seconds
        self.seconds = min(wanted, limit) if wanted else limit
        self.timelimit = None
        heard = self._listen()
        with log.open("wb") as stream:
            context.default_stdout = context.default_stderr = stream
            super().run(context, tmpdir_lock)  # type: ignore[safe-super]  # the class beside this one in each subclass
        status = heard[0] if heard else "permanentFail"
        failed = {} if status == "success" else {"log": self._tail(log), "ended_by": self.ended_by}
        seconds = time.monotonic() - began
        self.tell(
            "ended", name=self.name, status=status, code=self.exit_code, seconds=seconds, mib=self.peak_mib, **failed
        )

    def _listen(self) -> list[str]:
        heard: list[str] = []
        callback = self.output_callback
        if callback is not None:

            def listening(outputs: Any, status: str) -> None:  # noqa: ANN401 - cwltool's outputs
                heard.append(status)
                callback(outputs, status)

            self.output_callback = listening
        return heard

    def _tail(self, log: Path) -> str:
        texts = [log.read_bytes()[-_TAIL:]]
        for name in (self.stderr, self.stdout):
            with suppress(OSError, TypeError):
                texts.append((Path(self.outdir) / str(name)).read_bytes()[-_TAIL:])
        return next((text.decode("utf-8", "replace").strip() for text in texts if text.strip()), "")


class _HostJob(_Watched, CommandLineJob):
    """A tool on this machine, inside what the conductor is isolated in."""

    def process_monitor(self, sproc: subprocess.Popen[str]) -> None:
        """Wait for the tool, and end it with all its processes when it uses more than it may."""
        over = threading.Event()
        watch = threading.Thread(target=self._watch, args=(sproc.pid, over), daemon=True)
        watch.start()
        self.exit_code = sproc.wait()
        over.set()
        watch.join()

    def _watch(self, pid: int, over: threading.Event) -> None:
        ends = time.monotonic() + self.seconds
        seen: dict[int, psutil.Process] = {}
        with suppress(psutil.NoSuchProcess):
            seen[pid] = psutil.Process(pid)
        while not over.wait(_LOOK):
            mib = _memory(seen)
            self.peak_mib = max(self.peak_mib, mib)
            if mib > self.order.tool.memory_mib:
                self.ended_by = f"it used {mib} MiB, and a tool may use {self.order.tool.memory_mib}"
            elif time.monotonic() > ends:
                self.ended_by = f"it took longer than {self.seconds:g} s"
            if self.ended_by:
                for process in seen.values():
                    with suppress(psutil.NoSuchProcess):
                        process.kill()
                return


def _memory(seen: dict[int, psutil.Process]) -> int:
    """Return the resident memory of the processes in `seen` and of all that came of them, in MiB; add these to it."""
    total = 0
    for process in list(seen.values()):
        with suppress(psutil.NoSuchProcess):
            for child in process.children(recursive=True):
                seen.setdefault(child.pid, child)
    for process in seen.values():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            total += process.memory_info().rss
    return total // _MIB


class _ContainerJob(_Watched, DockerCommandLineJob):
    """A tool in a container, which the platform starts: the conductor itself has no rights to."""

    def get_from_requirements(self, r: Any, *_others: Any, **_options: Any) -> str:  # noqa: ANN401 - cwltool's requirement
        """Return the image; that it is here, the order says."""
        return image_of(r)

    @staticmethod
    def append_volume(
        runtime: list[str],
        source: str,
        target: str,
        writable: bool = False,  # noqa: FBT001, FBT002 - cwltool's signature
        skip_mkdirs: bool = False,  # noqa: FBT001, FBT002 - as cwltool calls it
    ) -> None:
        """Note what the container sees."""
        if not skip_mkdirs:
            Path(source).mkdir(parents=True, exist_ok=True) if not Path(source).exists() else None
        runtime.append(json.dumps([source, target, writable]))

    def create_runtime(
        self,
        env: MutableMapping[str, str],
        runtimeContext: RuntimeContext,  # noqa: N803 - as cwltool calls it
    ) -> tuple[list[str], str | None]:
        """Return the command that asks the platform for the container."""
        del env
        mounts: list[str] = []
        self.append_volume(mounts, os.path.realpath(self.outdir), self.builder.outdir, writable=True)
        self.append_volume(mounts, os.path.realpath(self.tmpdir), self.CONTAINER_TMPDIR, writable=True)
        required = bool(self.builder.get_requirement("DockerRequirement")[1])
        for mapper, anywhere in ((self.pathmapper, True), (self.generatemapper, required)):
            if mapper is not None:
                self.add_volumes(mapper, mounts, runtimeContext.tmpdir_prefix, any_path_okay=anywhere)
        shown = [[folder, folder, False] for folder in self.order.visible]
        asked = {
            "mounts": [*(json.loads(mount) for mount in mounts), *shown],
            "workdir": self.builder.outdir,
            "network": bool(self.networkaccess),
            "environment": dict(self.environment),
            "seconds": self.seconds,
            "memory_mib": self.order.tool.memory_mib,
        }
        return [sys.executable, "-I", "-S", shim.__file__, self.order.socket, json.dumps(asked)], None

    def _execute(self, runtime: list[str], env: MutableMapping[str, str], *others: Any) -> None:  # noqa: ANN401 - as cwltool has it
        if not shutil.which(runtime[0]):
            raise WorkflowException(f"{runtime[0]!r} is not there")
        context, *_ = others
        super()._execute(runtime, env, context, self._wait)

    def _wait(self, sproc: subprocess.Popen[str]) -> None:
        self.exit_code = sproc.wait()
        if self.exit_code == shim.TOO_LONG:
            self.ended_by = f"it took longer than {self.seconds:g} s"
        elif self.exit_code == shim.TOO_MUCH:
            self.ended_by = "it used more memory than it may"
