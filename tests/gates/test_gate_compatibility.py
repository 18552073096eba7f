"""Limits of the platform that a run would meet at its end."""

from pathlib import Path

import factories

from earthcode_platform.gates.compatibility import check
from earthcode_platform.models.experiment import WorkflowKind
from earthcode_platform.models.platform import ProcessingPlatform
from earthcode_platform.provenance.package import LARGEST_INPUTS


def test_what_the_archive_takes_is_compatible(tmp_path: Path) -> None:
    assert list(check(factories.pinned(factories.experiment_folder(tmp_path)))) == []


def test_local_inputs_that_no_product_carries_are_refused_before_the_run(tmp_path: Path) -> None:
    pinned = factories.pinned(factories.experiment_folder(tmp_path))
    size = sum(Path(asset.href).stat().st_size for asset in pinned.inputs[0].assets)
    assert list(check(pinned, largest=size)) == []
    elsewhere = ProcessingPlatform(
        title="Big", kinds=frozenset({WorkflowKind.OPENEO}), address="https://big.example.org"
    )
    (found,) = check(pinned, [elsewhere], largest=size - 1)
    assert (found.code, found.severity) == ("compatibility-inputs-too-large", "error")
    assert f"{size:,} bytes" in found.message
    assert "Big (https://big.example.org)" in found.remedy


def test_a_sparse_file_of_half_a_gigabyte_is_told_without_being_read(tmp_path: Path) -> None:
    pinned = factories.pinned(factories.experiment_folder(tmp_path))
    with Path(pinned.inputs[0].assets[0].href).open("r+b") as stream:
        stream.truncate(LARGEST_INPUTS)
    assert [one.code for one in check(pinned)] == ["compatibility-inputs-too-large"]
