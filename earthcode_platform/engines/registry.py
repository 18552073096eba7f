"""Engines, found by entry point: ours by the same door as a stranger's.

A distribution offers an engine with one line of its `pyproject.toml`::

    [project.entry-points."earthcode_platform.engines"]
    my-language = "my_package.engine:MyEngine"

The name of the entry point is the engine's name; the `kinds` of the class say what it runs.
"""

import inspect
from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import Final, cast

from earthcode_platform.engines.contract import Engine
from earthcode_platform.errors import ConflictError, InputError, MissingExtraError, UnknownNameError
from earthcode_platform.models.experiment import WorkflowKind
from earthcode_platform.models.platform import ProcessingPlatform

__all__ = [
    "GROUP",
    "PLATFORMS",
    "available",
    "engine_for",
    "engine_named",
    "engine_with",
    "find_engine",
    "platforms",
]

GROUP: Final = "earthcode_platform.engines"
"""The entry point group."""
PLATFORMS: Final = "earthcode_platform.platforms"
"""The entry point group of platforms elsewhere; each leads to a `ProcessingPlatform`."""

_EXTRAS: Final = {
    WorkflowKind.CWL: ("cwl", "cwltool"),
    WorkflowKind.NOTEBOOK: ("notebook", "papermill"),
    WorkflowKind.MLFLOW: ("mlflow", "mlflow"),
}
"""The extra that brings what a kind needs, and a module that is there once it is installed."""


def find_engine(kind: str) -> type[Engine]:
    """Return the class of the engine that runs workflows of `kind`.

    An engine that is named like the kind goes before others that run it too.

    Raises:
        UnknownNameError: No engine here runs `kind`.
        MissingExtraError: What such an engine needs is not installed.
        ConflictError: Several run it, and none of them is named like it.
        InputError: The entry point named like it does not lead to an engine.
    """
    kind = str(kind)
    points = _points()
    for point in points:
        if point.name == kind:
            return _load(point)
    runners = [point for point in points if _runs(point, kind)]
    if len(runners) > 1:
        names = ", ".join(repr(point.name) for point in runners)
        raise ConflictError(f"the engines {names} all run {kind!r}.", remedy="Uninstall all but one of them.")
    if not runners:
        raise _nobody_runs(kind)
    return _load(runners[0])


def engine_for(kind: str, **options: object) -> Engine:
    """Return an engine for workflows of `kind`, made with `options`.

    Raises:
        EarthCodeError: As `find_engine`.
    """
    # The contract promises keyword options with defaults, which a Protocol cannot say of a constructor.
    build = cast("Callable[..., Engine]", find_engine(kind))
    return build(**options)


def engine_named(name: str, **options: object) -> Engine:
    """Return the engine whose entry point is called `name`, made with `options`.

    For engines that the platform's configuration chooses in place of the one that a kind leads to.

    Raises:
        UnknownNameError: There is no engine of that name.
        EarthCodeError: As `find_engine`.
    """
    points = {point.name: point for point in _points()}
    if name not in points:
        raise UnknownNameError.among("engine", name, points)
    build = cast("Callable[..., Engine]", _load(points[name]))
    return build(**options)


def engine_with(kind: str, offered: Mapping[str, object]) -> Engine:
    """Return an engine for workflows of `kind`, made with those of the offered options that it has.

    So a platform may offer every engine what only some need, such as `limits` and `least` for programs of strangers.

    Raises:
        EarthCodeError: As `find_engine`.
    """
    has = inspect.signature(find_engine(kind)).parameters
    return engine_for(kind, **{name: value for name, value in offered.items() if name in has})


def available() -> dict[str, str]:
    """Return the kinds of workflow that can run here, each with the name of its engine.

    An engine that cannot be imported is left out; `find_engine` says why.
    """
    found: dict[str, str] = {}
    for point in _points():
        for kind in _kinds(point):
            if kind not in found or point.name == kind:
                found[kind] = point.name
    return dict(sorted(found.items()))


def platforms() -> tuple[ProcessingPlatform, ...]:
    """Return the platforms elsewhere that installed distributions register, by the names of their entry points.

    An entry point that leads to none is passed over: it stops no experiment.
    """
    found: dict[str, ProcessingPlatform] = {}
    for point in entry_points(group=PLATFORMS):
        try:
            platform = point.load()
        except (ImportError, AttributeError):
            continue
        if isinstance(platform, ProcessingPlatform):
            found[point.name] = platform
    return tuple(found[name] for name in sorted(found))


def _points() -> list[EntryPoint]:
    """Return the entry points by name; one that is found twice on the path counts once."""
    unique = {(point.name, point.value): point for point in entry_points(group=GROUP)}
    return [unique[key] for key in sorted(unique)]


def _load(point: EntryPoint) -> type[Engine]:
    try:
        engine: type[Engine] = point.load()
    except ImportError as error:
        raise _not_importable(point, error) from error
    except AttributeError as error:
        raise _no_engine(point) from error
    if not isinstance(getattr(engine, "kinds", None), frozenset):
        raise _no_engine(point)
    return engine


def _kinds(point: EntryPoint) -> frozenset[str]:
    """Return the kinds that lead to an engine: none, if it is chosen by its name alone or cannot be had."""
    try:
        engine = _load(point)
    except (MissingExtraError, InputError):
        return frozenset()
    return frozenset() if getattr(engine, "by_name", False) else engine.kinds


def _runs(point: EntryPoint, kind: str) -> bool:
    return kind in _kinds(point)


def _not_importable(point: EntryPoint, error: ImportError) -> MissingExtraError:
    extra = next((extra for kind, (extra, _) in _EXTRAS.items() if kind == point.name), "")
    if extra:
        return MissingExtraError.of(f"the engine {point.name!r}", extra)
    origin = f" of {point.dist.name}" if point.dist else ""
    return MissingExtraError(
        f"the engine {point.name!r}{origin} cannot be imported: {error}.",
        remedy="Install what it needs, or uninstall it.",
    )


def _no_engine(point: EntryPoint) -> InputError:
    return InputError(
        f"the entry point {point.name!r} leads to {point.value!r}, which is no engine.",
        where=point.dist.name if point.dist else GROUP,
        remedy="Let it name a class with `kinds`, as earthcode_platform.engines.contract.Engine describes.",
    )


def _nobody_runs(kind: str) -> UnknownNameError | MissingExtraError:
    known = available()
    if kind not in tuple(WorkflowKind):
        return UnknownNameError.among("engine for workflows of the kind", kind, known)
    extra, module = _EXTRAS.get(WorkflowKind(kind), ("", ""))
    if extra and find_spec(module) is None:
        return MissingExtraError.of(f"a workflow of the kind {kind!r}", extra)
    return UnknownNameError(
        f"this release has no engine for workflows of the kind {kind!r}.",
        remedy=f"It runs: {', '.join(known) or 'none'}.",
    )
