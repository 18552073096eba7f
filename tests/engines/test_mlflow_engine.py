"""Models are applied in a process of their own: the right numbers come out, and nothing else gets in."""

import json
import socket
from pathlib import Path

import factories
import numpy as np
import psutil
import pytest
import xarray as xr
from mirror import SchemaMirror
from model_folders import ModelFolder, column, pinned, tensor

from earthcode_platform import checksums
from earthcode_platform.engines.mlflow_models.choices import Choices
from earthcode_platform.engines.mlflow_models.describing import describe_model
from earthcode_platform.engines.mlflow_models.document import read_model
from earthcode_platform.engines.mlflow_models.engine import ModelEngine
from earthcode_platform.engines.registry import engine_for, find_engine
from earthcode_platform.errors import ExecutionError
from earthcode_platform.isolation.isolated import why_not
from earthcode_platform.isolation.limits import Limits
from earthcode_platform.models.run import RunResult
from earthcode_platform.stores.delivery import archive
from earthcode_platform.stores.directory import DirectoryStore


@pytest.fixture(scope="session", autouse=True)
def _can_isolate(tmp_path_factory: pytest.TempPathFactory) -> None:
    if reason := why_not(tmp_path_factory.mktemp("probe")):
        pytest.skip(reason)


def coded(code: str) -> ModelFolder:
    """Return a model whose `predict(table, params)` has this body."""
    model = ModelFolder()
    body = "\n".join(f"        {line}" for line in code.strip().splitlines())
    defined = f"class Model:\n    def predict(self, table, params=None):\n{body}\n"
    model.files["code/index_model.py"] = f"{defined}\ndef _load_pyfunc(path):\n    return Model()\n"
    return model


def applied(folder: Path, model: ModelFolder, limits: Limits | None = None, **configuration: object) -> RunResult:
    return ModelEngine(limits=limits).run(pinned(folder, model, configuration), folder / "run")


def test_it_is_found_like_a_strangers() -> None:
    assert find_engine("mlflow") is ModelEngine
    assert isinstance(engine_for("mlflow", progress=None), ModelEngine)


def test_the_numbers_are_those_of_the_model(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    made = pinned(tmp_path, ModelFolder(), {"times": 2.0})
    engine = ModelEngine(progress=lambda fraction, step: told.append((fraction, step)))
    run = engine.run(made, tmp_path / "run")
    (produced,) = run.files
    with xr.open_dataset(produced.path) as opened:
        values = opened["index"].values
    red = np.arange(36, dtype="float64").reshape(6, 6) * 10 + 100
    for day in (1, 2):
        nir, one = (red * 2 + day) * 1e-4, (red + day) * 1e-4
        expected = (nir - one) / (nir + one) * 2
        expected[0, 0] = np.nan
        np.testing.assert_allclose(values[day - 1], expected, rtol=1e-5)
    assert run.engine.isolation == "namespaces"
    assert run.model is not None
    assert run.model.bands == ("red", "nir")
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)
    assert told[-1] == (1.0, "done")
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["quicklook.png", "result"]


def test_its_parameters_are_those_of_every_model_and_its_own(tmp_path: Path) -> None:
    made = pinned(tmp_path, ModelFolder())
    parameters = {parameter.name: parameter for parameter in ModelEngine().parameters(made.workflow)}
    assert list(parameters) == ["data", "bands", "composite", "mask_band", "mask_values", "outputs", "times"]
    assert [name for name, parameter in parameters.items() if parameter.required] == ["data"]
    assert parameters["times"].default == 1.0


SNOOP = """
import os, glob, socket, numpy, pathlib
found = [name for name in os.environ if name.startswith(("PREFECT", "AWS", "GOOGLE")) or "TOKEN" in name]
found += [path for path in {hidden} if os.path.exists(path)]
for path in glob.glob("/proc/[0-9]*/environ"):
    try:
        found += [path] if b"pnu_secret" in open(path, "rb").read() else []
    except OSError:
        pass
for place in (("127.0.0.1", {port}), ("192.0.2.1", 443)):
    try:
        socket.create_connection(place, 1)
        found.append(str(place))
    except OSError:
        pass
for path in (pathlib.Path(__file__), pathlib.Path({data!r})):
    try:
        path.open("a")
        found.append("writable " + str(path))
    except OSError:
        pass
assert not found, found
return numpy.zeros(len(table))
"""


def test_a_model_that_looks_around_finds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PREFECT_API_KEY", "PREFECT_API_URL", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN"):
        monkeypatch.setenv(name, "pnu_secret")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "pnu_secret")
    home = tmp_path / "home"
    (home / ".aws").mkdir(parents=True)
    (home / ".aws/credentials").write_text("pnu_secret", encoding="utf-8")
    hidden = [home / ".aws", Path.home() / ".prefect", tmp_path / "experiment/data", Path(__file__), "/etc/shadow"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = SNOOP.format(
            hidden=[str(path) for path in hidden],
            port=server.getsockname()[1],
            data=str(tmp_path / "experiment/data/red1.tif"),
        )
        run = applied(tmp_path / "experiment", coded(code))
    assert run.files[0].statistics["maximum"] == 0


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("raise ValueError('no such thing')", "the model failed at block 1: ValueError: no such thing"),
        ("import numpy\nreturn numpy.zeros((len(table), 3))", "gave 3 numbers a pixel, and its signature says 1"),
        ("import os\nos._exit(3)", "the model ended with the code 3 before it had answered"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "signal"),
    ],
)
@pytest.mark.service
def test_a_model_that_fails_is_told_with_its_own_words(tmp_path: Path, code: str, message: str) -> None:
    with pytest.raises(ExecutionError, match=message):
        applied(tmp_path, coded(code))
    assert list((tmp_path / "run").iterdir()) == []


@pytest.mark.service
@pytest.mark.parametrize(
    ("code", "limits", "message"),
    [
        ("while True: pass", Limits(seconds=6), "took longer than 6 s"),
        (
            "import time\nkept = []\nwhile True:\n    kept.append(bytearray(b'x' * 2_000_000))\n    time.sleep(0.005)",
            Limits(seconds=60, memory_bytes=500_000_000),
            "more than 500,000,000 bytes of memory",
        ),
        (
            "import os, time\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        time.sleep(0.01)",
            Limits(seconds=60, processes=40),
            "more than 40 processes",
        ),
    ],
)
def test_a_model_that_takes_too_much_is_stopped(tmp_path: Path, code: str, limits: Limits, message: str) -> None:
    with pytest.raises(ExecutionError, match=message):
        applied(tmp_path, coded(code), limits)
    left = [process for process in psutil.Process().children(recursive=True) if process.status() != "zombie"]
    assert [process for process in left if "predicting" in " ".join(process.cmdline())] == []


HOSTILE = """
import os, sys, numpy
out = {answers}
print('@earthcode {{"done": 0}}', '@earthcode {{"done": "x"}}', '@earthcode [', sep="\\n", flush=True)
"""


@pytest.mark.service
def test_an_answer_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.npy"
    np.save(secret, np.zeros((70, 1)))
    code = f"""
import glob, os, sys
(out,) = glob.glob("{tmp_path}/run/.model-*/exchange/work/answers")
os.symlink({str(secret)!r}, out + "/0.npy")
print('@earthcode [', '@earthcode {{"done": 7}}', '@earthcode {{"done": 0}}', sep="\\n", flush=True)
import time
time.sleep(30)
"""
    with pytest.raises(ExecutionError, match="an answer of the model cannot be read"):
        applied(tmp_path, coded(code))


@pytest.mark.service
def test_who_stops_the_engine_stops_the_model(tmp_path: Path) -> None:
    class StoppedError(Exception):
        pass

    def stop(_: float, step: str) -> None:
        if step == "predicting":
            raise StoppedError

    with pytest.raises(StoppedError):
        ModelEngine(progress=stop).run(pinned(tmp_path, ModelFolder()), tmp_path / "run")
    assert list((tmp_path / "run").iterdir()) == []


def test_the_archived_item_describes_the_model(tmp_path: Path, mirror: SchemaMirror) -> None:
    made = pinned(tmp_path / "experiment", ModelFolder(), form="COG", days=1)
    model = read_model(made.workflow)
    assert model.signature is not None
    facts = {"architecture": "RandomForestClassifier", "hyperparameters": {"n_estimators": 24, "a b": 1, "x": [1]}}
    used = describe_model(model, model.signature, Choices.of({}, model.signature), facts, "An index")
    run = factories.run(made, tmp_path / "run").model_copy(update={"model": used})
    store = DirectoryStore(tmp_path / "archive")
    product = archive(made, run, store, tmp_path / "run")
    path = store.root / product.prefix / "applied-index/applied-index.json"
    item = json.loads(path.read_text(encoding="utf-8"))
    assert mirror.stac_errors(item) == []
    assert item["properties"]["mlm:hyperparameters"] == {"n_estimators": 24}
    assert item["properties"]["mlm:input"][0]["bands"] == ["red", "nir"]
    asset = item["assets"]["model"]
    assert asset["roles"] == ["mlm:model"]
    assert checksums.of_file(path.parent / asset["href"]) == made.workflow.checksum
    assert asset["file:checksum"] == made.workflow.checksum


def test_what_the_author_says_goes_before_what_is_read(tmp_path: Path) -> None:
    model = ModelFolder(inputs=[tensor((-1, 2))], outputs=[column("label", "long"), column("sure", "float")])
    made = pinned(tmp_path, model, {"bands": ["red", "nir"]})
    read = read_model(made.workflow)
    read.metadata = {"mlm:architecture": "U-Net", "mlm:tasks": ["semantic-segmentation"], "note": 1}
    assert read.signature is not None
    used = describe_model(read, read.signature, Choices.of({"bands": ["red", "nir"]}, read.signature), {}, "1")
    assert used.properties["mlm:architecture"] == "U-Net"
    assert used.properties["mlm:tasks"] == ["semantic-segmentation"]
    assert used.properties["mlm:name"] == "model"
    assert "note" not in used.properties
