"""What a conductor tells, followed: how far it is, what failed, and what it hands back."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from earthcode_platform.engines.cwl.orders import EVENT
from earthcode_platform.redaction import public

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from earthcode_platform.engines.contract import Progress

__all__ = ["Following"]

_NUMBERED: Final = re.compile(r"_\d+$")
_MOST: Final = 20


class Following:
    """Takes the lines of a conductor.

    Args:
        steps: Ids of the workflow's steps; the id of the tool if it is none.
        progress: Where to report how far it is; nowhere if None.
        share: First and last fraction that running the tools stands for.
    """

    def __init__(
        self, steps: Sequence[str], progress: Progress | None, share: tuple[float, float] = (0.0, 1.0)
    ) -> None:
        self._steps = list(steps)
        self._progress = progress
        self._first, self._last = share
        self._begun: Counter[str] = Counter()
        self._done: Counter[str] = Counter()
        self._jobs: list[str] = []
        self._shown = 0.0
        self.status = ""
        self.outputs: Mapping[str, Any] = {}
        self.text = ""
        self.failed: list[dict[str, Any]] = []
        self.complaints: list[str] = []
        self.tools: dict[str, dict[str, Any]] = {}
        self._events = {
            "began": self._began, "ended": self._ended, "complaint": self._complaint, "end": self._end,
        }  # fmt: skip

    def line(self, line: str) -> None:
        """Take one line; what is no event is output of a tool, and passed over."""
        if not line.startswith(EVENT):
            return
        try:
            said = json.loads(line.removeprefix(EVENT))
            self._events[said["event"]](said)
        except (ValueError, KeyError, TypeError):
            return

    @property
    def running(self) -> list[str]:
        """Names of the jobs that began and did not end."""
        return [name for name in self._jobs if name not in self.tools]

    def _began(self, said: dict[str, Any]) -> None:
        self._begun[self._step(said)] += 1
        self._jobs.append(str(said["name"]))
        self._report(f"{said['name']} runs")

    def _ended(self, said: dict[str, Any]) -> None:
        self._done[self._step(said)] += 1
        self.tools[str(said["name"])] = said
        if said["status"] != "success":
            self.failed.append(said)
        self._report(f"{said['name']} is done" if said["status"] == "success" else f"{said['name']} failed")

    def _complaint(self, said: dict[str, Any]) -> None:
        self.complaints = [*self.complaints, public(str(said["text"]))][-_MOST:]

    def _end(self, said: dict[str, Any]) -> None:
        self.status, self.text = str(said["status"]), public(str(said.get("text", "")))
        outputs = said.get("outputs")
        self.outputs = outputs if isinstance(outputs, dict) else {}

    def _step(self, said: dict[str, Any]) -> str:
        """Return the step of a job: cwltool numbers the second and further jobs of one name."""
        name = str(said["name"])
        return name if name in self._steps else _NUMBERED.sub("", name)

    def _report(self, step: str) -> None:
        """Report the share of the steps that are done; of one that is scattered, the share of its jobs so far."""
        if self._progress is None:
            return
        names = {*self._steps, *self._begun}
        done = sum(self._done[name] / self._begun[name] for name in names if self._begun[name]) / max(1, len(names))
        self._shown = max(self._shown, self._first + (self._last - self._first) * min(1.0, done))
        self._progress(self._shown, step)
