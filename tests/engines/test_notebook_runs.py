"""Notebooks that really run: in a kernel of their own, isolated, and followed cell by cell."""

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from notebook_pieces import READ, WRITE, code, experiment, markdown, notebook, pinned
from PIL import Image

from earthcode_platform.engines.notebook.engine import NotebookEngine
from earthcode_platform.engines.notebook.page import loads
from earthcode_platform.errors import ExecutionError
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.run import RunResult

CANARY = "canary-4711"
SHOW = """
import matplotlib.pyplot as plt
from IPython.display import JSON
from smoothing import doubled

figure, axes = plt.subplots()
axes.imshow(np.mean(layers, axis=0))
display(figure, metadata={"scrapbook": {"name": "mean"}})
display(JSON({"mean": float(np.mean(layers)), "doubled": doubled(2)}), metadata={"scrapbook": {"name": "numbers"}})
print(f"https://ada:{'-'.join(['canary', '4711'])}@example.org", scenes)
"""
MODULE = "def doubled(x):\n    return 2 * x\n"


class Heard:
    """What the engine told while it ran."""

    def __init__(self) -> None:
        self.steps: list[tuple[float, str]] = []

    def __call__(self, fraction: float, step: str) -> None:
        self.steps.append((fraction, step))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[PinnedExperiment, RunResult, Heard, Path]:
    folder = tmp_path_factory.mktemp("runs")
    content = notebook(
        markdown("## Read"), code(READ), markdown("## Show"), code(SHOW), markdown("## Write"), code(WRITE),
        metadata={"earthcode": {"quicklook": "mean"}},
    )  # fmt: skip
    made = pinned(experiment(folder / "small", content, {"smoothing.py": MODULE}))
    heard = Heard()
    return made, NotebookEngine(progress=heard).run(made, folder / "workspace"), heard, folder


Ran = tuple[PinnedExperiment, RunResult, Heard, Path]


def test_the_product_holds_what_the_cells_compute_with_the_given_values(ran: Ran) -> None:
    made, result, _, _ = ran
    (data,) = result.files
    with rasterio.open(data.path) as opened:
        values = opened.read(1)
    np.testing.assert_allclose(values, np.tile(2 * (2.5 + np.arange(8, dtype="float32")), (8, 1)))
    assert (data.start.day, data.end.day) == (1, 11)
    assert result.fingerprint == made.fingerprint
    assert result.engine.name == "notebook"
    assert {"papermill", "python", "numpy", "rasterio", "matplotlib"} <= set(result.engine.libraries)
    assert "xarray" not in result.engine.libraries
    assert result.engine.isolation == "namespaces"


def test_progress_names_each_cell_with_its_heading(ran: Ran) -> None:
    steps = ran[2].steps
    assert [step for _, step in steps if step.startswith("cell")] == [
        "cell 2 of 8: Mean", "cell 4 of 8: Read", "cell 6 of 8: Show", "cell 8 of 8: Write"]  # fmt: skip
    fractions = [fraction for fraction, _ in steps]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)


def test_notebook_page_figure_and_values_go_with_the_product(ran: Ran) -> None:
    _, result, _, folder = ran
    kept = {attached.key: Path(attached.path) for attached in result.attached}
    assert list(kept) == ["notebook", "report", "scraps"]
    assert json.loads(kept["scraps"].read_text()) == {"numbers": {"mean": 6.0, "doubled": 4}}
    with Image.open(result.quicklook) as picture:
        assert picture.width > 100
    executed = json.loads(kept["notebook"].read_text("utf-8"))
    (injected,) = [cell for cell in executed["cells"] if "injected-parameters" in cell["metadata"].get("tags", [])]
    assert "".join(injected["source"]).splitlines()[1:] == [
        "factor = 2", 'scenes = "../inputs/scenes/collection.json"', 'output_folder = "../output"']  # fmt: skip
    page = kept["report"].read_text("utf-8")
    assert loads(page) == []
    assert "data:image/png;base64," in page
    for text in (page, kept["notebook"].read_text("utf-8")):
        assert CANARY not in text
        assert str(folder) not in text


def test_a_failing_cell_is_told_with_its_number_heading_line_and_error(tmp_path: Path) -> None:
    fails = """
        def sign_in():
            raise ValueError(f"\\x1b[31mrefused\\x1b[0m https://ada:{word}@example.org/x?token={word} password={word}")

        word = "-".join(["canary", "4711"])
        total = 1
        sign_in()
    """
    content = notebook(code(READ), markdown("## Sign in"), code(fails), code(WRITE))
    made = pinned(experiment(tmp_path / "small", content))
    with pytest.raises(ExecutionError) as caught:
        NotebookEngine().run(made, tmp_path / "workspace")
    told = str(caught.value)
    assert caught.value.where == "mean.ipynb, cell 5 'Sign in'"
    assert "ValueError: refused https://example.org/x?token=… password=…" in told
    assert ">   6 sign_in()" in told
    assert CANARY not in told
    assert "\x1b" not in told
    assert len(told.splitlines()) < 30
    assert CANARY not in (tmp_path / "workspace" / "notebook" / "executed.ipynb").read_text("utf-8")
    assert not (tmp_path / "workspace" / "result").exists()


@pytest.mark.service
@pytest.mark.parametrize(
    ("cell", "said", "limits"),
    [
        ("while True:\n    pass", "CellTimeoutError: the cell did not end within 3 s", {"cell_seconds": 3}),
        ("import os\nos._exit(3)", "DeadKernelError: the kernel ended", {}),
        ("import sys\nsys.exit(3)", "SystemExit: 3", {}),
    ],
)
def test_whatever_ends_a_cell_is_told(cell: str, said: str, limits: dict[str, int], tmp_path: Path) -> None:
    content = notebook(markdown("## End"), code(cell), code(READ), code(WRITE))
    made = pinned(experiment(tmp_path / "small", content))
    with pytest.raises(ExecutionError, match=said) as caught:
        NotebookEngine(**limits).run(made, tmp_path / "workspace")
    assert caught.value.where == "mean.ipynb, cell 4 'End'"


@pytest.mark.service
def test_a_notebook_in_a_folder_of_its_own_runs_beside_its_modules(tmp_path: Path) -> None:
    folder = experiment(tmp_path / "small", "", {"notebooks/smoothing.py": MODULE, "notebooks/table.csv": "a\n1\n"})
    uses = code("from smoothing import doubled\nassert open('table.csv').read() == 'a\\n1\\n'")
    content = notebook(uses, code(READ), code(WRITE))
    (folder / "notebooks" / "mean.ipynb").write_text(json.dumps(content), encoding="utf-8")
    declared = json.loads((folder / "experiment.yaml").read_text())
    declared["workflow"] |= {"entry": "notebooks/mean.ipynb"}
    (folder / "experiment.yaml").write_text(json.dumps(declared))
    (folder / "mean.ipynb").unlink()
    first, result = (NotebookEngine().run(pinned(folder), tmp_path / "workspace") for _ in range(2))
    assert first.files[0].data_checksum == result.files[0].data_checksum
    assert Path(result.files[0].path).name == "small-mean.tif"
    # Without a figure of its name the quicklook is drawn from the file.
    assert Path(result.quicklook).stat().st_size > 1000
