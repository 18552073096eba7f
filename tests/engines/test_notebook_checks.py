"""What is said of notebooks that run: warnings, and nothing where nothing is wrong."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from notebook_pieces import KERNEL, READ, WRITE, Json, code, experiment, markdown, notebook, pinned

from earthcode_platform.engines.notebook.cells import cells_of, magics
from earthcode_platform.engines.notebook.engine import NotebookEngine
from earthcode_platform.engines.notebook.literals import masked, secret_name
from earthcode_platform.models.finding import Finding, Severity


def findings(folder: Path, content: Json | str, files: Mapping[str, str] | None = None) -> list[Finding]:
    made = pinned(experiment(folder, content, files))
    return NotebookEngine().check(made.workflow, made.inputs, made.experiment)


def only(folder: Path, content: Json | str, files: Mapping[str, str] | None = None) -> Finding:
    (found,) = findings(folder, content, files)
    return found


def odd(text: str) -> Json:
    return notebook(code(READ), code(WRITE), markdown("## Odd"), code(text))


def test_a_good_notebook_is_left_alone(tmp_path: Path) -> None:
    assert findings(tmp_path / "small", notebook()) == []
    assert findings(tmp_path / "without-ids", notebook(ids=False)) == []
    lines = notebook()
    for cell in lines["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)
    assert findings(tmp_path / "lines", lines) == []


@pytest.mark.parametrize(
    ("text", "code_", "told"),
    [
        ("!date", "workflow-shell", "'date' is run by a shell"),
        ("%%bash\nls", "workflow-shell", "'bash"),
        ("files = !ls", "workflow-shell", "'ls'"),
        ("open('/home/ada/x.tif')", "workflow-foreign-path", "'/home/ada/x.tif'"),
        ("open(r'C:\\data\\x.tif')", "workflow-foreign-path", "belongs to one machine"),
        ("open('~/x.tif')", "workflow-foreign-path", "'~/x.tif'"),
        ("def later():\n    import rasterlib", "workflow-module-missing", "'rasterlib'"),
        ("factor = 3", "workflow-parameter-overwritten", "'factor'"),
        ("for scenes in range(3):\n    pass", "workflow-parameter-overwritten", "'scenes'"),
    ],
)
def test_what_may_be_wrong_is_a_warning_at_its_cell(text: str, code_: str, told: str, tmp_path: Path) -> None:
    found = only(tmp_path / "small", odd(text))
    assert (found.code, found.severity) == (code_, Severity.WARNING)
    assert found.where == "mean.ipynb, cell 6 'Odd'"
    assert told in found.message


@pytest.mark.parametrize(
    "text",
    [
        "%matplotlib inline\n%time x = 1\nprint?",
        "%%time\nfor layer in layers:\n    pass",
        "try:\n    import rasterlib\nexcept ImportError:\n    rasterlib = None",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import rasterlib",
        "factor = float(factor)",
        "def f(scenes):\n    factor = 3\n    return factor",
        "[factor for factor in layers]",
        "import os\ntoken = os.environ.get('TOKEN')\nurl = 'https://example.org/api/v1/data/x.tif'",
        "import os.path, numpy.linalg\nfrom concurrent import futures",
        "async def f():\n    return 1\nawait f()",
        "tokenizer = 'nltk'\nsecretary = 'Ada'",
    ],
)
def test_what_is_right_is_not_told(text: str, tmp_path: Path) -> None:
    assert findings(tmp_path / "small", odd(text)) == []


def test_an_input_that_no_cell_uses_is_told_even_where_a_magic_could(tmp_path: Path) -> None:
    unused = notebook(code("import numpy as np\nlayers, profile = [np.ones((2, 2))], {}"), code(WRITE))
    assert only(tmp_path / "unused", unused).code == "workflow-unused-input"
    magic = notebook(code("layers, profile = [], {}\n%time read(scenes)"), code("import numpy as np"), code(WRITE))
    assert findings(tmp_path / "magic", magic) == []


def test_python_and_packages_are_compared_with_what_runs(tmp_path: Path) -> None:
    other = notebook(metadata={"kernelspec": KERNEL, "language_info": {"name": "python", "version": "2.7.18"}})
    assert "Python 2.7.18" in only(tmp_path / "python", other).message
    files = {
        "requirements.txt": "# ours\nnumpy<1  # old\nxarray>=2024.1\n--hash=x\nwin32api; sys_platform == 'win32'\n"
    }
    found = only(tmp_path / "pip", notebook(), files)
    assert (found.code, found.severity) == ("workflow-requirement-differs", Severity.WARNING)
    assert found.where == "requirements.txt"
    assert found.message.startswith("it wants numpy<1, and ")


def test_a_conda_environment_is_compared_too(tmp_path: Path) -> None:
    text = """
name: eo
channels: [conda-forge]
dependencies:
  - python=3.8
  - conda-forge::xarray>=2024.1
  - numpy=1.26.4=py311_0
  - gdal
  - pip
  - pip: ["rasterio>=1.3", "rasterlib"]
"""
    found = findings(tmp_path / "conda", notebook(), {"environment.yml": text})
    assert [(one.code, one.severity) for one in found] == [
        ("workflow-other-python", "warning"),
        ("workflow-requirement-differs", "warning"),
        ("workflow-requirement-unknown", "warning"),
        ("workflow-requirement-missing", "error"),
    ]
    assert "numpy==1.26.4.*" in found[1].message
    assert only(tmp_path / "bad", notebook(), {"environment.yml": "- x"}).code == "workflow-bad-requirement"


def test_network_must_be_asked_for_and_is_told(tmp_path: Path) -> None:
    assert only(tmp_path / "asks", notebook(metadata={"earthcode": {"network": True}})).code == "workflow-uses-network"
    made = pinned(experiment(tmp_path / "remote", notebook()))
    (entry,) = made.inputs
    href = "https://example.org/B01.tif"
    away = entry.model_copy(update={"assets": (entry.assets[0].model_copy(update={"href": href}),)})
    (found,) = NotebookEngine().check(made.workflow, [away], made.experiment)
    assert found.code == "workflow-needs-network"
    assert href in found.message


def test_what_cannot_be_read_takes_nothing_and_says_why(tmp_path: Path) -> None:
    made = pinned(experiment(tmp_path / "small", "[1, 2"))
    assert NotebookEngine().parameters(made.workflow) == ()
    path = tmp_path / "small" / "mean.ipynb"
    for content, code_ in ((b"\xff\xfe", "not-readable"), (b"[" * 100_000, "not-json"), (b"[1]", "not-a-notebook")):
        path.write_bytes(content)
        (found,) = NotebookEngine().check(made.workflow, made.inputs)
        assert found.code == f"workflow-{code_}"


def test_cells_are_called_by_the_nearest_heading_above() -> None:
    contents = [
        markdown("# Title\n\ntext\n\n## Read #\n```\n# not a heading\n```"),
        code("x"),
        markdown("no heading"),
        code("y"),
        markdown("Text\n### A heading that is longer than sixty characters, which nobody would want to read"),
        code("z"),
    ]
    places = [cell.place for cell in cells_of(contents)]
    assert places[1] == "cell 2 'Read'"
    assert places[3] == "cell 4 'Read'"
    assert places[5] == "cell 6 'A heading that is longer than sixty characters, which nobod…'"


def test_magics_are_found_where_ipython_finds_them() -> None:
    text = "%pip install x\nfor i in range(3):\n    !echo {i}\ny = %timeit -n1 z\n"
    (cell,) = cells_of([code(text)])
    assert [(magic.name, magic.text, magic.foreign) for magic in magics(cell)] == [
        ("pip", "install x", True), ("timeit", "-n1 z", False), ("", "echo {i}", True)]  # fmt: skip


def test_credentials_are_known_by_their_names_and_their_looks() -> None:
    named = ("password", "CDSE_TOKEN", "api_key", "apiKey", "aws_secret_access_key", "client_secret", "token_id")
    assert [name for name in named if not secret_name(name)] == []
    assert [name for name in ("tokenizer", "keys", "secretary", "token_url", "passage") if secret_name(name)] == []
    token = "ghp_" + "a1B2" * 10
    assert masked(f"with {token} and https://ada:pw@example.org/x") == "with … and https://example.org/x"
    said = "headers {'X-Token': 'abc-4711', 'a': 1} password=hunter2, then Basic YWRhOnB3 and api_key: k1"
    assert masked(said) == "headers {'X-Token': …, 'a': 1} password=…, then Basic … and api_key: …"
    assert masked("token = sign_in()", written=True) == "token = sign_in()"


def test_credentials_in_modules_beside_the_notebook_are_found(tmp_path: Path) -> None:
    files = {"reading.py": "def read():\n    return connect(password='hunter22')\n"}
    found = only(tmp_path / "small", notebook(code("import reading"), code(READ), code(WRITE)), files)
    assert (found.code, found.where) == ("workflow-credential", "reading.py")
    assert "hunter22" not in str(found)


def test_the_notebook_of_the_example_has_no_outputs(checkout: Path) -> None:
    content = json.loads((checkout / "examples" / "phenology-notebook" / "phenology.ipynb").read_text("utf-8"))
    for cell in content["cells"]:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
