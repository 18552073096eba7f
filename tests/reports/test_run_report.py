"""The report of a run stands alone, says everything, gives nothing away, and can be read by everybody."""

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import factories
import numpy as np
import pytest
from PIL import Image

from earthcode_platform.models.checked import Checked
from earthcode_platform.models.finding import Finding, Severity
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.quality import BandStatistics, ExpectationOutcome, QualityReport, Table
from earthcode_platform.models.run import AttachedFile, RunCosts, RunResult
from earthcode_platform.reports.attaching import Attached, attach
from earthcode_platform.reports.figures import long_time, size
from earthcode_platform.reports.quality_page import quality_page
from earthcode_platform.reports.style import STYLE
from earthcode_platform.stores.preview import stac_documents

ROW = BandStatistics(
    source="scenes", item="scene", asset="B01", band="B01", datetime=datetime(2023, 8, 1, tzinfo=UTC), media_type=None,
    size_bytes=640, dtype="float32", crs="EPSG:4326", dates=1, rows=8, columns=8, resolution_x=0.1, resolution_y=0.1,
    unit="1", count=64, valid=64, valid_fraction=1.0, minimum=2.0, q02=2.0, q25=3.75, median=5.5, q75=7.25, q98=9.0,
    maximum=9.0, mean=5.5, stddev=2.29,
)  # fmt: skip
QUALITY = QualityReport(
    table=Table.INPUTS,
    suite="small",
    rows=(ROW,),
    outcomes=(
        ExpectationOutcome(at=0, type="expect_column_mean_to_be_between", arguments={"column": "mean", "min_value": 9},
                           severity=Severity.WARNING, met=False, observed="5.5 <b>", why="Warm & wet."),
    ),
    library="great-expectations 1.24.1",
)  # fmt: skip


class Reading(HTMLParser):
    """What a browser would find on the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.fixture
def pinned(tmp_path: Path) -> PinnedExperiment:
    return factories.pinned(factories.experiment_folder(tmp_path / "secret-place"))


@pytest.fixture
def run(pinned: PinnedExperiment, tmp_path: Path) -> RunResult:
    made = factories.run(pinned, tmp_path / "run")
    Image.fromarray(np.zeros((90, 120, 3), dtype="uint8"), "RGB").save(made.quicklook)
    return made.model_copy(update={"costs": RunCosts(cpu_seconds=75.0, peak_bytes=3_200_000_000, processors=4)})


@pytest.fixture
def attached(pinned: PinnedExperiment, run: RunResult, tmp_path: Path) -> Attached:
    finding = Finding(
        code="inputs-window-beyond-data",
        severity=Severity.WARNING,
        where=f"scenes: {pinned.folder}/data/collection.json",
        message="<script>alert(1)</script> at https://me:hunter2@example.org/x.",
        remedy="Look.",
    )
    stages = Checked(findings=(finding,), quality=QUALITY), Checked(boxes={"scenes": (factories.BOX,)})
    return attach(pinned, run, stages, tmp_path / "run")


@pytest.fixture
def page(attached: Attached) -> str:
    return report_of(attached).read_text(encoding="utf-8")


def report_of(attached: Attached) -> Path:
    return Path(next(one.path for one in attached.run.attached if one.key == "report"))


def test_the_page_says_everything(page: str, pinned: PinnedExperiment, run: RunResult) -> None:
    told = re.sub(r"<[^>]+>", " ", page)
    for word in (
        "Mean of two small scenes", "Experiment small, version 1.0.0", "CC-BY-4.0", "Ada Example", "factor",
        "small-mean.tif", run.files[0].checksum, run.files[0].data_checksum, pinned.fingerprint,
        pinned.workflow.checksum, "8 rows, 8 columns, EPSG:4326", "inputs-window-beyond-data", "1 warning",
        "0 of 1 met", "Warm &amp; wet.", "2 assets of 2 items", "openeo 0.1.0", np.__version__,
        "1 min 15 s on 4 processors",
        "3.2 GB", "3.0 s", "experiment_id=small",
    ):  # fmt: skip
        assert word in told, word


def test_the_page_stands_alone(page: str) -> None:
    read = Reading(page)
    assert {tag for tag, _ in read.tags} & {"script", "link", "iframe", "object", "form", "base"} == set()
    sources = [value for _, attrs in read.tags for key, value in attrs.items() if key in ("src", "href", "srcset")]
    assert sources
    assert all(str(source).startswith("data:image/png;base64,") for source in sources)
    assert "url(" not in page
    assert "@import" not in page
    policy = next(attrs["content"] for tag, attrs in read.tags if attrs.get("http-equiv") == "Content-Security-Policy")
    assert str(policy).startswith("default-src 'none'")
    assert len(page) < 1_000_000


def test_nothing_of_the_machine_or_of_a_credential_is_on_it(page: str, tmp_path: Path) -> None:
    assert str(tmp_path) not in page
    assert "secret-place" not in page
    assert "hunter2" not in page
    assert "<script>" not in page
    assert "5.5 &lt;b&gt;" in page


def test_a_folder_with_a_short_or_odd_name_hides_itself_and_nothing_else(
    pinned: PinnedExperiment, run: RunResult, tmp_path: Path
) -> None:
    pinned = pinned.model_copy(update={"folder": "/p&d"})
    said = "https://example.org/p&d/x and /p&d/tools/a.py and /p&d and /p&df"
    finding = Finding(code="x-y", severity=Severity.NOTE, where="/p&d/data", message=said, remedy="")
    plain = attach(pinned, run, (Checked(findings=(finding,)), Checked()), tmp_path / "run")
    page = Path(next(one.path for one in plain.run.attached if one.key == "report")).read_text()
    assert "https://example.org/p&amp;d/x and tools/a.py and … and /p&amp;df" in page
    short = attach(pinned.model_copy(update={"folder": "/A"}), run, (Checked(), Checked()), tmp_path / "run")
    other = Path(next(one.path for one in short.run.attached if one.key == "report")).read_text()
    assert re.findall('src="[^"]*"', other) == re.findall('src="[^"]*"', page)


def test_everybody_can_read_it(page: str) -> None:
    read = Reading(page)
    assert ("html", {"lang": "en"}) in read.tags
    pictures = [attrs for tag, attrs in read.tags if tag == "img"]
    assert len(pictures) == 2
    assert all(len(str(attrs["alt"])) > 20 for attrs in pictures)
    headings = [tag for tag, _ in read.tags if tag in ("h1", "h2", "h3")]
    assert headings[0] == "h1"
    assert headings.count("h1") == 1
    assert all(attrs.get("scope") == "col" for tag, attrs in read.tags if tag == "th")
    assert sum(tag == "caption" for tag, _ in read.tags) == sum(tag == "table" for tag, _ in read.tags)
    assert {"main", "header"} <= {tag for tag, _ in read.tags}


def luminance(colour: str) -> float:
    digits = colour if len(colour) == 6 else "".join(one * 2 for one in colour)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize("mode", [0, 1, 2], ids=["light", "dark", "print"])
def test_every_text_stands_out_from_its_background(mode: int) -> None:
    colours = dict(re.findall(r"--([a-z-]+):#([0-9a-f]+)", re.findall(r":root\{([^}]*)\}", STYLE)[mode]))
    pairs = [("ink", "paper"), ("faint", "paper"), ("link", "paper"), ("ink", "soft")]
    pairs += [(name, f"{name}-back") for name in ("error", "warning", "note", "good")]
    for front, back in pairs:
        one, other = sorted((luminance(colours[front]), luminance(colours[back])), reverse=True)
        assert (one + 0.05) / (other + 0.05) >= 4.5, (front, back)


def test_what_is_attached_has_keys_roles_and_names_of_its_own(
    pinned: PinnedExperiment, run: RunResult, tmp_path: Path
) -> None:
    own = tmp_path / "run" / "report.html"
    own.write_text("own")
    kept = AttachedFile(key="report", path=str(own), title="Its own report", media_type="text/html",
                        checksum=run.files[0].checksum)  # fmt: skip
    before = run.model_copy(update={"attached": (kept,)})
    after = attach(pinned, before, (Checked(quality=QUALITY), Checked()), tmp_path / "run").run
    assert after.attached[0] == kept
    assert own.read_text() == "own"
    names = [Path(one.path).name for one in (*after.files, *after.attached)]
    assert len(set(names)) == len(names)
    added = {one.key: one for one in after.attached[1:]}
    assert set(added) == {"thumbnail", "footprint", "quality-inputs", "quality-inputs-data", "run-report"}
    assert (added["thumbnail"].roles, added["footprint"].roles) == (("thumbnail",), ("overview",))
    assert QualityReport.model_validate_json(Path(added["quality-inputs-data"].path).read_bytes()) == QUALITY


def test_the_item_has_one_thumbnail(attached: Attached, pinned: PinnedExperiment) -> None:
    item = stac_documents(pinned, attached.run)["small-mean/small-mean.json"]
    roles = {key: asset["roles"] for key, asset in item["assets"].items()}
    assert (roles["thumbnail"], roles["quicklook"], roles["report"]) == (["thumbnail"], ["overview"], ["metadata"])
    assert json.dumps(item).count('"thumbnail"') == 2


def test_the_page_of_data_quality_shows_the_table() -> None:
    page = quality_page(QUALITY, "A <small> experiment")
    told = re.sub(r"<[^>]+>", " ", page)
    for word in ("Data quality of the inputs", "A &lt;small&gt; experiment", "0 of 1 met", "great-expectations", "5.5"):
        assert word in told
    assert 'src="' not in page


def test_figures_read_well() -> None:
    assert [size(count) for count in (None, 640, 1_710_000, 3 * 10**12)] == ["–", "640 bytes", "1.71 MB", "3 TB"]  # noqa: RUF001 - a dash
    assert [long_time(seconds) for seconds in (0.42, 75, 7320)] == ["0.4 s", "1 min 15 s", "2 h 2 min"]
    assert [long_time(seconds) for seconds in (59.97, 119.7, 3599.6)] == ["1 min 0 s", "2 min 0 s", "1 h 0 min"]
