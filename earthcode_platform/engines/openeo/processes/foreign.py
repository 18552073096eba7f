"""Code that comes with a graph."""

import xarray as xr

from earthcode_platform.cubes.dimensions import BANDS, TIME, ordered
from earthcode_platform.engines.openeo.along import Along, Value
from earthcode_platform.engines.openeo.session import NotYetKnownError, Session
from earthcode_platform.errors import ExecutionError

__all__ = ["run_udf"]


def run_udf(
    session: Session, data: Value, udf: str, runtime: str, version: str | None = None, context: Value = None
) -> Value:
    """Return what Python code of the graph makes of the data, in a process that sees nothing of the platform.

    The code is the text of `udf`, or the further file of the workflow that it names; it finds those files in the
    folder where it runs. It is written for the interface of the package `openeo` (`apply_datacube` and its like). A
    cube is computed and handed over whole: only the code knows what it returns, so nothing is lazy here, and nothing
    that stands on it is checked before the run.

    Raises:
        ExecutionError: The runtime is not Python (InvalidRuntime), the version none of it (InvalidVersion), or the code
            fails.
        UnknownNameError: The file is none of the workflow.
        NotIsolatedError: This machine cannot isolate a process.
    """
    if runtime.lower() != "python":
        raise ExecutionError(
            f"InvalidRuntime: code for {runtime!r} is not run here.",
            remedy="Use Python; containers described in CWL are workflows of the kind 'cwl'.",
        )
    if version is not None and not str(version).startswith("3"):
        raise ExecutionError(f"InvalidVersion: Python {version} is not run here.", remedy="Use Python 3.")
    code = udf if "\n" in udf else session.file(udf).read_text(encoding="utf-8")
    if session.rehearsing:
        raise NotYetKnownError
    from earthcode_platform.engines.openeo.udf.outside import run_code

    cube = data.cube if isinstance(data, Along) else data
    if isinstance(cube, xr.DataArray):
        cube = cube.compute()
    made = run_code(code, cube, {} if context is None else context, session.files)
    if not isinstance(made, xr.DataArray):
        return made
    if not isinstance(cube, xr.DataArray):
        raise ExecutionError("the code of the UDF returned a cube for a plain value.")
    placed = _placed(made, cube)
    return Along(placed, data.dimension) if isinstance(data, Along) and data.dimension in placed.dims else placed


def _placed(made: xr.DataArray, given: xr.DataArray) -> xr.DataArray:
    """Return a cube from outside on the pixels of the one that was handed over, lazy again."""
    unknown = [str(name) for name in made.dims if name not in (*given.dims, TIME, BANDS)]
    if unknown or made.dtype.kind not in "fiub":
        raise ExecutionError(
            f"the code of the UDF returned a cube of {made.dtype} along {', '.join(map(str, made.dims))}.",
            remedy=f"Return numbers along some of {', '.join(map(str, given.dims))}.",
        )
    kept = {
        name: given[name]
        for name in made.dims
        if made.sizes[name] == given.sizes.get(name) and _same(made, given, str(name))
    }
    alone = {name: coord for name, coord in given.coords.items() if not coord.ndim and name not in given.dims}
    values = made.astype("float64" if made.dtype.itemsize > 4 else "float32")  # noqa: PLR2004 - bytes of float32
    return ordered(values.assign_coords({**kept, **alone}).chunk())


def _same(made: xr.DataArray, given: xr.DataArray, name: str) -> bool:
    if name not in made.coords or name in ("x", "y"):
        return name in given.coords
    return name in given.coords and made[name].to_numpy().tolist() == given[name].to_numpy().tolist()
