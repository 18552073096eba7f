"""The block of CWL packages: what it allows, and what it refuses to allow."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from blocks.cwl_packages import CWLPackages
from earthcode_platform.engines.cwl.settings import Settings
from earthcode_platform.errors import InputError


def test_without_values_it_allows_what_the_engine_does_by_itself() -> None:
    assert CWLPackages().get_settings() == Settings()


def test_it_hands_out_the_settings_of_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARTHCODE_HOME", str(tmp_path))
    settings = CWLPackages(
        runtimes=["podman"], pull=True, without_images=True, network=False, cores=3, memory_gib=8, hours=2,
        processes=99, tool_memory_gib=2, tool_hours=0.5, schemas=[str(tmp_path)], fetch_schemas=True,
    ).get_settings()  # fmt: skip
    assert (settings.containers, settings.pull, settings.without_images, settings.network) == (
        ("podman",),
        True,
        True,
        False,
    )
    assert (settings.cores, settings.memory_mib, settings.seconds, settings.processes) == (3, 8192, 7200, 99)
    assert (settings.tool.memory_mib, settings.tool.seconds) == (2048, 1800)
    assert (settings.schemas, settings.fetched) == ((tmp_path,), tmp_path / "cwl-schemas")
    assert CWLPackages(memory_gib=8).get_settings().tool.memory_mib == 8192


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"schemas": ["/nowhere/at/all"]}, "there is no folder '/nowhere/at/all'"),
        ({"memory_gib": 2, "tool_memory_gib": 4}, "one tool may use 4 GiB, and all together 2"),
    ],
)
def test_settings_that_cannot_work_are_told(settings: dict[str, object], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        CWLPackages.model_validate(settings).get_settings()


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"runtimes": ["apptainer"]}, "Input should be 'docker' or 'podman'"),
        ({"cores": 0}, "greater than or equal to 1"),
        ({"hours": 7}, "less than or equal to 6"),
        ({"tool_memory_gib": 0}, "greater than 0"),
    ],
)
def test_values_that_mean_nothing_are_refused(settings: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        CWLPackages.model_validate(settings)
