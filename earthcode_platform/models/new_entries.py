"""Entries that an experiment brings into the Open Science Catalog beside its own: a project, and variables."""

from enum import StrEnum
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints

from earthcode_platform.models.frozen import Declared, Identifier, Text
from earthcode_platform.models.spdx import License
from earthcode_platform.models.window import BBox, TimeWindow
from earthcode_platform.redaction import public

__all__ = ["NewProject", "NewVariable", "ProjectStatus", "Reference", "TechnicalOfficer", "WebAddress"]

Reference = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[._-][a-z0-9]+)*$", max_length=160)]
"""The id of an entry that may exist already: 42 of 208 real projects have ids of 82 to 137 characters."""


def _web_address(address: str) -> str:
    if public(address) != address:
        raise ValueError(f"{public(address)!r} carried a user name, password or key; name the public page")
    if not urlsplit(address).hostname:
        raise ValueError(f"{address!r} names no host; write it as https://example.org/page")
    return address


_PART: Final = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*"
WebAddress = Annotated[
    str,
    StringConstraints(pattern=rf"^https?://[A-Za-z0-9.-]+(:[0-9]+)?([/?]{_PART})?(#{_PART})?$"),
    AfterValidator(_web_address),
]
"""The address of a page that anybody may read, in the form of RFC 3986."""


class ProjectStatus(StrEnum):
    """How far a project is."""

    PLANNED = "planned"
    """It has not begun."""
    ONGOING = "ongoing"
    """It is under way."""
    COMPLETED = "completed"
    """It is over."""


class TechnicalOfficer(Declared):
    """Who answers for a project at the agency that pays for it."""

    name: Annotated[Text, StringConstraints(min_length=2)]
    """Full name; the catalog's gate refuses a single letter."""
    email: Annotated[
        str,
        StringConstraints(
            pattern=r"^[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+)*"
            r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+$"
        ),
    ]
    """E-mail address; it is published."""


class NewProject(Declared):
    """The project that `osc.project` names, for a catalog that lacks it."""

    title: Text
    """Its title in the catalog."""
    description: Text
    """What it is for."""
    status: ProjectStatus
    """How far it is."""
    website: WebAddress
    """Its page."""
    technical_officer: TechnicalOfficer
    """Who answers for it at the agency."""
    themes: tuple[Reference, ...] = ()
    """Themes it serves; those of the experiment if left out."""
    license: License | None = None
    """SPDX identifier of what it publishes, or `various` or `proprietary`; the experiment's if left out."""
    datetime: TimeWindow | None = None
    """When it runs; the time of the product if left out."""
    bbox: BBox | None = None
    """Where it works; the box of the product if left out."""


class NewVariable(Declared):
    """A variable that `osc.variables` names, for a catalog that lacks it."""

    id: Identifier
    """Its id in the catalog; `osc.variables` names it too."""
    title: Text
    """Its title in the catalog."""
    description: Text
    """What is measured, in which unit."""
    themes: Annotated[tuple[Reference, ...], Field(min_length=1)]
    """Themes it belongs to; at least one."""
    definition: WebAddress
    """Where it is defined, such as its CF standard name or its GCMD keyword."""
