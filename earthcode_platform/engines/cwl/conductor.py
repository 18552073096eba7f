"""The process that conducts a package: cwltool in a child of the platform, isolated, telling how far it is.

It is started as `python -m earthcode_platform.engines.cwl.conductor ORDER.json` and writes one line for each event.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from earthcode_platform.engines.cwl.orders import EVENT, Order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cwltool.process import Process

__all__ = ["conduct", "expand_formats", "main"]

_SUCCESS: Final = "success"


class _Forward(logging.Handler):
    """Hands what cwltool complains of to `tell`."""

    def __init__(self, tell: Callable[..., None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Tell the text of a record."""
        self._tell("complaint", text=record.getMessage())


def conduct(order: Order, tell: Callable[..., None]) -> tuple[str, Mapping[str, Any] | None]:
    """Run a package and return its status (`success`, `permanentFail`, `temporaryFail`) and its outputs.

    Args:
        order: What to run.
        tell: Takes the name of an event and its details, from any thread.

    Raises:
        LoadError: It is no valid CWL.
        WorkflowException: cwltool refuses the order, or an expression of it fails.
    """
    from cwltool.context import RuntimeContext

    from earthcode_platform.application_packages.loading import Confined, load
    from earthcode_platform.engines.cwl.gathering import Executor
    from earthcode_platform.engines.cwl.tools import maker

    confined = Confined(Path(order.folder), tuple(map(Path, order.schemas)))
    process = load(order.entry, confined, maker(order, tell), development=order.development)
    log = logging.getLogger("cwltool")
    log.handlers[:] = [_Forward(tell)]
    log.setLevel(logging.WARNING)
    log.propagate = False
    executor = Executor(order)
    context = RuntimeContext(
        {
            "basedir": order.folder,
            "tmpdir_prefix": str(Path(order.scratch) / "temporary-"),
            "tmp_outdir_prefix": str(Path(order.scratch) / "output-"),
            "use_container": True,
            "select_resources": executor.select_resources,
            "move_outputs": "move",
            "on_error": "stop",
            "eval_timeout": 60,
        }
    )
    values: Any = dict(order.values)
    expand_formats(values, process)
    outputs, status = executor(process, values, context)
    return status, outputs


def expand_formats(values: dict[str, Any], process: Process) -> None:
    """Write the formats of files out: `edam:format_2330` by the prefixes that the process declares (CWL v1.2, File)."""
    from cwltool.utils import visit_class
    from schema_salad.ref_resolver import Loader

    prefixes = process.metadata.get("$namespaces")
    expand = Loader(cast("Any", dict(prefixes) if isinstance(prefixes, dict) else {}), doc_cache=False).expand_url

    def expanded(file: Any) -> None:  # noqa: ANN401 - a CWL value
        if "format" in file:
            file["format"] = expand(file["format"], "")

    visit_class(values, ("File",), expanded)


def main() -> int:
    """Conduct the order whose path is the first argument; the exit code is 0 if the last event was told."""
    order = Order.model_validate_json(Path(sys.argv[1]).read_bytes())
    lock = threading.Lock()
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)

    def tell(event: str, **details: object) -> None:
        with lock:
            out.write(f"{EVENT}{json.dumps({'event': event, **details}, default=str)}\n")
            out.flush()

    from earthcode_platform.application_packages.loading import LoadError

    try:
        status, outputs = conduct(order, tell)
    except LoadError as error:
        tell("end", status="refused", text="; ".join(map(str, error.findings)))
    except Exception as error:  # noqa: BLE001 - whatever ends it, the platform is told in one form
        tell("end", status="permanentFail", text=f"{error}" or type(error).__name__)
    else:
        if status != _SUCCESS:
            outputs = None
        tell("end", status=status, outputs=outputs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
