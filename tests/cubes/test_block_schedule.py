"""Blocks are begun a few at a time, and each is patient by itself."""

from collections.abc import Iterator

import pytest

from earthcode_platform.cubes.streaming.schedule import Patient, computed, sites, workers
from earthcode_platform.cubes.streaming.units import Box, cut


def test_no_more_blocks_are_under_way_than_keep_the_cores_busy() -> None:
    begun = 0

    def boxes() -> Iterator[Box]:
        nonlocal begun
        for unit in cut((160, 160), 16, 16):
            begun += 1
            yield unit.box

    for done, _ in enumerate(computed(lambda box: box, boxes())):
        assert begun - done <= workers() + 1
    assert begun == 100


def test_a_block_whose_server_does_not_answer_is_tried_again_by_itself() -> None:
    box, tries = Box(0, 1, 0, 1), []

    def task(one: Box) -> Box:
        tries.append(one)
        if len(tries) < 3:
            raise OSError("no answer")
        return one

    hosts = sites(["https://user@data.example.org:8443/a.tif", "s3://bucket/b.tif", "/data/c.tif"])
    assert hosts == ("/vsicurl/https://data.example.org", "/vsis3/")
    assert Patient(task, hosts, (0.0, 0.0))(box) == box
    assert len(tries) == 3
    tries.clear()
    with pytest.raises(OSError, match="no answer"):
        Patient(task, hosts, (0.0,))(box)
    assert len(tries) == 2
    tries.clear()
    with pytest.raises(OSError, match="no answer"):
        Patient(task)(box)
    assert len(tries) == 1
