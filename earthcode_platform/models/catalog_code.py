"""What records of a catalog say of code, of what it ran on, and of what it was given."""

from enum import StrEnum

from pydantic import JsonValue

from earthcode_platform.models.frozen import Frozen
from earthcode_platform.models.shown import Shown

__all__ = ["CodeForm", "CodeLink", "InputForm", "InputLink", "Kernel", "Pin", "RecordParameter"]


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

    rel: Shown
    """Relation, as written."""
    written: Shown
    """Address, as written."""
    href: Shown
    """Address of the file itself or of the repository, path inside the catalog, or as written."""
    form: CodeForm
    """What it leads to."""
    pin: Pin
    """What fixes it."""
    reference: Shown = ""
    """Commit, tag or branch that the address names."""
    path: Shown = ""
    """Path inside the repository."""
    media_type: Shown = ""
    """Media type, as written."""
    application_type: Shown = ""
    """`application:type` of the link."""
    title: Shown = ""
    """Title of the link."""


class Kernel(Frozen):
    """What a notebook says it ran on."""

    name: Shown
    """Name of the kernel."""
    python_version: Shown
    """Version of Python; empty if none is named."""
    environment: Shown
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

    name: Shown
    """Name or title."""
    href: Shown
    """Address, or path inside the catalog."""
    form: InputForm
    """What it is."""
    pin: Pin = Pin.NOTHING
    """What fixes it; a file of the catalog is fixed by the catalog's commit."""
    comment: Shown = ""
    """What its `$comment` says."""
    packages: tuple[Shown, ...] = ()
    """Names of the packages that an environment installs."""
    python_version: Shown = ""
    """Version of Python that an environment names."""


class RecordParameter(Frozen):
    """A parameter that a record names."""

    name: Shown
    """Its name."""
    value: JsonValue = None
    """The value that it was given; None if it has none."""
    has_value: bool
    """Whether a value is given."""
    has_schema: bool = False
    """Whether something says which values it takes."""
