"""What the provider on loopback runs a package with: our own engine for CWL, in a process of its own.

It is started as `python processes_worker.py ORDER.json`; the order names package, values and the folder for results.
"""

from __future__ import annotations

import json
import shutil
import sys
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from earthcode_platform.application_packages.catalogs import write_catalog
from earthcode_platform.application_packages.document import read_package
from earthcode_platform.engines.cwl.execution import Execution
from earthcode_platform.engines.cwl.orders import ToolLimits
from earthcode_platform.engines.cwl.settings import Settings

SETTINGS = Settings(containers=(), seconds=60, tool=ToolLimits(seconds=50, memory_mib=2000))


def fetched(url: str) -> bytes:
    """Return what lies at an address of loopback."""
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - loopback
        content: bytes = answer.read()
    return content


def staged(url: str, folder: Path) -> dict[str, str]:
    """Stage the item at an address with its files, as a folder with a catalog."""
    item = json.loads(fetched(url))
    own = folder / item["id"]
    own.mkdir(parents=True)
    for asset in item["assets"].values():
        name = Path(asset["href"]).name
        (own / name).write_bytes(fetched(urljoin(url, asset["href"])))
        asset["href"] = f"./{name}"
    path = own / f"{item['id']}.json"
    path.write_text(json.dumps(item))
    write_catalog(folder, item["id"], [path])
    return {"class": "Directory", "location": folder.absolute().as_uri(), "basename": folder.name}


def value_of(value: Any, folder: Path, number: int = 0) -> Any:  # noqa: ANN401 - any JSON
    """Return a value of a job as the workflow takes it: addresses of items become folders."""
    if isinstance(value, list):
        return [value_of(one, folder, at) for at, one in enumerate(value)]
    href = value.get("href") if isinstance(value, dict) else value
    if isinstance(href, str) and href.startswith("http://"):
        return staged(href, folder / f"{number}")
    return value


def kept(value: Any, target: Path) -> Any:  # noqa: ANN401 - any JSON
    """Copy what the workflow handed back to `target`, and return where it lies there."""
    if isinstance(value, list):
        return [kept(one, target / f"{number}") for number, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    source = Path(unquote(urlsplit(value["location"]).path))
    target.mkdir(parents=True, exist_ok=True)
    copy = shutil.copytree if source.is_dir() else shutil.copyfile
    return str(copy(source, target / source.name))


def main() -> None:
    """Run the order whose path is the first argument, and write `outputs.json` beside it."""
    path = Path(sys.argv[1])
    order = json.loads(path.read_text())
    package = read_package(path.parent / "package" / "app.cwl", path.parent / "package")

    def progress(fraction: float, step: str) -> None:
        sys.stdout.write(f"{int(fraction * 100)} {step}\n")
        sys.stdout.flush()

    with Execution(package, SETTINGS, None, path.parent / "work", progress) as execution:
        values = {name: value_of(one, execution.inputs / name) for name, one in order.items()}
        outputs = execution.run(values)
        found = {name: kept(value, path.parent / "out" / name) for name, value in outputs.items()}
    (path.parent / "outputs.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main()
