"""What is attached to a product after its run: pictures, data quality, and the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from earthcode_platform import checksums
from earthcode_platform.cubes.footprint_map import draw_footprint
from earthcode_platform.cubes.thumbnail import draw_thumbnail, light_copy
from earthcode_platform.cubes.time_series import draw_time_series
from earthcode_platform.models.checked import Checked
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.run import AttachedFile, RunResult
from earthcode_platform.models.window import BBox
from earthcode_platform.reports.quality_page import quality_page
from earthcode_platform.reports.run_report import Picture, Reported, run_report

__all__ = ["REPORT", "Attached", "attach"]

REPORT: Final = "report"
"""Key of the report's asset."""
_FOLDER: Final = "attached"
_LARGEST: Final = 360_000
_SMALLER: Final = 100_000
"""Bytes of the quicklook and of each other picture on the page, which stays below a megabyte with them in base64."""
_HTML: Final = "text/html"
_JSON: Final = "application/json"
_PNG: Final = "image/png"


@dataclass(frozen=True)
class Attached:
    """A run with everything attached, and the pictures among it by what they show."""

    run: RunResult
    """The run; its `attached` holds what was there and what came to it."""
    pictures: dict[str, Path]
    """`series` and `footprint`, as far as they could be drawn."""


@dataclass(frozen=True)
class _Made:
    key: str
    path: Path
    title: str
    media_type: str
    roles: tuple[str, ...]


def attach(
    pinned: PinnedExperiment,
    run: RunResult,
    stages: tuple[Checked, Checked],
    workspace: Path,
) -> Attached:
    """Draw the pictures, write the report, and return the run with them attached.

    What is attached is archived with the product and described in its STAC item; a rerun is not held against it.

    Args:
        pinned: What ran.
        run: What it produced.
        stages: What the gates said before the run, and of the product.
        workspace: The run's folder.

    Raises:
        InputError: The product cannot be read.
        OSError: The folder cannot be written to.
    """
    folder = workspace / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    paths = [run.quicklook, *(one.path for one in run.files), *(one.path for one in run.attached)]
    names = _Names({Path(path).name for path in paths})
    made = [*_pictures(pinned, run, stages[1].boxes, folder, names), *_quality(pinned, stages, folder, names)]
    told = Reported(pinned, run, *stages, _shown(pinned, run, made))
    path = folder / names.free("report.html")
    path.write_text(run_report(told), encoding="utf-8")
    made.append(_Made(REPORT, path, "Report of the run", _HTML, ("metadata",)))
    keys = _Names({one.key for one in run.attached} | run.assets.keys())
    added = [
        AttachedFile(
            key=keys.free(one.key),
            path=str(one.path.absolute()),
            title=one.title,
            media_type=one.media_type,
            roles=one.roles,
            checksum=checksums.of_file(one.path),
        )
        for one in made
    ]
    pictures = {one.key: one.path for one in made if one.key in ("series", "footprint")}
    return Attached(run.model_copy(update={"attached": (*run.attached, *added)}), pictures)


class _Names:
    """Names, or keys, that no other file of the product has."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken

    def free(self, name: str) -> str:
        """Return `name`, with something before it if it is taken."""
        while name in self._taken:
            name = f"run-{name}"
        self._taken.add(name)
        return name


def _pictures(
    pinned: PinnedExperiment, run: RunResult, boxes: Mapping[str, Sequence[BBox]], folder: Path, names: _Names
) -> list[_Made]:
    first, title = run.files[0], pinned.experiment.product.title
    made = []
    thumbnail = folder / names.free("thumbnail.png")
    draw_thumbnail(Path(run.quicklook), thumbnail)
    made.append(_Made("thumbnail", thumbnail, "Thumbnail", _PNG, ("thumbnail",)))
    series = folder / names.free("series.png")
    if draw_time_series(first, series):
        made.append(_Made("series", series, "Mean over the area, date by date", _PNG, ("overview",)))
    footprint = folder / names.free("footprint.png")
    draw_footprint(first.bbox, boxes, footprint, title)
    made.append(_Made("footprint", footprint, "Where the product and its inputs lie", _PNG, ("overview",)))
    return made


def _quality(pinned: PinnedExperiment, stages: tuple[Checked, Checked], folder: Path, names: _Names) -> list[_Made]:
    made = []
    for checked in stages:
        report = checked.quality
        if report is None:
            continue
        stem = f"quality-{report.table}"
        page, data = folder / names.free(f"{stem}.html"), folder / names.free(f"{stem}.json")
        page.write_text(quality_page(report, pinned.experiment.title), encoding="utf-8")
        data.write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
        title = f"Data quality of the {report.table}"
        made.append(_Made(stem, page, title, _HTML, ("metadata",)))
        made.append(_Made(f"{stem}-data", data, f"{title}, as JSON", _JSON, ("metadata",)))
    return made


def _shown(pinned: PinnedExperiment, run: RunResult, made: Sequence[_Made]) -> tuple[Picture, ...]:
    """Return the pictures of the report, light enough for a page."""
    first, title = run.files[0], pinned.experiment.product.title
    drawn = {one.key: one.path for one in made}
    band = first.bands[0] if first.bands else "the first band"
    west, south, east, north = (f"{edge:.4g}" for edge in first.bbox)
    quicklook = Picture(
        light_copy(Path(run.quicklook), _LARGEST),
        f"{title}: {band}, with a colour legend.",
        f"Quicklook: {band}.",
    )
    others = [
        (drawn.get("series"), f"A line chart of {', '.join(first.bands)} over time.", "Mean over the area by date."),
        (
            drawn["footprint"],
            f"A map: the product lies between {west} and {east} degrees east, {south} and {north} degrees north.",
            "Where the product (filled) and its inputs (outlines) lie, and the place on the globe.",
        ),
    ]
    more = [Picture(light_copy(path, _SMALLER), alt, caption) for path, alt, caption in others if path is not None]
    return (quicklook, *more)
