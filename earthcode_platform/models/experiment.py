"""The experiment as its author declares it: the content of `experiment.yaml`."""

import re
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, Self, cast
from urllib.parse import urlsplit

from packaging.version import InvalidVersion
from packaging.version import Version as _Version
from pydantic import AfterValidator, Field, GetJsonSchemaHandler, JsonValue, StringConstraints
from pydantic_core import CoreSchema

from earthcode_platform.models.frozen import Checksum, Declared, Identifier, Text
from earthcode_platform.models.new_entries import NewProject, NewVariable, Reference
from earthcode_platform.models.policy import Waiver
from earthcode_platform.models.spdx import License
from earthcode_platform.models.window import BBox, TimeWindow
from earthcode_platform.redaction import public

__all__ = [
    "Catalogued",
    "Contact",
    "Experiment",
    "Grouping",
    "InputReference",
    "ProductFormat",
    "ProductWanted",
    "WorkflowDeclared",
    "WorkflowKind",
]


def _version(text: str) -> str:
    try:
        # PEP 440 lets white space around a version pass; a folder is named by it here.
        _Version(text if text == text.strip() else "")
    except InvalidVersion:
        raise ValueError(f"{text!r} is no version; write numbers with points, in quotes, such as '1.0.0'") from None
    return text


def _relative(path: str) -> str:
    parts = PurePosixPath(path).parts
    if path.startswith("/") or "\\" in path or ".." in parts or ":" in path:
        raise ValueError(f"{path!r} leaves the experiment's folder; name a file inside it, with forward slashes")
    return path


def _product_id(name: str) -> str:
    if name == "experiment":
        raise ValueError("'experiment' is the folder of the experiment in every archived product; take another id")
    return name


def _href(href: str) -> str:
    scheme = urlsplit(href).scheme
    if len(scheme) > 1 and scheme not in ("http", "https", "s3", "file"):
        known = "http, https, s3 and local files"
        raise ValueError(f"{public(href)!r} has the scheme {scheme!r}; this platform reads {known}")
    if public(href).split("?", maxsplit=1)[0] != href.split("?", maxsplit=1)[0]:
        raise ValueError(f"{public(href)!r} carried a user name or password; take it out and configure access apart")
    if not scheme and not href.startswith("/"):
        _relative(href)
    return href


_FOREIGN = re.compile(r"x-[a-z0-9]+(?:-[a-z0-9]+){0,7}")


def _address(address: str) -> str:
    if urlsplit(address).scheme not in ("http", "https"):
        raise ValueError(f"{public(address)!r} is no address with http or https; name local files under 'files'")
    return _href(address)


class WorkflowKind(StrEnum):
    """The languages in which a workflow may be written.

    Those that engines of other packages bring are called `x-<name>`, and are made when they are first named.
    """

    OPENEO = "openeo"
    """openEO process graph (JSON)."""
    CWL = "cwl"
    """CWL application package (OGC 20-089)."""
    NOTEBOOK = "notebook"
    """Jupyter notebook."""
    MLFLOW = "mlflow"
    """MLflow model."""
    ARGO = "argo"
    """Argo workflow: recognised and looked at, and run nowhere here."""

    @classmethod
    def _missing_(cls, value: object) -> "WorkflowKind | None":
        if not isinstance(value, str) or not _FOREIGN.fullmatch(value):
            return None
        foreign = str.__new__(cls, value)
        foreign._name_ = foreign._value_ = value
        known = cls._value2member_map_.setdefault(value, foreign)
        return known if isinstance(known, cls) else None

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, JsonValue]:
        """Describe both our languages and those of other packages."""
        ours = handler(schema)
        foreign: JsonValue = {
            "type": "string",
            "pattern": f"^{_FOREIGN.pattern}$",
            "description": "Of an engine of your own.",
        }
        return {"anyOf": [cast("JsonValue", handler.resolve_ref_schema(ours)), foreign]}


class ProductFormat(StrEnum):
    """The formats in which a product is written."""

    COG = "COG"
    """Cloud-optimised GeoTIFF, for maps."""
    NETCDF = "NetCDF"
    """NetCDF-4 with CF metadata, for cubes."""
    ZARR = "Zarr"
    """Zarr version 3, for large cubes."""
    CSV = "CSV"
    """Comma-separated values, for series and for values of geometries."""
    GEOJSON = "GeoJSON"
    """GeoJSON, for values of geometries."""
    PARQUET = "Parquet"
    """GeoParquet, for values of many geometries."""


class Contact(Declared):
    """Somebody who answers for the experiment."""

    name: Text
    """Full name."""
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s.]+$")] | None = None
    """E-mail address; it is published."""
    organization: Text | None = None
    """Where they work."""
    roles: tuple[Text, ...] = ("author",)
    """What they did, such as author or technical_officer."""


class Catalogued(Declared):
    """Where the experiment belongs in the Open Science Catalog: ids of entries that exist there, or are new with it."""

    project: Reference
    """The project that paid for it."""
    themes: Annotated[tuple[Reference, ...], Field(min_length=1)]
    """Themes it serves; at least one."""
    variables: tuple[Reference, ...] = ()
    """Variables its product holds."""
    missions: tuple[Reference, ...] = ()
    """EO missions its inputs come from."""
    region: Text | None = None
    """Name of the region, in words."""
    new_project: NewProject | None = None
    """The project named above, if the catalog may lack it."""
    new_variables: tuple[NewVariable, ...] = ()
    """Those of the variables named above that the catalog may lack."""


class WorkflowDeclared(Declared):
    """The workflow: what is computed."""

    kind: WorkflowKind
    """Its language."""
    entry: Annotated[str, StringConstraints(min_length=1), AfterValidator(_relative)]
    """Its file, relative to the experiment's folder."""
    files: tuple[Annotated[str, StringConstraints(min_length=1), AfterValidator(_relative)], ...] = ()
    """Further files and folders that it uses, relative to the experiment's folder; of a folder, all files below."""
    copies: dict[Annotated[str, AfterValidator(_address)], Annotated[str, AfterValidator(_relative)]] = Field(
        default={}
    )
    """What it names by address, and the files of the experiment's folder that are read in their place."""
    title: Text
    """Its title in the catalog."""
    id: Identifier | None = None
    """Its id in the catalog; `<experiment>-workflow` if left out."""


class Grouping(StrEnum):
    """Which items of an input become one date of a cube."""

    MOMENT = "moment"
    """Those of the same moment."""
    SOLAR_DAY = "solar_day"
    """Those of one day by the sun: the tiles and the parts of an orbit that were seen in one pass."""


class InputReference(Declared):
    """One named input: a STAC item, collection or catalog, and the part of it that is wanted."""

    href: Annotated[str, StringConstraints(min_length=1), AfterValidator(_href)]
    """Where the STAC document is: a path inside the folder, a URL, or an object in storage (`s3://bucket/key`)."""
    datetime: TimeWindow | None = None
    """Only items in this window, both ends included."""
    bbox: BBox | None = None
    """Only this box: west, south, east, north in degrees."""
    group: Grouping = Grouping.MOMENT
    """Which items become one date; where they overlap, the first with data counts."""
    checksum: Checksum | None = None
    """SHA-256 multihash that the STAC document must have."""
    stands_for: Text | None = None
    """What the workflow calls it, if not by its name: the id of a collection, or a URL."""


class ProductWanted(Declared):
    """The product: what comes out."""

    id: Annotated[Identifier, AfterValidator(_product_id)]
    """Its id in the catalog and in the archive."""
    title: Text
    """Its title in the catalog."""
    description: Text | None = None
    """What it holds; the experiment's description if left out."""
    format: ProductFormat = ProductFormat.COG
    """How it is written."""


class Experiment(Declared):
    """A workflow, its inputs and its configuration, with what the catalog must know of them."""

    id: Identifier
    """Its id in the catalog; by it the experiment can be run again."""
    version: Annotated[str, AfterValidator(_version)]
    """Raise it when the product changes: an archived version is never overwritten."""
    title: Text
    """Its title in the catalog."""
    description: Text
    """What question it answers, and how."""
    license: License
    """SPDX identifier of the product's licence, or `various` or `proprietary`."""
    contacts: Annotated[tuple[Contact, ...], Field(min_length=1)]
    """Who answers for it; at least one."""
    osc: Catalogued
    """Where it belongs in the Open Science Catalog."""
    workflow: WorkflowDeclared
    """What is computed."""
    inputs: Annotated[dict[Identifier, InputReference], Field(min_length=1)]
    """What it is computed from, by name."""
    configuration: dict[str, JsonValue] = Field(default={})
    """With which values, by name."""
    product: ProductWanted
    """What comes out."""
    waivers: tuple[Waiver, ...] = ()
    """Findings that somebody answers for, where the platform permits it."""

    @property
    def workflow_id(self) -> str:
        """The workflow's id in the catalog."""
        return self.workflow.id or f"{self.id}-workflow"

    def with_overrides(self, inputs: dict[str, str], configuration: dict[str, JsonValue]) -> Self:
        """Return the experiment with other hrefs for named inputs and other configuration values.

        An overridden input loses its checksum, which belonged to the document it replaces.

        Raises:
            KeyError: An input or a value of that name was not declared.
            ValueError: A href is not usable.
        """
        for name in inputs.keys() - self.inputs.keys() | configuration.keys() - self.configuration.keys():
            raise KeyError(name)
        replaced = {
            name: reference
            if name not in inputs
            else InputReference(
                href=inputs[name], datetime=reference.datetime, bbox=reference.bbox, stands_for=reference.stands_for
            )
            for name, reference in self.inputs.items()
        }
        return self.model_copy(update={"inputs": replaced, "configuration": {**self.configuration, **configuration}})
