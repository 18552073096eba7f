"""What CWL packages may use on the machines of this platform."""

from pathlib import Path
from typing import Literal

from prefect.blocks.core import Block
from pydantic import Field, HttpUrl

from blocks.home import home
from earthcode_platform.engines.cwl.orders import ToolLimits
from earthcode_platform.engines.cwl.settings import Settings
from earthcode_platform.errors import InputError

__all__ = ["CWLPackages"]

_MIB = 1024


class CWLPackages(Block):
    """Programs that run containers, and what packages get of cores, memory, time, network and documents of the web.

    That of the block `default` counts for all runs here; the compute block may allow less, never more.

    Example:
        ```python
        from blocks.cwl_packages import CWLPackages

        allowed = CWLPackages.load("BLOCK_NAME")
        settings = allowed.get_settings()
        ```
    """

    _block_type_name = "EarthCODE CWL packages"
    _block_type_slug = "earthcode-cwl-packages"
    _documentation_url = HttpUrl("https://earthcode.esa.int")
    _description = "What CWL packages may use here: containers, cores, memory, time, network."

    runtimes: list[Literal["docker", "podman"]] = Field(
        default=["docker", "podman"],
        description="Programs that may run containers; the first that answers is taken. Empty: no containers.",
    )
    pull: bool = Field(default=False, description="Whether images that are not here are fetched from their registry.")
    without_images: bool = Field(
        default=False,
        description="Whether a tool that requires an image runs without it where the image cannot be had: with "
        "software of the worker, which then is yours to keep. The check warns of it, and the product says so.",
    )
    network: bool = Field(
        default=True, description="Whether tools that ask for the network (CWL, NetworkAccess) get it; others never do."
    )
    cores: int | None = Field(
        default=None, ge=1, description="Cores that the tools of a run share; all of the worker's machine if left out."
    )
    memory_gib: float | None = Field(
        default=None,
        gt=0,
        description="Memory in GiB that the tools of a run share; three quarters of the machine's if left out. The "
        "compute block's memory counts too: the less of both.",
    )
    hours: float = Field(default=6.0, gt=0, le=6, description="Hours after which a run is ended, with all its tools.")
    processes: int = Field(default=512, ge=1, description="Processes and threads of the tools of a run.")
    tool_memory_gib: float | None = Field(
        default=None, gt=0, description="Most memory in GiB of one tool; as much as all share if left out."
    )
    tool_hours: float = Field(default=1.0, gt=0, le=6, description="Hours after which one tool is ended.")
    schemas: list[str] = Field(
        default_factory=list,
        description="Folders with documents of the web that packages import, laid out as `<host>/<path>`.",
    )
    fetch_schemas: bool = Field(
        default=False,
        description="Whether documents of the web that packages import, and that no folder holds, are fetched, once, "
        "into `cwl-schemas` in EARTHCODE_HOME. Tools are never fetched.",
    )

    def get_settings(self) -> Settings:
        """Return the settings as the engine takes them.

        Raises:
            InputError: A folder of `schemas` is not there, or a tool may use more than all tools together.
        """
        for folder in self.schemas:
            if not Path(folder).is_dir():
                raise InputError(
                    f"there is no folder {folder!r}.",
                    where="EarthCODE CWL packages: schemas",
                    remedy="Name a folder that every worker sees, or take it out.",
                )
        if self.memory_gib and self.tool_memory_gib and self.tool_memory_gib > self.memory_gib:
            raise InputError(
                f"one tool may use {self.tool_memory_gib:g} GiB, and all together {self.memory_gib:g}.",
                where="EarthCODE CWL packages: tool_memory_gib",
                remedy="Lower it, or raise memory_gib.",
            )
        chosen = {"cores": self.cores, "memory_mib": _mib(self.memory_gib)}
        base = Settings(**{name: value for name, value in chosen.items() if value is not None})
        tool = ToolLimits(seconds=self.tool_hours * 3600, memory_mib=_mib(self.tool_memory_gib) or base.memory_mib)
        return base.model_copy(
            update={
                "processes": self.processes,
                "seconds": self.hours * 3600,
                "tool": tool,
                "containers": tuple(self.runtimes),
                "without_images": self.without_images,
                "pull": self.pull,
                "network": self.network,
                "schemas": tuple(Path(folder).absolute() for folder in self.schemas),
                "fetched": home() / "cwl-schemas" if self.fetch_schemas else None,
            }
        )


def _mib(gib: float | None) -> int | None:
    return None if gib is None else max(1, int(gib * _MIB))
