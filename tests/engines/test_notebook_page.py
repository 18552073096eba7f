"""What is kept of a run: the notebook without credentials and folders, and a page that loads nothing."""

import json

from notebook_pieces import PNG, Json, code, markdown, notebook

from earthcode_platform.engines.notebook.cells import cells_of
from earthcode_platform.engines.notebook.failing import failure_of, plain
from earthcode_platform.engines.notebook.kept import cleaned
from earthcode_platform.engines.notebook.page import loads, page_of
from earthcode_platform.engines.notebook.scraps import scraps_of

CANARY = "canary-4711"


def output(**data: object) -> Json:
    return {"output_type": "display_data", "metadata": {}, "data": {key.replace("_", "/"): data[key] for key in data}}


def stream(text: str) -> Json:
    return {"output_type": "stream", "name": "stdout", "text": text}


def executed(*outputs: Json, text: str = "") -> Json:
    return notebook(markdown(text), {**code("x = 1 < 2"), "outputs": list(outputs)})


HOSTILE = """
<img src="https://example.org/pixel.png" onerror="fetch('https://example.org')"><img srcset="//example.org/a.png 2x">
<script src="https://example.org/x.js"></script><script>alert(1)</script><link rel="stylesheet" href="//example.org/a">
<style>@import url(https://example.org/a.css); p { background: url('https://example.org/b.png') }</style>
<p style="background: URL( https://example.org/c.png )">text</p><iframe src="https://example.org"></iframe>
<form action="https://example.org"><input></form><object data="https://example.org/o"></object>
<svg><image href="https://example.org/i.svg"/><use xlink:href="https://example.org/u.svg#a"/></svg>
<a href="javascript:alert(1)">bad</a><a href="https://example.org/about" ping="https://example.org/ping">good</a>
<meta http-equiv="refresh" content="0; url=https://example.org"><base href="https://example.org/">
<video poster="https://example.org/p.png" src="https://example.org/v.mp4"></video>
"""


def test_the_page_loads_nothing_whatever_the_notebook_shows() -> None:
    assert len(loads(f"<body>{HOSTILE}</body>")) >= 15
    page = page_of(executed(output(text_html=HOSTILE), text=HOSTILE), "A <title>")
    assert loads(page) == []
    assert "default-src 'none'" in page
    assert "alert(1)" not in page
    assert page.count("https://example.org/about") == 2
    assert "<title>A &lt;title&gt;</title>" in page


def test_the_page_shows_what_the_notebook_shows() -> None:
    shown = executed(
        stream("1 < 2\n"),
        output(image_png=f"{PNG}\n"),
        output(text_html="<table><tr><td>cell of a table</td></tr></table>", text_plain="no"),
        {"output_type": "display_data", "metadata": {}, "data": {"image/svg+xml": "<svg/>", "text/plain": "no"}},
        {"output_type": "execute_result", "metadata": {}, "execution_count": 1, "data": {"text/plain": "a <repr>"}},
        {"output_type": "display_data", "metadata": {}, "data": {"application/json": {"mean": 0.18}}},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["the traceback"]},
        text="## A heading\n\n| a |\n|---|\n| of markdown |",
    )
    page = page_of(shown, "Small")
    for wanted in (
        "1 &lt; 2", f"data:image/png;base64,{PNG}", "cell of a table", "data:image/svg+xml;base64,PHN2Zy8+",
        "a &lt;repr&gt;", '"mean": 0.18', "the traceback", "A heading", "<td>of markdown</td>",
    ):  # fmt: skip
        assert wanted in page, wanted
    assert ">no<" not in page


def test_the_kept_notebook_shows_no_credential_and_no_folder() -> None:
    made = executed(
        stream(f"\x1b[31mGET https://ada:{CANARY}@example.org/x?sig={CANARY}\x1b[0m\n"),
        stream(f"token = {CANARY}, in /scratch/run-1/inputs/a.tif\n"),
        output(text_html=f"<p>Bearer {CANARY}</p>", image_png=PNG),
        {"output_type": "error", "ename": "E", "evalue": f"password='{CANARY}'", "traceback": [f"api_key: {CANARY}"]},
    )
    made["metadata"]["papermill"] = {"input_path": "/scratch/run-1/x.ipynb", "parameters": {"a": 1}, "duration": 1.5}
    made["cells"][1]["source"] = "token = sign_in()"
    kept = cleaned(made, {"/scratch": "data", "/scratch/run-1": "run"})
    text = json.dumps(kept)
    assert CANARY not in text
    assert "/scratch" not in text
    assert "in run/inputs/a.tif" in text
    assert "\\u001b" not in text
    assert kept["metadata"]["papermill"] == {"parameters": {"a": 1}, "duration": 1.5}
    assert kept["cells"][1]["source"] == "token = sign_in()"
    assert kept["cells"][-1]["outputs"][2]["data"]["image/png"] == PNG
    assert loads(page_of(kept, "t")) == []


def test_a_failure_is_told_in_few_plain_lines_without_credentials() -> None:
    source = "\n".join(f"line_{number} = {number}" for number in range(1, 40))
    (_, cell) = cells_of([markdown("# Sum"), code(source)])
    traceback = [
        "\x1b[0;31m-------\x1b[0m",
        *[f"      {number} line_{number} = {number}" for number in range(1, 20)],
        "\x1b[0;32m---> 20\x1b[0m line_20 = 20",
        f"ValueError: https://ada:{CANARY}@example.org",
    ]
    found = failure_of(cell, "ValueError", f"\x1b[1mno\x1b[0m token={CANARY}", traceback)
    assert (found.cell, found.heading, found.name, found.value) == (2, "Sum", "ValueError", "no token=…")
    assert found.source.splitlines()[3] == ">  20 line_20 = 20"
    assert len(found.source.splitlines()) == 7
    assert found.traceback.splitlines()[0] == "…"
    assert len(found.traceback.splitlines()) == 13
    assert CANARY not in found.model_dump_json()
    assert "\\u001b" not in found.model_dump_json()


def test_colours_and_control_characters_go() -> None:
    assert plain("a\x1b[1;31mb\x1b[0m\x07\x1b]0;title\x07c\r\nd\x00") == "abc\nd"


def test_scraps_are_what_was_displayed_by_name_the_last_of_each() -> None:
    named = {"scrapbook": {"name": "peak"}}
    glued = {"application/scrapbook.scrap.json+json": {"name": "peak", "data": [1], "encoder": "json", "version": 1}}
    outputs = [
        {"output_type": "display_data", "metadata": named, "data": {"application/json": {"day": 1}}},
        {"output_type": "display_data", "metadata": named, "data": glued},
        {"output_type": "display_data", "metadata": {"scrapbook": {"name": "map"}}, "data": {"image/png": [PNG, "\n"]}},
        {"output_type": "execute_result", "metadata": {"scrapbook": {"name": "text"}}, "data": {"text/plain": "12"}},
        {"output_type": "display_data", "metadata": {"scrapbook": "odd"}, "data": {"text/plain": "x"}},
        stream("x"),
    ]
    found = {scrap.name: scrap for scrap in scraps_of([{"outputs": outputs}, {"cell_type": "markdown"}])}
    assert list(found) == ["map", "peak", "text"]
    assert (found["peak"].value, found["text"].value, found["map"].figure.strip()) == ([1], "12", PNG)
