"""A workflow that no engine here runs: is it one at all, and which platform could run it?"""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Final

import yaml

from earthcode_platform.errors import nearest
from earthcode_platform.models.experiment import WorkflowKind
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.platform import ProcessingPlatform

__all__ = ["check", "who_runs"]

_GROUP: Final = "argoproj.io/"
_KINDS: Final = ("Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow")
_WAYS: Final = (
    *("container", "containerSet", "script", "steps", "dag", "resource", "suspend", "http", "data", "plugin"),
)
"""What a template of Argo does; exactly one of them (Argo Workflows, fields of Template)."""


def who_runs(kind: WorkflowKind, platforms: Sequence[ProcessingPlatform]) -> str:
    """Return in words which registered platforms run workflows of `kind`; empty if none does."""
    able = [platform for platform in platforms if kind in platform.kinds]
    return ", ".join(f"{platform.title} ({platform.address})" for platform in able)


def check(pinned: PinnedExperiment, platforms: Sequence[ProcessingPlatform]) -> Iterator[Finding]:
    """Yield what is wrong with a workflow of a language that is only recognised here, and who could run it.

    Args:
        pinned: The experiment.
        platforms: The platforms that this installation knows.
    """
    kind = pinned.workflow.kind
    if kind is WorkflowKind.ARGO:
        yield from _argo(Path(pinned.workflow.path))
    able = who_runs(kind, platforms)
    if able:
        message = f"a workflow of the kind {kind.value!r} does not run here, but on {able}."
        yield _found("runs-elsewhere", "experiment.yaml: workflow.kind", message, "Run it there.", Severity.NOTE)


def _found(code: str, where: str, message: str, remedy: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code=f"workflow-{code}", severity=severity, where=where, message=message, remedy=remedy)


def _argo(path: Path) -> Iterator[Finding]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        told = " ".join(str(error).split()).rstrip(".")
        yield _found("not-yaml", path.name, f"it is no YAML: {told}.", "Mend the line that is named.")
        return
    if not isinstance(content, dict) or not str(content.get("apiVersion", "")).startswith(_GROUP):
        message = "it has no apiVersion of Argo."
        yield _found("no-argo", path.name, message, f"Start it with 'apiVersion: {_GROUP}v1alpha1'.")
        return
    if content.get("kind") not in _KINDS:
        message = f"its kind is {content.get('kind')!r}."
        yield _found("no-argo", path.name, message, f"Take one of: {', '.join(_KINDS)}.")
        return
    spec = _mapping(content.get("spec"))
    yield from _spec(path.name, _mapping(spec.get("workflowSpec")) or spec)


def _spec(name: str, spec: Mapping[str, Any]) -> Iterator[Finding]:
    if "workflowTemplateRef" in spec:
        return  # what it does stands in the cluster
    templates = {str(one.get("name")): one for one in _mappings(spec.get("templates"))}
    entry = spec.get("entrypoint")
    if not isinstance(entry, str) or entry not in templates:
        close = nearest(str(entry), templates)
        remedy = f"Did you mean {close!r}?" if close else f"It has: {', '.join(templates) or 'none'}."
        yield _found("no-entrypoint", name, f"there is no template {entry!r} to begin with.", remedy)
    for label, template in templates.items():
        where = f"{name}: template {label!r}"
        ways = [way for way in _WAYS if way in template]
        if len(ways) != 1:
            message = f"it does {' and '.join(ways) or 'nothing'}, and a template does one thing."
            yield _found("template", where, message, f"Take one of: {', '.join(_WAYS)}.")
        yield from _tasks(where, template, set(templates))


def _tasks(where: str, template: Mapping[str, Any], known: set[str]) -> Iterator[Finding]:
    stages = template.get("steps")
    steps = [one for stage in stages for one in _mappings(stage)] if isinstance(stages, list) else []
    tasks = _mappings(_mapping(template.get("dag")).get("tasks"))
    for task in (*steps, *tasks):
        if "template" in task and str(task["template"]) not in known:
            close = nearest(str(task["template"]), known)
            remedy = f"Did you mean {close!r}?" if close else f"Known: {', '.join(sorted(known))}."
            message = f"the step {task.get('name')!r} runs {task['template']!r}, and there is no such template."
            yield _found("no-template", where, message, remedy)
    try:
        TopologicalSorter({str(one.get("name")): _texts(one.get("dependencies")) for one in tasks}).prepare()
    except CycleError as error:
        around = " needs ".join(repr(name) for name in reversed(error.args[1]))
        yield _found("cycle", where, f"its tasks wait for each other: {around}.", "Take one dependency away.")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
