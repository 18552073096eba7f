import doctest
import inspect
import pickle
from datetime import UTC, datetime
from pathlib import Path

import factories
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from earthcode_platform import redaction
from earthcode_platform.models import window
from earthcode_platform.models.experiment import Experiment, InputReference
from earthcode_platform.models.file_options import CogOptions, NetCDFOptions
from earthcode_platform.models.frozen import Declared
from earthcode_platform.models.pinned import PinnedExperiment
from earthcode_platform.models.policy import Waiver
from earthcode_platform.models.window import TimeWindow
from earthcode_platform.redaction import public


@given(st.datetimes(min_value=datetime(1900, 1, 1)), st.datetimes(min_value=datetime(1900, 1, 1)))  # noqa: DTZ001 - naive means UTC
def test_a_time_window_reads_back_as_it_is_written(one: datetime, other: datetime) -> None:
    window = TimeWindow(min(one, other).replace(tzinfo=UTC), max(one, other).replace(tzinfo=UTC))
    assert TimeWindow.parse(str(window)) == window
    assert window.contains(one.replace(tzinfo=UTC))


def test_a_date_means_its_whole_day() -> None:
    window = TimeWindow.parse("2023-08-01/2023-08-02")
    assert window.contains(datetime(2023, 8, 2, 23, 59, 59, tzinfo=UTC))
    assert not window.contains(datetime(2023, 8, 3, tzinfo=UTC))
    assert TimeWindow.parse("../2023-08-02").contains(datetime(1900, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("2023-08-01", "no interval"),
        ("../..", "needs a start or an end"),
        ("2023-08-02/2023-08-01", "swap them"),
        ("2023-13-01/..", "no RFC 3339"),
        (2023, "no interval"),
    ],
)
def test_a_window_that_is_none_says_why(text: object, fragment: str) -> None:
    with pytest.raises(ValueError, match=fragment):
        TimeWindow.parse(text)


@pytest.mark.parametrize(
    ("href", "fragment"),
    [
        ("../x.json", "leaves the experiment's folder"),
        ("a/../../x.json", "leaves the experiment's folder"),
        ("a\\x.json", "forward slashes"),
        ("ftp://host/x.json", "scheme 'ftp'"),
        ("https://ada:secret@example.org/x.json", "take it out"),
    ],
)
def test_a_href_that_cannot_be_used_says_why(href: str, fragment: str) -> None:
    with pytest.raises(ValidationError) as caught:
        InputReference(href=href)
    messages = [error["msg"] for error in caught.value.errors()]
    assert fragment in messages[0]
    assert "secret" not in messages[0]


@pytest.mark.parametrize("bbox", [[0, 0, 0, 1], [0, 1, 1, 0], [-181, 0, 0, 1], [0, -91, 1, 1], [0, 0, 1]])
def test_a_box_that_is_none_is_refused(bbox: list[float]) -> None:
    with pytest.raises(ValidationError):
        InputReference(href="x.json", bbox=bbox)  # type: ignore[arg-type]


def test_models_read_back_from_json_and_survive_pickling(tmp_path: Path) -> None:
    pinned = factories.pinned(factories.experiment_folder(tmp_path / "small"))
    run = factories.run(pinned, tmp_path / "work")
    for model in (pinned, run):
        assert type(model).model_validate_json(model.model_dump_json()) == model
        assert pickle.loads(pickle.dumps(model)) == model  # noqa: S301 - our own bytes
    with pytest.raises(ValidationError):
        pinned.folder = "other"  # type: ignore[misc]


def test_the_fingerprint_follows_what_decides_the_result_and_nothing_else(tmp_path: Path) -> None:
    pinned = factories.pinned(factories.experiment_folder(tmp_path / "small"))

    def fingerprint(**changes: object) -> str:
        experiment = Experiment.model_validate(factories.declaration(**changes))
        return PinnedExperiment.model_validate({**dict(pinned), "experiment": experiment}).fingerprint

    assert fingerprint() == fingerprint(title="Other", description="Other") == pinned.fingerprint
    assert fingerprint(configuration={"factor": 3}) != pinned.fingerprint
    moved = pinned.inputs[0].model_copy(update={"href": "/elsewhere/collection.json"})
    assert pinned.model_copy(update={"inputs": (moved,)}).fingerprint == pinned.fingerprint
    fewer = pinned.inputs[0].model_copy(update={"assets": pinned.inputs[0].assets[:1]})
    assert pinned.model_copy(update={"inputs": (fewer,)}).fingerprint != pinned.fingerprint


@given(
    st.text(
        alphabet=st.characters(
            exclude_characters="/@?# \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0", exclude_categories=("Z", "C")
        ),
        min_size=8,
    )
)
def test_no_password_in_a_url_survives(password: str) -> None:
    shown = public(f"could not clone https://ada:{password}@example.org/x.git, giving up")
    assert shown == "could not clone https://example.org/x.git, giving up"


def test_the_examples_in_the_docstring_hold() -> None:
    assert doctest.testmod(redaction).failed == 0
    assert doctest.testmod(window).failed == 0


@pytest.mark.parametrize("model", [Experiment, InputReference, Waiver, CogOptions, NetCDFOptions])
def test_what_authors_write_is_described_key_by_key(model: type[Declared]) -> None:
    described = {name: one["description"] for name, one in model.model_json_schema()["properties"].items()}
    assert described == {name: field.description for name, field in model.model_fields.items()}
    assert all(text and text == inspect.cleandoc(text) for text in described.values())
