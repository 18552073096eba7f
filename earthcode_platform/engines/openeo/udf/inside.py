"""What runs in isolation: the code of a UDF, on the value that was handed over.

Started as a script, with the folder as its only argument; what it writes there is read without trust.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr

from earthcode_platform.engines.openeo.udf.exchange import read_value, write_value

if TYPE_CHECKING:
    from openeo.udf import UdfData

__all__ = ["main"]


def main(folder: Path) -> None:
    """Run `code.py` of the folder on what is in `given`, and write what it returns to `made`."""
    from openeo.udf import StructuredData, UdfData, XarrayDataCube
    from openeo.udf.run_code import run_udf_code

    value, context = read_value(folder / "given"), json.loads((folder / "context.json").read_bytes())
    cube = isinstance(value, xr.DataArray)
    data = UdfData(
        datacube_list=[XarrayDataCube(value)] if cube else None,
        structured_data_list=None if cube else [StructuredData(value)],
        user_context=context,
    )
    write_value(folder / "made", _result(run_udf_code((folder / "code.py").read_text(encoding="utf-8"), data)))


def _result(made: UdfData) -> Any:  # noqa: ANN401 - whatever the code returns
    if made.datacube_list:
        return made.datacube_list[0].get_array()
    if made.structured_data_list:
        return made.structured_data_list[0].data
    raise SystemExit("the code returns neither a data cube nor structured data")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
