"""A notebook from its folder to a published product, and back by its ID."""

import json
import shutil
from pathlib import Path

import pytest
import rasterio
from notebook_pieces import READ, WRITE, code, experiment, notebook

from earthcode_platform.errors import RefusedError
from earthcode_platform.models.comparison import Verdict
from earthcode_platform.models.finding import Severity
from flows.lifecycle import lifecycle
from flows.rerun import rerun

DOUBLES = "def doubled(x):\n    return 2 * x\n"


@pytest.mark.service
def test_a_notebook_becomes_a_published_product_and_runs_again_by_its_id(home: Path, tmp_path: Path) -> None:
    cells = code("from doubling import doubled"), code(READ), code("layers = doubled(np.array(layers))"), code(WRITE)
    folder = experiment(tmp_path / "noted", notebook(*cells), {"doubling.py": DOUBLES}, id="noted")
    publication = lifecycle(str(folder), configuration={"factor": 3})
    assert publication.merged
    (path,) = (home / "runs" / "by-flow-run").iterdir()
    archived = Path(json.loads(path.read_text())["product"])
    with rasterio.open(archived / "small-mean" / "small-mean.tif") as opened:
        assert opened.read(1)[0].tolist() == [6 * (2.5 + column) for column in range(8)]
    item = json.loads((archived / "small-mean" / "small-mean.json").read_text())
    assert item["assets"]["notebook"]["type"] == "application/x-ipynb+json"
    assert item["assets"]["report"]["href"] == "./executed.html"
    assert str(tmp_path) not in (archived / "small-mean" / "executed.ipynb").read_text()
    assert (archived / "experiment" / "doubling.py").is_file()
    recorded = json.loads((archived / "provenance.json").read_text())
    assert recorded["agents"]["engine"]["name"] == "notebook"
    assert str(tmp_path) not in json.dumps(recorded)
    shutil.rmtree(folder)
    assert rerun("noted").verdict is Verdict.IDENTICAL


def test_a_broken_notebook_is_refused_by_the_gates_with_all_that_is_wrong(home: Path, tmp_path: Path) -> None:
    content = notebook(code(READ), code("import rasterlib"), code(WRITE))
    folder = experiment(tmp_path / "broken", content, configuration={"facter": 2})
    with pytest.raises(RefusedError) as caught:
        lifecycle(str(folder))
    found = {one.code: one for one in caught.value.findings if one.severity is Severity.ERROR}
    assert set(found) == {"workflow-module-missing", "configuration-unknown-value"}
    assert found["workflow-module-missing"].where == "mean.ipynb, cell 4 'Mean'"
    assert found["configuration-unknown-value"].remedy == "Did you mean 'factor'?"
    assert not (home / "archive").exists()
