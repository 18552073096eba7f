"""Which engine runs a workflow: the one here, or that of the provider in a block."""

from collections.abc import Callable, Mapping

from blocks.cwl_packages import CWLPackages
from blocks.loading import DEFAULT, load
from blocks.ogc_api_processes import OGCAPIProcesses
from blocks.openeo_backend import OpenEOBackend
from earthcode_platform.engines.contract import Engine, Progress
from earthcode_platform.engines.registry import engine_named, engine_with
from earthcode_platform.errors import InputError
from earthcode_platform.models.experiment import WorkflowKind

__all__ = ["chosen_engine"]


def _on_openeo(backend: str, progress: Progress | None) -> Engine:
    return engine_named("remote-openeo", backend=load(OpenEOBackend, backend).get_backend(), progress=progress)


def _on_processes(backend: str, progress: Progress | None) -> Engine:
    endpoint = load(OGCAPIProcesses, backend).get_endpoint()
    return engine_named("ogc-api-processes", endpoint=endpoint, progress=progress)


_PROVIDERS: dict[str, Callable[[str, Progress | None], Engine]] = {
    WorkflowKind.OPENEO: _on_openeo,
    WorkflowKind.CWL: _on_processes,
}
"""How workflows of each language run at a provider: the language says of which kind the block is."""


def _settings(kind: str) -> dict[str, object]:
    """Return what the platform allows workflows of one language alone."""
    return {"settings": load(CWLPackages, DEFAULT).get_settings()} if kind == WorkflowKind.CWL else {}


def chosen_engine(
    kind: str, backend: str | None, progress: Progress | None = None, offered: Mapping[str, object] | None = None
) -> Engine:
    """Return the engine for workflows of `kind`: the one here, or that of the provider in the block `backend`.

    The one here is made with those of the `offered` options that it has.

    Raises:
        InputError: There is no such block, it is not complete, or workflows of this language run at no provider.
        EarthCodeError: There is no engine for `kind`.
    """
    if backend is None:
        return engine_with(kind, {"progress": progress, **(offered or {}), **_settings(kind)})
    if kind not in _PROVIDERS:
        raise InputError(
            f"workflows of the kind {kind!r} run at no provider, and the run names the back-end {backend!r}.",
            remedy=f"Leave `backend` out; it is for workflows of the kinds {', '.join(sorted(_PROVIDERS))}.",
        )
    return _PROVIDERS[kind](backend, progress)
