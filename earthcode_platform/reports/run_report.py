"""The report of a run: everything a reader wants to know of a product, on one page that stands alone."""

from __future__ import annotations

import platform
import re
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path, PurePath
from typing import Final

from earthcode_platform import __version__, checksums
from earthcode_platform.models.checked import Checked
from earthcode_platform.models.pinned import PinnedExperiment, PinnedInput
from earthcode_platform.models.run import ProducedFile, RunResult
from earthcode_platform.reports.figures import counted, long_time, moment, number, size
from earthcode_platform.reports.markup import Markup, code, definitions, figure, joined, page, section, table, text
from earthcode_platform.reports.parts import about_expectations, about_findings, expectations, findings, statistics

__all__ = ["Picture", "Reported", "run_report"]

_CRS: Final = 40
"""Characters of a CRS that are shown; WKT is longer."""


@dataclass(frozen=True)
class Picture:
    """A picture for the report."""

    png: bytes
    """The picture."""
    alt: str
    """What it shows, for whoever does not see it."""
    caption: str
    """The line below it."""


@dataclass(frozen=True)
class Reported:
    """A run, with what was said and drawn of it."""

    pinned: PinnedExperiment
    """What ran."""
    run: RunResult
    """What it produced."""
    before: Checked
    """What the gates said before the run."""
    after: Checked
    """What they said of the product."""
    pictures: tuple[Picture, ...]
    """Pictures of the product, the best first."""


def run_report(told: Reported) -> str:
    """Return the page. No path of the machine that ran it is on it, and no address that a browser would load from."""
    experiment, run = told.pinned.experiment, told.run
    lead = Markup(
        f'<p class="lead">{text(experiment.product.description or experiment.description).html}</p>'
        f"<p>{about_findings((*told.before.findings, *told.after.findings)).html}</p>"
        f'<p class="lead">{text(f"Experiment {experiment.id}, version {experiment.version}, computed").html} '
        f"{text(moment(run.started)).html}</p>"
    )
    shown = page(
        experiment.product.title,
        lead,
        section("Pictures", *(figure(one.png, one.alt, one.caption) for one in told.pictures), anchor="pictures"),
        section("Product files", _files(run), anchor="files"),
        section("Experiment", _experiment(told.pinned), anchor="experiment"),
        section("Findings", findings((*told.before.findings, *told.after.findings)), anchor="findings"),
        *_quality(told),
        section("Inputs", *map(_input, told.pinned.inputs), anchor="inputs"),
        section("Run and environment", _environment(run), anchor="run"),
        section("Run it again", _again(told.pinned), anchor="again"),
        section("Licence", _licence(told.pinned), anchor="licence"),
    )
    return _without_places(shown, told)


def _without_places(shown: str, told: Reported) -> str:
    """Return the page without the folders of the machine: it is published with the product.

    A folder counts only as the beginning of a path: its name may stand inside an address, or inside a picture.
    """
    places = {told.pinned.folder, *(str(PurePath(made.path).parent) for made in told.run.files)}
    for place in sorted(places, key=len, reverse=True):
        whole = re.compile(rf"(?:(?<=file://)|(?<![\w./+~-])){re.escape(escape(place))}(?P<below>/|(?![\w.+~-]))")
        shown = whole.sub(lambda found: "" if found["below"] else "…", shown)
    return shown


def _files(run: RunResult) -> Markup:
    return joined(_file(key, produced) for key, produced in run.assets.items())


def _file(key: str, produced: ProducedFile) -> Markup:
    grid, path = produced.grid, Path(produced.path)
    about = definitions(
        [
            ("file", code(path.name)),
            ("format", text(produced.media_type)),
            ("size", text(size(checksums.size_of(path) if path.exists() else None))),
            ("period", text(f"{moment(produced.start)} to {moment(produced.end)}")),
            ("box", text(f"west, south, east, north: {', '.join(f'{edge:.6g}' for edge in produced.bbox)} degrees")),
            ("grid", text(f"{grid.shape[0]} rows, {grid.shape[1]} columns, {_crs(grid.crs)}" if grid else "")),
            ("stored as", text(_stored(produced))),
            ("checksum of the bytes", code(produced.checksum)),
            ("checksum of the values", code(produced.data_checksum)),
        ]
    )
    heads = ("band", "unit", "valid", "minimum", "mean", "maximum", "standard deviation")
    units = produced.units or (None,) * len(produced.bands)
    figures = produced.band_statistics or (produced.statistics,) * len(produced.bands)
    rows = [
        (
            text(band),
            text(unit),
            text(f"{each['valid_percent']:.2f} %" if "valid_percent" in each else None),
            *(text(number(each.get(name))) for name in ("minimum", "mean", "maximum", "stddev")),
        )
        for band, unit, each in zip(produced.bands, units, figures, strict=False)
    ]
    title = Markup(f"<h3>{text(produced.title).html}</h3>")
    return joined((title, about, table(f"Values of {key}", heads, rows, frozenset(range(2, 7)))))


def _stored(produced: ProducedFile) -> str:
    if produced.data_type is None:
        return ""
    packed = (produced.scale, produced.offset) != (1.0, 0.0)
    scaled = f", times {produced.scale:g} plus {produced.offset:g}" if packed else ""
    return f"{produced.data_type}{scaled}, no data: {produced.nodata}"


def _crs(crs: str) -> str:
    return crs if len(crs) <= _CRS else f"{crs[:_CRS]}…"


def _experiment(pinned: PinnedExperiment) -> Markup:
    experiment = pinned.experiment
    people = ", ".join(one.name + (f" ({one.organization})" if one.organization else "") for one in experiment.contacts)
    about = definitions(
        [
            ("experiment", joined((code(experiment.id), text(f", version {experiment.version}")))),
            ("question", text(experiment.description)),
            ("workflow", text(f"{experiment.workflow.title} ({experiment.workflow.kind})")),
            ("workflow file", code(experiment.workflow.entry)),
            ("its checksum", code(pinned.workflow.checksum)),
            ("code", text(_code(pinned))),
            ("answers for it", text(people)),
            ("fingerprint", code(pinned.fingerprint)),
        ]
    )
    values = [(code(name), code(value)) for name, value in experiment.configuration.items()]
    return joined((about, table("Configuration", ("name", "value"), values) if values else Markup("")))


def _code(pinned: PinnedExperiment) -> str:
    version = pinned.code
    if version is None:
        return "in no git repository"
    where = f" of {version.repository}" if version.repository else ""
    return f"commit {version.commit}{where}{', with changes that are in no commit' if version.dirty else ''}"


def _quality(told: Reported) -> list[Markup]:
    parts = []
    for report in (told.before.quality, told.after.quality):
        if report is not None and (report.outcomes or report.rows):
            verdict = Markup(f"<p>{about_expectations(report).html}</p>")
            shown = statistics(report.rows, f"Statistics of the {report.table}")
            parts.append(joined((verdict, expectations(report), shown)))
    return [section("Data quality", *parts, anchor="quality")] if parts else []


def _input(pin: PinnedInput) -> Markup:
    items = len({asset.item for asset in pin.assets})
    about = definitions(
        [
            ("STAC document", code(PurePath(pin.href).name if pin.local else pin.href)),
            ("its checksum", code(pin.checksum)),
            ("window in time", text(pin.datetime or "")),
            ("window in space", text(", ".join(f"{edge:g}" for edge in pin.bbox) if pin.bbox else "")),
            ("used", text(f"{counted(len(pin.assets), 'asset')} of {counted(items, 'item')}")),
        ]
    )
    return joined((Markup(f"<h3>{text(pin.name).html}</h3>"), about))


def _environment(run: RunResult) -> Markup:
    engine, costs, remote = run.engine, run.costs, run.engine.remote
    used = f"{long_time(costs.cpu_seconds)} on {counted(costs.processors, 'processor')}" if costs else ""
    elsewhere = f"{remote.title} ({remote.backend}), job {remote.job}" if remote else ""
    about = definitions(
        [
            ("started", text(moment(run.started))),
            ("took", text(long_time(run.seconds))),
            ("processor time", text(used)),
            ("most memory", text(size(costs.peak_bytes) if costs else "")),
            ("engine", text(f"{engine.name} {engine.version}")),
            ("isolation", text(engine.isolation)),
            ("back-end", text(elsewhere)),
            ("platform", text(f"earthcode-platform {__version__}")),
            ("Python", text(f"{platform.python_version()} on {sys.platform}-{platform.machine()}")),
        ]
    )
    rows = [(text(name), text(version)) for name, version in engine.libraries.items()]
    return joined((about, table("Libraries that decide the numbers", ("library", "version"), rows)))


def _again(pinned: PinnedExperiment) -> Markup:
    name = text(pinned.experiment.id).html
    return Markup(
        "<p>Once the product is archived and published, its id is enough:</p>"
        f"<pre>prefect deployment run 'rerun/local' -p experiment_id={name} --watch</pre>"
        "<p>The folder <code>experiment</code> of the archived product holds everything that ran. Without a server:</p>"
        "<pre>earthcode-platform run experiment --workspace out</pre>"
        "<p>A rerun is compared by the checksums of the values above.</p>"
    )


def _licence(pinned: PinnedExperiment) -> Markup:
    holders = ", ".join(one.name for one in pinned.experiment.contacts)
    words = f"The product is published under {pinned.experiment.license}. Attribution: {holders}."
    return Markup(f"<p>{text(words).html} What its inputs are under, their STAC documents say.</p>")
