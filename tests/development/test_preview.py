"""How the entries will read: the very ones that are published, as Markdown and as a page that loads nothing."""

import json
import re
import subprocess
from pathlib import Path

import factories
import pytest

from earthcode_platform.cli.app import app
from earthcode_platform.development.preview_page import preview_markdown, preview_page
from earthcode_platform.models.preview import Preview

LATER = {"created", "updated", "extent", "cf:parameter", "stac_extensions"}


def told(capsys: pytest.CaptureFixture[str], *words: str | Path, code: int = 0) -> str:
    assert app([str(word) for word in words], result_action="return_value") == code
    captured = capsys.readouterr()
    return captured.out + captured.err


def test_the_preview_is_what_is_published(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = factories.experiment_folder(tmp_path / "small")
    found = Preview.model_validate_json(told(capsys, "preview", folder, "--json"))
    told(capsys, "run", folder, "--workspace", tmp_path / "out")
    assert [entry.kind for entry in found.entries] == ["Product", "Workflow", "Experiment"]
    for entry in found.entries:
        shown = ["git", "--git-dir", str(tmp_path / "out/catalog.git"), "show", f"main:{entry.path}"]
        published = json.loads(subprocess.run(shown, check=True, capture_output=True).stdout)
        for document in (published, entry.document):
            for place in (document, document.get("properties", {})):
                for key in LATER & place.keys():
                    del place[key]
            for link in document["links"]:
                link["href"] = re.sub(r"^(file:.*/archive|archive:)/", "", link["href"])
        assert entry.document == published
    assert "factor: 2" in found.files["input.yaml"]
    assert "noted when it runs" in found.files["environment.yaml"]
    assert "products/catalog.json" in found.changed


def test_a_page_loads_nothing_and_shows_what_it_is_given_as_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    title = "A <script>alert(1)</script> | *title*"
    folder = factories.experiment_folder(tmp_path / "small", title=title)
    told(capsys, "preview", folder, "--output", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"<(?:link|img|iframe|a)\b|\b(?:src|href)=|@import|url\(", page)
    assert "default-src 'none'" in page
    found = Preview.model_validate_json(told(capsys, "preview", folder, "--json"))
    assert preview_page(found).count("<article>") == 3
    assert "# A \\<script\\>alert(1)\\</script\\> \\| \\*title\\*\n" in preview_markdown(found)


def test_what_the_catalog_refuses_is_said_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    osc = {"project": "earthcode-exampels", "themes": ["land"]}
    folder = factories.experiment_folder(tmp_path / "small", osc=osc)
    printed = told(capsys, "preview", folder, "--output", tmp_path / "page.html", code=1)
    assert "[publish-unknown-project]" in printed
    assert not (tmp_path / "page.html").exists()
