"""Entries of a catalog as they are read: what people wrote, in one form, with a note on everything that was not."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from earthcode_platform.models.catalog_code import CodeLink, InputLink, Kernel, RecordParameter
from earthcode_platform.models.frozen import Frozen
from earthcode_platform.models.shown import Shown

__all__ = [
    "Box",
    "CatalogRecord",
    "ExecutableRecord",
    "ExperimentRecord",
    "Interval",
    "ProductRecord",
    "ProjectRecord",
    "RecordKind",
    "WorkflowRecord",
]


Box = tuple[float, float, float, float]
"""West, south, east, north in degrees, EPSG:4326; west above east crosses the antimeridian (RFC 7946, section 5.2)."""


class RecordKind(StrEnum):
    """The kinds of entries that can be loaded and searched."""

    PRODUCT = "product"
    """What came out."""
    EXPERIMENT = "experiment"
    """A workflow with its inputs and configuration."""
    WORKFLOW = "workflow"
    """What is computed."""
    PROJECT = "project"
    """Who paid for it."""


class Interval(Frozen):
    """A closed interval of time, UTC; an end may be open."""

    start: datetime | None
    """First moment; None if it is open."""
    end: datetime | None
    """Last moment; None if it is open."""


class CatalogRecord(Frozen):
    """An entry of a catalog. No text of it carries the userinfo of a URL."""

    id: Shown
    """Its id: the name of its folder."""
    path: Shown
    """Path of its file inside the catalog."""
    title: Shown
    """Title."""
    description: Shown
    """Description."""
    keywords: tuple[Shown, ...]
    """Keywords."""
    license: Shown
    """Licence, as written."""
    doi: Shown
    """Digital Object Identifier without an address around it; empty if it has none."""
    project: Shown
    """Id of its project; empty if it names none."""
    themes: tuple[Shown, ...]
    """Ids of its themes."""
    variables: tuple[Shown, ...]
    """Ids of its variables."""
    missions: tuple[Shown, ...]
    """Ids of its EO missions."""
    boxes: tuple[Box, ...]
    """Its boxes on the ground."""
    intervals: tuple[Interval, ...]
    """Its intervals of time."""
    quirks: tuple[Shown, ...]
    """What had to be put into another form, one sentence each."""


class ProductRecord(CatalogRecord):
    """A product."""

    kind: Literal[RecordKind.PRODUCT] = RecordKind.PRODUCT
    """What it is."""
    status: Shown
    """Planned, ongoing or completed."""
    version: Shown
    """Version; empty if none is named."""
    experiment: Shown
    """Id of the experiment that made it; empty if it names none."""
    access: tuple[Shown, ...]
    """Where its data are: addresses of its `via` and outside `child` links."""


class ProjectRecord(CatalogRecord):
    """A project."""

    kind: Literal[RecordKind.PROJECT] = RecordKind.PROJECT
    """What it is."""
    status: Shown
    """Planned, ongoing or completed."""
    products: tuple[Shown, ...]
    """Ids of its products."""
    workflows: tuple[Shown, ...]
    """Ids of its workflows."""


class ExecutableRecord(CatalogRecord):
    """What workflows and experiments have in common: code, and what it needs."""

    version: Shown
    """Version; empty if none is named."""
    application_type: Shown
    """`application:type`; empty if none is named."""
    container: bool | None
    """Whether it says that it runs in a container; None if it says nothing."""
    images: tuple[Shown, ...]
    """Container images that it names."""
    languages: tuple[Shown, ...]
    """Programming languages."""
    kernel: Kernel | None
    """What its notebook ran on."""
    code: tuple[CodeLink, ...]
    """Links to code, in order."""
    backends: tuple[Shown, ...]
    """openEO back-ends that it names."""
    platforms: tuple[Shown, ...]
    """Platforms it was made on."""
    inputs: tuple[InputLink, ...]
    """What it was given."""
    access: tuple[Shown, ...]
    """Rights that its links say they need, in words."""


class WorkflowRecord(ExecutableRecord):
    """A workflow."""

    kind: Literal[RecordKind.WORKFLOW] = RecordKind.WORKFLOW
    """What it is."""
    experiments: tuple[Shown, ...]
    """Ids of its experiments."""


class ExperimentRecord(ExecutableRecord):
    """An experiment."""

    kind: Literal[RecordKind.EXPERIMENT] = RecordKind.EXPERIMENT
    """What it is."""
    workflow: Shown
    """Id of its workflow; empty if it names none."""
    products: tuple[Shown, ...]
    """Ids of its products."""
    environments: tuple[InputLink, ...]
    """What it ran on."""
    parameters: tuple[RecordParameter, ...]
    """Its parameters."""
    parameters_declared: bool
    """Whether its input file has a list of parameters at all, were it an empty one."""
