"""Everything that is wrong with a package: its documents, its steps, its use of the platform and of the inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from earthcode_platform.application_packages.bestpractice import check_best_practice
from earthcode_platform.application_packages.parameters import check_values
from earthcode_platform.application_packages.structure import unused
from earthcode_platform.application_packages.validity import check_document
from earthcode_platform.engines.cwl.needs import check_needs
from earthcode_platform.models.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from earthcode_platform.application_packages.document import Package
    from earthcode_platform.engines.cwl.runtimes import Runtime
    from earthcode_platform.engines.cwl.settings import Settings
    from earthcode_platform.models.experiment import Experiment
    from earthcode_platform.models.finding import Finding
    from earthcode_platform.models.pinned import PinnedInput

__all__ = ["examine"]


def examine(
    package: Package,
    inputs: Sequence[PinnedInput],
    experiment: Experiment | None,
    settings: Settings,
    runtime: Runtime | None,
) -> list[Finding]:
    """Return the findings about a package, errors first; what hangs on another finding is left out.

    Args:
        package: The package, as it was read.
        inputs: The inputs it would read.
        experiment: What gives it values; without it nothing is said of them.
        settings: What the platform allows.
        runtime: What runs containers here; None if nothing does.
    """
    findings = check_document(package, settings.schemas)
    if package.main is not None:
        findings += [*check_needs(package, settings, runtime), *check_values(package, inputs, experiment)]
        findings += [*unused(package), *check_best_practice(package)]
    return sorted(findings, key=lambda one: one.severity != Severity.ERROR)
