"""Calibrations of raw measurements, which need what only producers of the data have.

None is computed here. Data that have gone through one already pass, if their STAC items say so; the loading processes
leave what they say on the cube (`heritage`). Other data are refused: a graph that counts on calibrated values must not
run on others in silence.
"""

from typing import Literal

from earthcode_platform.engines.openeo.along import Cube
from earthcode_platform.engines.openeo.heritage import BACKSCATTER, LEVEL, POWER, told_of, without_heritage
from earthcode_platform.engines.openeo.shapes import require_cube
from earthcode_platform.errors import ExecutionError

__all__ = ["ard_normalized_radar_backscatter", "ard_surface_reflectance", "atmospheric_correction", "sar_backscatter"]

Coefficient = Literal["beta0", "sigma0-ellipsoid", "sigma0-terrain", "gamma0-ellipsoid", "gamma0-terrain"]
_SURFACE = ("L2", "L2A", "L2SP", "L2SR", "L3")
"""Processing levels of data corrected for the atmosphere (STAC processing extension)."""


def sar_backscatter(  # noqa: PLR0913, PLR0917 - the arguments of the process
    data: Cube,
    coefficient: Coefficient | None = "gamma0-terrain",
    elevation_model: str | None = None,
    mask: bool = False,  # noqa: FBT001, FBT002 - positional in graphs of older clients
    contributing_area: bool = False,  # noqa: FBT001, FBT002 - as openEO has it
    local_incidence_angle: bool = False,  # noqa: FBT001, FBT002 - as openEO has it
    ellipsoid_incidence_angle: bool = False,  # noqa: FBT001, FBT002 - as openEO has it
    noise_removal: bool = True,  # noqa: FBT001, FBT002 - as openEO has it
) -> Cube:
    """Return data that are backscatter already, in linear power; none is computed here.

    Items say so with `card4l:measurement_type`: one of the coefficients, or gamma0, by which the STAC extension CARD4L
    means gamma0-terrain. Amplitudes (`card4l:measurement_convention`) are squared. Elevation model and noise removal
    are those of the producer.

    Raises:
        ExecutionError: The data do not say that they are this coefficient, or further bands are asked for
            (ProcessUnsupported).
    """
    _ = elevation_model, noise_removal
    cube = require_cube(data)
    measured, power = told_of(cube, BACKSCATTER), told_of(cube, POWER)
    more = {"mask": mask, "contributing_area": contributing_area, "local_incidence_angle": local_incidence_angle,
            "ellipsoid_incidence_angle": ellipsoid_incidence_angle}  # fmt: skip
    asked = [name for name, wanted in more.items() if wanted]
    if asked:
        raise ExecutionError(
            f"ProcessUnsupported: sar_backscatter cannot add {', '.join(asked)} here.", remedy="Leave it out."
        )
    if measured is None or coefficient not in (measured, None):
        found = f"they are {measured}" if measured else "their items do not say that they are backscatter"
        raise ExecutionError(
            f"ProcessUnsupported: backscatter ({coefficient}) is not computed here, and {found}.",
            remedy="Take data that are calibrated, with items that say so in card4l:measurement_type.",
        )
    bare = without_heritage(cube)
    return bare**2 if power == "amplitude" else bare


def atmospheric_correction(
    data: Cube, method: str | None = None, elevation_model: str | None = None, options: dict[str, object] | None = None
) -> Cube:
    """Return data that are corrected for the atmosphere already; none is computed here.

    Items say so with a `processing:level` of 2 or above.

    Raises:
        ExecutionError: The data do not say so (ProcessUnsupported).
    """
    _ = elevation_model, options
    cube = require_cube(data)
    if told_of(cube, LEVEL) not in _SURFACE or method is not None:
        raise ExecutionError(
            "ProcessUnsupported: the atmosphere is not corrected here, and the items of the data do not say that it was"
            f"{'' if method is None else f' by {method}'}.",
            remedy="Take data of level 2, with items that say so in processing:level.",
        )
    return without_heritage(cube)


def ard_surface_reflectance(
    data: Cube,
    atmospheric_correction_method: str | None = None,
    cloud_detection_method: str | None = None,
    elevation_model: str | None = None,
) -> Cube:
    """Refuse: CARD4L surface reflectance is not computed here.

    Raises:
        ExecutionError: Always (ProcessUnsupported).
    """
    _ = data, atmospheric_correction_method, cloud_detection_method, elevation_model
    raise ExecutionError(
        "ProcessUnsupported: surface reflectance ready for analysis is not computed here.",
        remedy="Take data of level 2 as an input.",
    )


def ard_normalized_radar_backscatter(data: Cube, elevation_model: str | None = None) -> Cube:
    """Refuse: CARD4L normalised radar backscatter is not computed here.

    Raises:
        ExecutionError: Always (ProcessUnsupported).
    """
    _ = data, elevation_model
    raise ExecutionError(
        "ProcessUnsupported: normalised radar backscatter is not computed here.",
        remedy="Take calibrated data as an input, and sar_backscatter in place of this.",
    )
