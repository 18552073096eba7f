"""Bring the data of this example to where its STAC item says it is: `python examples/sst-anomaly/fetch_data.py`.

The file comes from the Python package `iris-sample-data` (Open Government Licence), which the extra `examples` of
this project installs. It is checked against the item's checksum; if it is there already, nothing happens.
"""

# ruff: noqa: INP001 - a script in a folder of data, no package

import importlib.util
import json
import shutil
import sys
from pathlib import Path

from earthcode_platform import checksums
from earthcode_platform.errors import EarthCodeError, MissingExtraError

ITEM = Path(__file__).resolve().parent / "data" / "ostia-monthly" / "ostia-monthly.json"


def fetch() -> Path:
    """Return the path of the data, copied there if need be.

    Raises:
        MissingExtraError: The package that carries it is not installed.
        IntegrityError: The package carries another file than the item describes.
    """
    asset = json.loads(ITEM.read_text(encoding="utf-8"))["assets"]["sst"]
    target = ITEM.parent / asset["href"]
    if target.is_file() and checksums.of_file(target) == asset["file:checksum"]:
        return target
    package = importlib.util.find_spec("iris_sample_data")
    if package is None or package.origin is None:
        raise MissingExtraError.of("the data of examples/sst-anomaly", "examples")
    source = Path(package.origin).parent / "sample_data" / target.name
    checksums.require(source, asset["file:checksum"])
    part = target.with_suffix(".part")
    try:
        shutil.copyfile(source, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


if __name__ == "__main__":
    try:
        print(fetch())  # noqa: T201 - a script's answer
    except EarthCodeError as problem:
        sys.exit(str(problem))
