"""The gate: statistics are gathered, expectations evaluated, and what is not met becomes a finding."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from earthcode_platform import checksums
from earthcode_platform.cubes.band_statistics import input_statistics, product_statistics
from earthcode_platform.errors import ExecutionError, InputError
from earthcode_platform.gates.quality.evaluation import Asked, Evaluated, evaluate
from earthcode_platform.gates.quality.suite import Suite, finding, read_suite
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedExperiment, PinnedInput
from earthcode_platform.models.quality import EXPECTATIONS_FILE, BandStatistics, QualityReport, Table
from earthcode_platform.models.run import RunResult

__all__ = ["check_inputs", "check_product"]

_SAMPLE: Final = BandStatistics(
    source="product", item="product", asset="data", band="band", datetime=datetime(2020, 1, 1, tzinfo=UTC),
    media_type="image/tiff; application=geotiff", size_bytes=1, dtype="float32", crs="EPSG:4326", dates=1, rows=1,
    columns=1, resolution_x=1.0, resolution_y=1.0, unit="1", count=1, valid=1, valid_fraction=1.0, minimum=0.0, q02=0.0,
    q25=0.0, median=0.0, q75=0.0, q98=0.0, maximum=0.0, mean=0.0, stddev=0.0,
)  # fmt: skip
"""A row in place of a product that does not exist yet: what cannot be evaluated on it cannot be evaluated at all."""

_NOT_MET: Final = {Table.INPUTS: "the inputs do not meet", Table.PRODUCT: "the product does not meet"}


def check_inputs(pinned: PinnedExperiment) -> QualityReport | None:
    """Hold the inputs against the experiment's suite, before anything runs; None if it has none.

    Expectations about the product are evaluated on a made-up row: whether they can be evaluated is known before the
    run, whether they are met is not.

    Raises:
        IntegrityError: A STAC document changed after it was pinned.
        UnavailableError: A remote file did not answer.
    """
    read = _suite(pinned)
    if read is None:
        return None
    suite, findings = read
    report = QualityReport(table=Table.INPUTS, suite=suite.name)
    if findings:
        return report.model_copy(update={"findings": tuple(findings)})
    rows: list[BandStatistics] = []
    for pin in pinned.inputs if suite.about(Table.INPUTS) else ():
        made, refused = _statistics(pin)
        rows, findings = [*rows, *made], [*findings, *refused]
    asked = Asked("inputs", rows, suite.about(Table.INPUTS))
    rehearsed = Asked("product", [_SAMPLE], suite.about(Table.PRODUCT))
    try:
        inputs, product = evaluate([asked, rehearsed])
    except ExecutionError as error:
        failed = finding("not-evaluated", EXPECTATIONS_FILE, error.message, error.remedy)
        return report.model_copy(update={"rows": tuple(rows), "findings": (*findings, failed)})
    told = [*findings, *_unmet(inputs, Table.INPUTS), *_impossible(inputs), *_impossible(product)]
    return report.model_copy(
        update={"rows": tuple(rows), "outcomes": inputs.outcomes, "library": inputs.library, "findings": tuple(told)}
    )


def _statistics(pin: PinnedInput) -> tuple[list[BandStatistics], list[Finding]]:
    """Return the rows of an input, and why assets have none."""
    rows: list[BandStatistics] = []
    findings = []
    for found in input_statistics(pin):
        if isinstance(found, InputError):
            message = f"no statistics can be made of it: {found.message}"
            findings.append(finding("no-statistics", found.where, message, found.remedy))
        else:
            rows += found
    if not rows and not findings:
        message = "no statistics can be made of it: none of its assets holds a band or variable that can be read."
        remedy = "Take the expectations about inputs out, or mend the input's items."
        findings.append(finding("no-statistics", f"experiment.yaml: inputs.{pin.name}", message, remedy))
    return rows, findings


def check_product(pinned: PinnedExperiment, run: RunResult) -> QualityReport | None:
    """Hold the product against the experiment's suite, after the run; None if it expects nothing of a product."""
    read = _suite(pinned)
    if read is None:
        return None
    suite, findings = read
    if not suite.about(Table.PRODUCT) and not findings:
        return None
    report = QualityReport(table=Table.PRODUCT, suite=suite.name)
    if findings:
        return report.model_copy(update={"findings": tuple(findings)})
    try:
        rows = list(product_statistics(run.assets, pinned.experiment.product.id))
        (found,) = evaluate([Asked("product", rows, suite.about(Table.PRODUCT))])
    except InputError as error:
        message = f"no statistics can be made of it: {error.message}"
        return report.model_copy(update={"findings": (finding("no-statistics", error.where, message, error.remedy),)})
    except ExecutionError as error:
        failed = finding("not-evaluated", EXPECTATIONS_FILE, error.message, error.remedy)
        return report.model_copy(update={"rows": tuple(rows), "findings": (failed,)})
    told = (*_unmet(found, Table.PRODUCT), *_impossible(found))
    return report.model_copy(
        update={"rows": tuple(rows), "outcomes": found.outcomes, "library": found.library, "findings": told}
    )


def _suite(pinned: PinnedExperiment) -> tuple[Suite, list[Finding]] | None:
    """Return the experiment's suite with what is wrong in it; None if it has none."""
    file = pinned.expectations
    if file is None:
        return None
    try:
        changed = checksums.of_file(Path(file.path)) != file.checksum
    except OSError as error:
        reason = f"{file.name!r} was pinned, but cannot be read now: {error.strerror}."
        return Suite("", ()), [
            finding("gone", EXPECTATIONS_FILE, reason, "Restore it, or develop the experiment again.")
        ]
    if changed:
        message = f"{file.name!r} changed after it was pinned."
        return Suite("", ()), [finding("changed", EXPECTATIONS_FILE, message, "Develop the experiment again.")]
    return read_suite(Path(file.path))


def _unmet(evaluated: Evaluated, table: Table) -> Iterator[Finding]:
    for outcome in evaluated.outcomes:
        if not outcome.met and outcome.at not in evaluated.errors:
            observed = f": {outcome.observed}" if outcome.observed else ""
            message = f"{_NOT_MET[table]} {outcome.call}{observed}."
            remedy = outcome.why or "Look at the values, and mend them or what is expected of them."
            yield finding(
                "unmet", f"{EXPECTATIONS_FILE}: expectations[{outcome.at}]", message, remedy, outcome.severity
            )


def _impossible(evaluated: Evaluated) -> Iterator[Finding]:
    for at, reason in evaluated.errors.items():
        message = f"it cannot be evaluated: {reason}"
        remedy = "Mend its arguments, as Great Expectations describes it."
        yield finding("not-evaluated", f"{EXPECTATIONS_FILE}: expectations[{at}]", message, remedy, Severity.ERROR)
