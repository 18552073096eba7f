"""A published experiment, read back from a catalog by its id."""

import posixpath

import yaml
from pydantic import JsonValue, ValidationError

from earthcode_platform.catalog.documents import JsonObject, facts, section, text
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import InputError, UnknownNameError
from earthcode_platform.models.product import PublishedExperiment

__all__ = ["find"]


def find(catalog: Catalog, experiment_id: str) -> PublishedExperiment:
    """Return what the catalog records of an experiment: enough to run it again and to compare the outcome.

    Raises:
        UnknownNameError: The catalog has no such experiment; the message suggests the nearest id.
        InputError: The entry does not say enough to run it again; the message says what is missing.
    """
    if not catalog.exists(Kind.EXPERIMENT, experiment_id):
        raise UnknownNameError.among("experiment", experiment_id, catalog.ids(Kind.EXPERIMENT), where="the catalog")
    path = Kind.EXPERIMENT.path(experiment_id)
    archived = section(_input_file(catalog, path), "experiment")
    missing = [key for key in ("href", "version", "manifest_checksum", "data_checksums") if not archived.get(key)]
    if missing:
        raise _not_runnable(path, f"its input file has no experiment.{', experiment.'.join(missing)}")
    record = facts(catalog.document(path))
    try:
        return PublishedExperiment.model_validate(
            {
                "id": experiment_id,
                "version": archived["version"],
                "title": catalog.title(path),
                "product": text(archived, "product") or _product(catalog, path),
                "workflow": text(record, "osc:workflow"),
                "experiment_href": archived["href"],
                "manifest_checksum": archived["manifest_checksum"],
                "data_checksums": archived["data_checksums"],
                "commit": catalog.commit,
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _not_runnable(path, f"experiment.{place} of its input file is not usable: {first['msg']}") from None


def _input_file(catalog: Catalog, path: str) -> JsonObject:
    links = [link for link in catalog.links(path) if link.rel == "input"]
    if not links:
        raise _not_runnable(path, "it has no link with relation 'input'")
    target = links[0].target
    if target is None:
        raise _not_runnable(path, f"its input {links[0].href!r} lies outside the catalog")
    if target not in catalog:
        raise _not_runnable(path, f"its input file {target!r} does not exist")
    try:
        said: JsonValue = yaml.safe_load(catalog.content(target))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _not_runnable(path, f"its input file {target!r} is not readable as YAML: {error}") from None
    if not isinstance(said, dict):
        raise _not_runnable(path, f"its input file {target!r} is empty or no mapping")
    return said


def _product(catalog: Catalog, path: str) -> str:
    targets = [link.target for link in catalog.links(path) if link.rel == "child" and link.target]
    return next((posixpath.basename(posixpath.dirname(target)) for target in targets), "")


def _not_runnable(path: str, missing: str) -> InputError:
    return InputError(
        f"the experiment is published, but cannot be run again: {missing}.",
        where=path,
        remedy="Only experiments that this platform published name their archived experiment.yaml; publish it anew.",
    )
