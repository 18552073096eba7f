"""What a workflow is written in and where it starts, told conservatively by what its record says of its links."""

import posixpath
from typing import Final

from earthcode_platform.models.catalog_code import CodeForm, CodeLink
from earthcode_platform.models.catalog_record import ExecutableRecord
from earthcode_platform.models.executability import Technology

__all__ = ["entry_of", "technology_of"]

_APPLICATIONS: Final = {
    "jupyter-notebook": Technology.NOTEBOOK,
    "notebook": Technology.NOTEBOOK,
    "cwl": Technology.CWL,
    "argo-workflow": Technology.ARGO,
    "openeo": Technology.OPENEO,
    "openeo-process": Technology.OPENEO,
    "mlflow-model": Technology.MLFLOW,
    "script": Technology.SCRIPT,
}
"""By `application:type` (EOEPCA metadata profile)."""
_MEDIA: Final = {
    "application/x-ipynb+json": Technology.NOTEBOOK,
    "application/cwl": Technology.CWL,
    "application/cwl+yaml": Technology.CWL,
    "application/cwl+json": Technology.CWL,
    "application/x-argo-workflow-yaml": Technology.ARGO,
}
_RELATIONS: Final = {"process_graph": Technology.OPENEO, "jupyter-notebook": Technology.NOTEBOOK}
_SUFFIXES: Final = {
    ".ipynb": Technology.NOTEBOOK,
    ".cwl": Technology.CWL,
    ".py": Technology.SCRIPT,
    ".r": Technology.SCRIPT,
    ".jl": Technology.SCRIPT,
    ".sh": Technology.SCRIPT,
    ".m": Technology.SCRIPT,
}
_STARTED: Final = ("application", "process_graph", "jupyter-notebook")
"""Relations of what is started; the others lead to code around it."""
_FORMS: Final = {form: place for place, form in enumerate(CodeForm)}


def technology_of(link: CodeLink, declared: str = "") -> Technology:
    """Return what a link to code leads to.

    Its `application:type` decides, then its media type, its relation and the name of its file; what the record as a
    whole declares decides only for a link that says that it is started.

    Args:
        link: The link.
        declared: `application:type` of the record.
    """
    rel = link.rel.lower()
    suffix = posixpath.splitext(link.path or link.href.partition("?")[0])[1].lower()
    told = (
        _APPLICATIONS.get(link.application_type.lower())
        or _MEDIA.get(link.media_type.partition(";")[0].strip().lower())
        or _RELATIONS.get(rel)
        or (_SUFFIXES.get(suffix) if link.form is CodeForm.FILE else None)
        or (Technology.MLFLOW if link.href.endswith("/MLmodel") else None)
    )
    if told is None and rel in _STARTED:
        told = _APPLICATIONS.get(declared.lower())
    return told or Technology.NONE


def entry_of(record: ExecutableRecord) -> tuple[Technology, CodeLink | None]:
    """Return what a record is written in, and the link that comes nearest to what would be started.

    One file of a known kind goes before a folder or a repository of a known kind, and that before code of no kind.
    """
    declared = _APPLICATIONS.get(record.application_type.lower(), Technology.NONE)
    found = [(technology_of(link, record.application_type), link) for link in record.code]
    if not found:
        return declared, None
    kind, link = min(found, key=_rank)
    return (declared if kind is Technology.NONE else kind), link


def _rank(found: tuple[Technology, CodeLink]) -> tuple[bool, int, bool]:
    """Return what sorts the best entry first; of equal ones the first of the record stays first."""
    kind, link = found
    return kind is Technology.NONE, _FORMS[link.form], link.rel.lower() not in _STARTED
