"""Entries of a catalog as they are read: what people wrote, in one form, with a note on everything that was not."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, JsonValue

from earthcode_platform.models.frozen import Frozen
from earthcode_platform.redaction import public

__all__ = [
    "Box",
    "CatalogRecord",
    "CodeForm",
    "CodeLink",
    "ExecutableRecord",
    "ExperimentRecord",
    "InputForm",
    "InputLink",
    "Interval",
    "Kernel",
    "Pin",
    "ProductRecord",
    "ProjectRecord",
    "RecordKind",
    "RecordParameter",
    "WorkflowRecord",
]

_Public = Annotated[str, AfterValidator(public)]

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


class CodeForm(StrEnum):
    """What an address of code leads to, as far as the address tells."""

    FILE = "file"
    """One file."""
    FOLDER = "folder"
    """A folder of a repository."""
    REPOSITORY = "repository"
    """A whole repository."""
    ARCHIVE = "archive"
    """A packed archive."""
    LANDING_PAGE = "landing-page"
    """A page about a deposit, such as a DOI."""
    PAGE = "page"
    """Some other page."""


class Pin(StrEnum):
    """What fixes the bytes behind an address."""

    DIGEST = "digest"
    """A checksum: other bytes would be noticed."""
    COMMIT = "commit"
    """A full commit hash."""
    DEPOSIT = "deposit"
    """The file of a deposit that is never changed, such as a Zenodo record's."""
    TAG = "tag"
    """A tag or a release, which its owner can still move."""
    BRANCH = "branch"
    """A branch, which moves."""
    NOTHING = "nothing"
    """Nothing."""


class CodeLink(Frozen):
    """A link to code, as it can be used."""

    rel: str
    """Relation, as written."""
    written: _Public
    """Address, as written."""
    href: _Public
    """Address of the file itself, of the repository, or as written."""
    form: CodeForm
    """What it leads to."""
    pin: Pin
    """What fixes it."""
    reference: str = ""
    """Commit, tag or branch that the address names."""
    path: str = ""
    """Path inside the repository."""
    media_type: str = ""
    """Media type, as written."""
    application_type: str = ""
    """`application:type` of the link."""
    title: _Public = ""
    """Title of the link."""


class Interval(Frozen):
    """A closed interval of time, UTC; an end may be open."""

    start: datetime | None
    """First moment; None if it is open."""
    end: datetime | None
    """Last moment; None if it is open."""


class Kernel(Frozen):
    """What a notebook says it ran on."""

    name: str
    """Name of the kernel."""
    python_version: str
    """Version of Python; empty if none is named."""
    environment: _Public
    """Address of its environment file; empty if none is named."""
    environment_pin: Pin
    """What fixes that file."""


class InputForm(StrEnum):
    """What an `input` or `environment` link leads to, or a data set that a record names."""

    PARAMETERS = "parameters"
    """A file in the catalog with parameters."""
    STAC = "stac"
    """A STAC document."""
    FILE = "file"
    """Some other file."""
    CONDA = "conda-environment"
    """A conda environment."""
    RECORDED = "recorded-environment"
    """Engine, libraries and versions as this platform records them."""
    COMMENT = "comment-only"
    """A file with a comment and nothing else."""
    EMPTY = "empty"
    """A file without content."""
    UNREADABLE = "unreadable"
    """A file that is no YAML, or no mapping."""
    MISSING = "missing"
    """A file of the catalog that does not exist."""
    LANDING_PAGE = "landing-page"
    """A page about a deposit, such as a DOI."""
    REPOSITORY = "repository"
    """A repository of code."""
    PAGE = "page"
    """Some other page."""


class InputLink(Frozen):
    """Something that a record says it was given."""

    name: str
    """Name or title."""
    href: _Public
    """Address, or path inside the catalog."""
    form: InputForm
    """What it is."""
    comment: _Public = ""
    """What its `$comment` says."""
    packages: tuple[str, ...] = ()
    """Names of the packages that an environment installs."""
    python_version: str = ""
    """Version of Python that an environment names."""


class RecordParameter(Frozen):
    """A parameter that a record names."""

    name: str
    """Its name."""
    value: JsonValue = None
    """The value that it was given; None if it has none."""
    has_value: bool
    """Whether a value is given."""
    has_schema: bool = False
    """Whether something says which values it takes."""


class CatalogRecord(Frozen):
    """An entry of a catalog. No text of it carries the userinfo of a URL."""

    id: str
    """Its id: the name of its folder."""
    path: str
    """Path of its file inside the catalog."""
    title: _Public
    """Title."""
    description: _Public
    """Description."""
    keywords: tuple[str, ...]
    """Keywords."""
    license: str
    """Licence, as written."""
    doi: str
    """Digital Object Identifier without an address around it; empty if it has none."""
    project: str
    """Id of its project; empty if it names none."""
    themes: tuple[str, ...]
    """Ids of its themes."""
    variables: tuple[str, ...]
    """Ids of its variables."""
    missions: tuple[str, ...]
    """Ids of its EO missions."""
    boxes: tuple[Box, ...]
    """Its boxes on the ground."""
    intervals: tuple[Interval, ...]
    """Its intervals of time."""
    quirks: tuple[_Public, ...]
    """What had to be put into another form, one sentence each."""


class ProductRecord(CatalogRecord):
    """A product."""

    kind: Literal[RecordKind.PRODUCT] = RecordKind.PRODUCT
    """What it is."""
    status: str
    """Planned, ongoing or completed."""
    version: str
    """Version; empty if none is named."""
    experiment: str
    """Id of the experiment that made it; empty if it names none."""
    access: tuple[_Public, ...]
    """Where its data are: addresses of its `via` and outside `child` links."""


class ProjectRecord(CatalogRecord):
    """A project."""

    kind: Literal[RecordKind.PROJECT] = RecordKind.PROJECT
    """What it is."""
    status: str
    """Planned, ongoing or completed."""
    products: tuple[str, ...]
    """Ids of its products."""
    workflows: tuple[str, ...]
    """Ids of its workflows."""


class ExecutableRecord(CatalogRecord):
    """What workflows and experiments have in common: code, and what it needs."""

    version: str
    """Version; empty if none is named."""
    application_type: str
    """`application:type`; empty if none is named."""
    container: bool | None
    """Whether it says that it runs in a container; None if it says nothing."""
    images: tuple[_Public, ...]
    """Container images that it names."""
    languages: tuple[str, ...]
    """Programming languages."""
    kernel: Kernel | None
    """What its notebook ran on."""
    code: tuple[CodeLink, ...]
    """Links to code, in order."""
    backends: tuple[_Public, ...]
    """openEO back-ends that it names."""
    platforms: tuple[str, ...]
    """Platforms it was made on."""
    inputs: tuple[InputLink, ...]
    """What it was given."""
    access: tuple[str, ...]
    """Rights that its links say they need, in words."""


class WorkflowRecord(ExecutableRecord):
    """A workflow."""

    kind: Literal[RecordKind.WORKFLOW] = RecordKind.WORKFLOW
    """What it is."""
    experiments: tuple[str, ...]
    """Ids of its experiments."""


class ExperimentRecord(ExecutableRecord):
    """An experiment."""

    kind: Literal[RecordKind.EXPERIMENT] = RecordKind.EXPERIMENT
    """What it is."""
    workflow: str
    """Id of its workflow; empty if it names none."""
    products: tuple[str, ...]
    """Ids of its products."""
    environments: tuple[InputLink, ...]
    """What it ran on."""
    parameters: tuple[RecordParameter, ...]
    """Its parameters."""
    parameters_declared: bool
    """Whether its input file has a list of parameters at all, were it an empty one."""
