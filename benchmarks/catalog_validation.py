"""What the verdict on a whole catalog costs: CPU seconds and peak memory, process start included, beside others.

Run it with `.venv/bin/python -m benchmarks.catalog_validation [CATALOG] [--schemas DIR] [--runs N]` in a checkout. By
default it unpacks the real catalog from `../shared` and takes the mirror of schemas there. Each contender runs N times
(3) in a process of its own: our gate mode, our strict mode, plain `jsonschema` (the same schemas on the same documents,
no rules), and pystac's own validation (core and extensions, from the same mirror, of the STAC documents only). It
prints the median of each, and the ratio to our gate mode. The aim of gate mode is 1.0 CPU s and 150 MB.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

SHARED: Final = Path(__file__).resolve().parents[2] / "shared"
AIM_SECONDS: Final = 1.0
AIM_MEGABYTES: Final = 150
_STARTER: Final = """
import json, os, sys
nowhere = os.open(os.devnull, os.O_WRONLY)
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, nowhere, 1)])
_, status, usage = os.wait4(child, 0)
print(json.dumps([usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status)]))
"""
_COMMAND: Final = "from earthcode_platform.cli.app import main; main()"


class Cost(NamedTuple):
    """What one process took."""

    seconds: float
    """CPU time of user and system."""
    megabytes: float
    """Largest resident size, in 10^6 bytes."""
    code: int
    """Exit code."""


def measured(*words: str) -> Cost:
    """Return what a Python process with these arguments takes, from its start to its end. What it prints is lost.

    It is started by a small process: Linux counts what the starting one held as memory of the started one.
    """
    starter = [sys.executable, "-S", "-c", _STARTER, sys.executable, *words]
    told = subprocess.run(starter, stdout=subprocess.PIPE, check=True).stdout
    seconds, peak, code = json.loads(told.splitlines()[-1])
    # Linux counts in 1024 bytes, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(seconds, peak * unit / 1e6, code)


def command(catalog: Path, schemas: Path, *options: str) -> list[str]:
    """Return the arguments that make a Python process validate a catalog as the command line does."""
    return ["-c", _COMMAND, "catalog", "validate", str(catalog), "--schemas", str(schemas), *options]


def main(catalog: Path, schemas: Path, runs: int) -> None:
    """Print a table with the median of each contender over `runs` runs."""
    own = ["-m", "benchmarks.catalog_validation", str(catalog), "--schemas", str(schemas), "--only"]
    contenders = {
        "earthcode-platform, gate": command(catalog, schemas),
        "earthcode-platform, strict": command(catalog, schemas, "--strict"),
        "plain jsonschema": [*own, "jsonschema"],
        "pystac": [*own, "pystac"],
    }
    print(f"{catalog.name}, median (minimum, maximum) of {runs} runs, process start included")
    print(f"  {'':<28}{'CPU s':>24}{'peak MB':>10}{'ratio':>8}")
    medians: dict[str, float] = {}
    peaks: dict[str, float] = {}
    for name, words in contenders.items():
        found = [measured(*words) for _ in range(runs)]
        # Ours ends with 1 if the catalog has faults; the others end so only if they break.
        if any(one.code not in ((0, 1) if words[0] == "-c" else (0,)) for one in found):
            sys.exit(f"{name} failed with code {found[0].code}: run it by itself with {' '.join(words)}")
        seconds = [one.seconds for one in found]
        medians[name], peaks[name] = statistics.median(seconds), max(one.megabytes for one in found)
        spread = f"{medians[name]:.2f} ({min(seconds):.2f}, {max(seconds):.2f})"
        ratio = medians[name] / next(iter(medians.values()))
        print(f"  {name:<28}{spread:>24}{peaks[name]:>10.0f}{ratio:>8.1f}")
    ours = next(iter(contenders))
    holds = medians[ours] <= AIM_SECONDS and peaks[ours] <= AIM_MEGABYTES
    print(f"aim {AIM_SECONDS:.1f} CPU s and {AIM_MEGABYTES} MB: {'holds' if holds else 'falls short'}")


def with_jsonschema(catalog: Path, schemas: Path) -> None:
    """Hold every document against the same schemas as we do, with `jsonschema` and nothing else."""
    from jsonschema import Draft7Validator
    from referencing import Registry
    from referencing.jsonschema import DRAFT7

    from earthcode_platform.catalog.checkout import read_catalog
    from earthcode_platform.catalog.validate.asked import schemas_asked
    from earthcode_platform.catalog.validate.inspection import Inspection

    def read(url: str) -> Any:  # noqa: ANN401 - a schema is any JSON
        return json.loads((schemas / url.partition("://")[2].partition("#")[0]).read_bytes())

    registry: Registry[Any] = Registry(retrieve=lambda url: DRAFT7.create_resource(read(url)))  # type: ignore[call-arg] # its stubs know no keywords
    compiled: dict[str, Draft7Validator] = {}
    held = read_catalog(catalog)
    for path in held.files:
        if path.endswith(".json"):
            entry = Inspection(held, path)
            for url, _ in schemas_asked(entry):
                if url not in compiled:
                    compiled[url] = Draft7Validator({"$id": url, **read(url)}, registry=registry)
                compiled[url].is_valid(entry.document)


def with_pystac(catalog: Path, schemas: Path) -> None:
    """Validate every STAC document with pystac, its schemas taken from the mirror."""
    import pystac
    from pystac.validation import validate_dict

    class Mirror(pystac.stac_io.DefaultStacIO):
        def read_text_from_href(self, href: str) -> str:
            return (schemas / href.partition("://")[2].partition("#")[0]).read_text()

    pystac.StacIO.set_default(Mirror)
    for path in sorted(catalog.rglob("*.json")):
        document = json.loads(path.read_bytes())
        if "stac_version" in document:
            validate_dict(document)


_ONLY: Final[dict[str, Callable[[Path, Path], None]]] = {"jsonschema": with_jsonschema, "pystac": with_pystac}


@contextmanager
def unpacked(catalog: Path | None) -> Iterator[Path]:
    """Yield the catalog's folder, or that of the real one for as long as it is needed."""
    if catalog is not None:
        yield catalog
        return
    archive = SHARED / "open-science-catalog.tar.gz"
    if not archive.is_file():
        sys.exit(f"there is no {archive}: name the folder of a catalog, and its schemas with --schemas")
    with tempfile.TemporaryDirectory() as folder, tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
        yield next(path for path in Path(folder).iterdir() if path.is_dir())


def _asked() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("catalog", nargs="?", type=Path, help="folder of the catalog; the real one of ../shared")
    asked.add_argument("--schemas", type=Path, default=SHARED / "schemas", help="mirror of the schemas")
    asked.add_argument("--runs", type=int, default=3, help="how often each contender runs")
    asked.add_argument("--only", choices=sorted(_ONLY), help=argparse.SUPPRESS)
    return asked.parse_args()


if __name__ == "__main__":
    options = _asked()
    if not options.schemas.is_dir():
        sys.exit(f"there is no folder {options.schemas}: name a mirror of the schemas with --schemas")
    with unpacked(options.catalog) as folder:
        if options.only:
            _ONLY[options.only](folder, options.schemas)
        else:
            main(folder, options.schemas, options.runs)
