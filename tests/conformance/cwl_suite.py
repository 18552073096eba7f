"""Conformance of the CWL engine: `make cwl-suite`.

Runs the tests of common-workflow-language/cwl-v1.2, checked out beside the project (or where CWL_SUITE says), through
`conductor.conduct`, as the engine does, many in one process. With `--containers`, tools run in those images that docker
or podman has here. The exit code is 0 if no more fail than `--failing` says.
"""

# ruff: noqa: ANN401, T201 - whatever CWL holds, and a program that prints

import argparse
import contextlib
import json
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import yaml

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).parent))

from cwl_compare import difference  # noqa: E402 - a script beside this one

Case = dict[str, Any]

IMAGES = ("docker.io/debian:stable-slim", "docker.io/python:3-slim", "docker.io/bash:4.4", "docker.io/alpine:latest")
"""The images that tests name."""


class Verdict(NamedTuple):
    """How a test went."""

    name: str
    """Its id."""
    told: str
    """What was wrong; empty if nothing was."""


class Way(NamedTuple):
    """How tools run."""

    containers: bool
    """In the image that they name, where it is here."""
    without_images: bool
    """Without the image that they require, where it is not."""


def cases(index: Path) -> Iterator[Case]:
    """Yield the tests of an index and of those it imports, with the folder that their paths begin at."""
    for case in yaml.safe_load(index.read_text(encoding="utf-8")):
        if "$import" in case:
            yield from cases(index.parent / case["$import"])
        else:
            expected = case.get("output")
            if isinstance(expected, dict) and "$import" in expected:
                case["output"] = json.loads((index.parent / expected["$import"]).read_text(encoding="utf-8"))
            yield {**case, "folder": str(index.parent)}


def values_of(case: Case) -> dict[str, Any]:
    """Return the job order of a test, with absolute locations."""
    from cwltool.load_tool import jobloaderctx
    from cwltool.utils import visit_class
    from schema_salad.ref_resolver import Loader

    if not case.get("job"):
        return {}
    path = (Path(case["folder"]) / case["job"]).resolve()
    order, _ = Loader(jobloaderctx, doc_cache=False).resolve_ref(path.as_uri(), checklinks=False)

    def locate(value: Any) -> None:
        if "location" not in value and "path" in value:
            value["location"] = value.pop("path")

    visit_class(order, ("File", "Directory"), locate)
    plain = _without_ids(json.loads(json.dumps(order)))
    return {key: value for key, value in plain.items() if key not in ("id", "cwl:tool")}


def _without_ids(value: Any) -> Any:
    """Return a value without the ids that the reader of job orders gives every mapping."""
    if isinstance(value, list):
        return [_without_ids(one) for one in value]
    return {key: _without_ids(one) for key, one in value.items() if key != "__id"} if isinstance(value, dict) else value


def quiet() -> None:
    """Let the expressions of tests that fail, as they should, print nothing."""
    logging.disable(logging.CRITICAL)


def run(case: Case, suite: Path, way: Way) -> Verdict:
    """Run one test in this process."""
    from earthcode_platform.engines.cwl.conductor import conduct

    scratch = Path(tempfile.mkdtemp(prefix="cwl-suite-"))
    try:
        with ordered(case, suite, scratch, way) as order, contextlib.chdir(scratch):
            status, outputs = conduct(order, lambda *_, **__: None)
            told = difference(case.get("output"), dict(outputs or {})) if "output" in case else ""
            told = told if status == "success" else f"it ended as {status}"
    except Exception as error:  # noqa: BLE001 - whatever cwltool raises is the outcome of the test
        told = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        status = "refused"
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if case.get("should_fail"):
        told = "" if status != "success" else "it should have failed"
    return Verdict(str(case["id"]), told)


@contextlib.contextmanager
def ordered(case: Case, suite: Path, scratch: Path, way: Way) -> Iterator[Any]:
    """Hand out the order of a test; containers are brokered while the block is open."""
    from earthcode_platform.engines.cwl.broker import Broker
    from earthcode_platform.engines.cwl.orders import Order, ToolLimits
    from earthcode_platform.engines.cwl.runtimes import find_runtime

    for name in ("out", "scratch", "logs"):
        (scratch / name).mkdir()
    tool = Path(case["folder"]) / str(case["tool"])
    order = Order(
        entry=str(tool), folder=str(suite), values=values_of(case), outputs=str(scratch / "out"),
        scratch=str(scratch / "scratch"), logs=str(scratch / "logs"), cores=8, memory_mib=16_384,
        tool=ToolLimits(seconds=120, memory_mib=4096), without_images=way.without_images,
    )  # fmt: skip
    runtime = find_runtime() if way.containers else None
    if runtime is None:
        yield order
        return
    images = {name: digest for name in IMAGES if (digest := runtime.digest(name))}
    with Broker(runtime, images, (suite,), (scratch,), network=True) as broker:
        yield order.model_copy(update={"socket": str(broker.path), "images": images})


def wanted_of(chosen: argparse.Namespace, suite: Path) -> list[Case]:
    """Return the tests that the command line chooses."""
    only = set(chosen.only.split(",")) - {""}
    return [
        case
        for case in cases(suite / "conformance_tests.yaml")
        if (not chosen.tag or chosen.tag in case["tags"]) and (not only or case["id"] in only)
    ]


def main() -> int:
    """Run the suite and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--containers", action="store_true", help="run tools in containers where their image is here")
    parser.add_argument("--without-images", action="store_true", help="run tools without the image that they require")
    parser.add_argument("--tag", default="", help="only tests with this tag")
    parser.add_argument("--only", default="", help="only tests with these ids, separated by commas")
    parser.add_argument("--failing", type=int, default=0, help="how many tests may fail")
    chosen = parser.parse_args()
    suite = Path(os.environ.get("CWL_SUITE") or CHECKOUT.parent / "cwl-v1.2").resolve()
    if not (suite / "conformance_tests.yaml").is_file():
        print(f"{suite} holds no tests: check out common-workflow-language/cwl-v1.2 there, or set CWL_SUITE.")
        print("0 passed, 0 failed, 378 skipped")
        return 0
    wanted, way = wanted_of(chosen, suite), Way(chosen.containers, chosen.without_images)
    workers = max(1, len(os.sched_getaffinity(0)))
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=quiet) as pool:
        verdicts = list(pool.map(run, wanted, [suite] * len(wanted), [way] * len(wanted)))
    failed = [verdict for verdict in verdicts if verdict.told]
    for verdict in failed:
        print(f"{verdict.name}: {verdict.told}")
    print(f"{len(verdicts) - len(failed)} passed, {len(failed)} failed, 0 skipped")
    return 0 if len(failed) <= chosen.failing else 1


if __name__ == "__main__":
    sys.exit(main())
