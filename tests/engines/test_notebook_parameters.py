"""What the parameters cell says of its parameters, and what a value must be."""

from pathlib import Path

import nbformat
import pytest
from jsonschema import Draft202012Validator
from notebook_pieces import PARAMETERS, experiment, markdown, notebook, pinned
from papermill.translators import PythonTranslator

from earthcode_platform.engines.notebook.cells import cells_of
from earthcode_platform.engines.notebook.engine import NotebookEngine
from earthcode_platform.engines.notebook.hints import schema_of_hint
from earthcode_platform.engines.notebook.parameters import declared_parameters, twice_declared
from earthcode_platform.gates import configuration
from earthcode_platform.models.workflow import Parameter


def declared(source: str) -> dict[str, Parameter]:
    (cell,) = cells_of([{"cell_type": "code", "source": source, "metadata": {"tags": ["parameters"]}}])
    return {parameter.name: parameter for parameter in declared_parameters(cell)}


@pytest.mark.parametrize(
    ("hint", "right", "wrong"),
    [
        ("int", [1, -3], ["1", 1.5, None, True]),
        ("float", [1.5, 2], ["1.5", None]),
        ("str", ["", "x"], [1, None]),
        ("bool", [True], [1, "true"]),
        ("Optional[int]", [1, None], ["x"]),
        ("typing.Optional[str]", ["x", None], [1]),
        ("int | None", [1, None], ["x"]),
        ("Union[int, str]", [1, "x"], [None, [1]]),
        ("list[int]", [[], [1, 2]], [["x"], 1]),
        ("List[str]", [["a"]], [[1]]),
        ("tuple[float, ...]", [[1.5]], [["x"]]),
        ("tuple[str, int]", [["x", 1]], ["x"]),
        ("dict[str, int]", [{"a": 1}], [{"a": "x"}, [1]]),
        ("dict", [{"a": "x"}], [1]),
        ("Literal['mean', 'median', 3]", ["mean", 3], ["max", None]),
        ("'Optional[float]'", [1.5, None], ["x"]),
        ("Annotated[int, 'days']", [3], ["x"]),
        ("None", [None], [0]),
        ("np.ndarray", [1, "x", None], []),
        ("Optional[pd.Timestamp]", ["2016", None, 1], []),
        ("no hint at all", [1, "x"], []),
    ],
)
def test_a_hint_takes_what_python_would(hint: str, right: list[object], wrong: list[object]) -> None:
    validator = Draft202012Validator(schema_of_hint(hint))
    assert [value for value in right if not validator.is_valid(value)] == []
    assert [value for value in wrong if validator.is_valid(value)] == []


def test_each_way_to_declare_a_parameter() -> None:
    found = declared(
        "year: int = 2016  # of the season\n"
        "window = 15  # type: float days to look at\n"
        "name = 'x'\n"
        "bands = ['B04',\n         'B08']  # in this order\n"
        "limit = None\n"
        "scenes: str = None\n"
        "maybe: Optional[str] = None\n"
        "needed: float\n"
        "computed = 3 * len(name)\n"
        "a = b = True\n"
        "# a comment of its own\n"
        "print(name)\n"
    )
    assert {name: one.required for name, one in found.items()} == {
        "year": False, "window": False, "name": False, "bands": False, "limit": False, "scenes": True, "maybe": False,
        "needed": True, "computed": False, "a": False, "b": False,
    }  # fmt: skip
    assert found["year"].json_schema == {"type": "integer"}
    assert found["window"].json_schema == {"type": "number"}
    assert found["limit"].json_schema == {}
    assert found["computed"].json_schema == {}
    assert found["bands"].default == ["B04", "B08"]
    assert found["bands"].description == "in this order (cell 1)"
    assert found["window"].description == "days to look at (cell 1)"
    assert found["a"].default is True


def test_nothing_is_run_to_read_the_defaults(tmp_path: Path) -> None:
    trap = tmp_path / "ran"
    assert declared(f"x = open({str(trap)!r}, 'w')\ny = [] * 10**9\nz = float('nan')\nw = 1e999")["w"].default is None
    assert not trap.exists()


def test_a_name_that_is_assigned_twice_is_told() -> None:
    (cell,) = cells_of([{"cell_type": "code", "source": "a = 1\nb = 2\na = 3", "metadata": {}}])
    assert twice_declared(cell) == ["a"]


@pytest.mark.parametrize(
    "source",
    [
        "a: int = 1  # type: float  help a",
        "a = 'x' # type: str some help",
        "a = None  # type: Optional[int]",
        "a: 'Optional[float]' = 2",
        "a: str = 'b'\nc: bool = True  # switch",
        "# comment\na: dict = {}",
    ],
)
def test_names_hints_and_help_are_those_that_papermill_reads(source: str) -> None:
    theirs = {
        found.name: (found.inferred_type_name, found.help)
        for found in PythonTranslator.inspect(nbformat.v4.new_code_cell(source))
    }
    ours = declared(source)
    assert set(ours) == set(theirs)
    for name, (hint, told) in theirs.items():
        if hint != "None":
            assert ours[name].json_schema == schema_of_hint(hint)
        assert ours[name].description.startswith(told)


def test_the_configuration_gate_names_the_cell(tmp_path: Path) -> None:
    content = notebook(markdown("## Compute"), parameters=PARAMETERS + "window: int = 3  # days\nneeded: str\n")
    made = pinned(experiment(tmp_path / "small", content), {"factor": "much", "windw": 4})
    found = {one.code: one for one in configuration.check(made, NotebookEngine())}
    assert found["configuration-bad-value"].remedy == "'factor' is: what to multiply with (cell 2 'Mean')."
    assert found["configuration-unknown-value"].remedy == "Did you mean 'window'?"
    assert "cell 2 'Mean'" in found["configuration-missing"].remedy
    assert "output_folder" not in {one.name for one in NotebookEngine().parameters(made.workflow)}
