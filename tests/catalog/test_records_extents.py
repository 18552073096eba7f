"""Boxes and intervals: whether they meet, and how they are read."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import JsonValue

from earthcode_platform.catalog.documents import JsonObject
from earthcode_platform.catalog.records.asking import read_box, read_interval
from earthcode_platform.catalog.records.extents import (
    boxes_meet,
    intervals_meet,
    read_boxes,
    read_intervals,
    read_moment,
)
from earthcode_platform.catalog.records.readings import Readings
from earthcode_platform.errors import InputError
from earthcode_platform.models.catalog_record import Box, Interval

LATITUDES = st.tuples(st.integers(-90, 90), st.integers(-90, 90)).map(sorted)
BOXES = st.builds(
    lambda west, east, latitudes: (west, latitudes[0], east, latitudes[1]),
    st.integers(-180, 180),
    st.integers(-180, 180),
    LATITUDES,
)
MOMENTS = st.none() | st.integers(0, 40).map(lambda day: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=day))
WHOLE = (-180.0, -90.0, 180.0, 90.0)


def meridians(box: Box) -> set[int]:
    """The whole degrees of longitude on which a box lies: its ends are whole, so two that meet share one."""
    west, _, east, _ = map(int, box)
    return {degree % 360 for degree in range(west, (east if west <= east else east + 360) + 1)}


@given(BOXES, BOXES)
def test_boxes_meet_where_they_share_a_point_of_the_globe(one: Box, other: Box) -> None:
    expected = bool(meridians(one) & meridians(other)) and one[1] <= other[3] and other[1] <= one[3]
    assert boxes_meet(one, other) is expected
    assert boxes_meet(other, one) is expected


@given(BOXES)
def test_a_box_meets_itself_and_the_whole_globe(box: Box) -> None:
    assert boxes_meet(box, box)
    assert boxes_meet(box, WHOLE)


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ((170, -10, -170, 10), (175, 0, 178, 5), True),
        ((170, -10, -170, 10), (-178, 0, -175, 5), True),
        ((170, -10, -170, 10), (0, 0, 10, 5), False),
        ((170, -10, -170, 10), (160, 0, -150, 5), True),
        ((170, -10, 180, 10), (-180, 0, -170, 5), True),
        ((10, 45, 10, 45), (0, 40, 20, 50), True),
        ((0, 0, 10, 10), (10, 10, 20, 20), True),
        ((0, 0, 10, 10), (10.5, 0, 20, 10), False),
    ],
)
def test_boxes_at_the_antimeridian_and_at_edges(one: Box, other: Box, *, meet: bool) -> None:
    assert boxes_meet(one, other) is meet


def spatial(*boxes: JsonValue) -> JsonObject:
    return {"extent": {"spatial": {"bbox": list(boxes)}}}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (spatial([1, 2, 3, 4]), ((1, 2, 3, 4),)),
        (spatial([1, 2, -10, 3, 4, 10]), ((1, 2, 3, 4),)),
        (spatial([170, -5, -170, 5]), ((170, -5, -170, 5),)),
        (spatial([0, -90, 360, 90]), (WHOLE,)),
        (spatial([190, 0, 200, 1]), ((-170, 0, -160, 1),)),
        (spatial([0, 0, 10, 10], [1, 1, 2, 2], [8, 8, 9, 9]), ((1, 1, 2, 2), (8, 8, 9, 9))),
        (spatial([0, 0, 10, 10], [20, 1, 22, 2]), ((0, 0, 10, 10), (20, 1, 22, 2))),
        ({"bbox": [-135.0, -22.5, 15.0, 35.0]}, ((-135, -22.5, 15, 35),)),
        ({"extent": {"spatial": {"bbox": [1, 2, 3, 4]}}}, ((1, 2, 3, 4),)),
        (spatial([1, 2, 3]), ()),
        (spatial([1, 2, 3, "4"]), ()),
        (spatial([1, 5, 3, 4]), ()),
        (spatial([1, 2, 3, 10**400]), ()),
        (spatial(None), ()),
        ({"extent": 7}, ()),
        ({}, ()),
    ],
)
def test_boxes_are_read_as_people_write_them(document: JsonObject, expected: tuple[Box, ...]) -> None:
    assert read_boxes(document, Readings()) == expected


def test_what_is_left_out_is_noted() -> None:
    readings = Readings()
    read_boxes(spatial([1, 5, 3, 4], [1, 2]), readings)
    assert readings.quirks == (
        "The box [1, 5, 3, 4] has its south at 5 and its north at 4; it is left out.",
        "The box [1, 2] is none of four or six numbers; it is left out.",
    )


@given(MOMENTS, MOMENTS, MOMENTS, MOMENTS)
def test_intervals_meet_where_they_share_a_moment(
    first: datetime | None, last: datetime | None, start: datetime | None, end: datetime | None
) -> None:
    assume(not (first and last and first > last))
    assume(not (start and end and start > end))
    days = [datetime(2019, 12, 31, tzinfo=UTC) + timedelta(days=day) for day in range(43)]
    shared = [
        day
        for day in days
        if (not first or first <= day)
        and (not last or day <= last)
        and (not start or start <= day)
        and (not end or day <= end)
    ]
    assert intervals_meet(Interval(start=first, end=last), Interval(start=start, end=end)) is bool(shared)


@pytest.mark.parametrize(
    ("document", "start", "end"),
    [
        ({"extent": {"temporal": {"interval": [["2020-01-01T00:00:00Z", None]]}}}, "2020-01-01", None),
        ({"extent": {"temporal": {"interval": [["2020-01-01", "2020-01-31T12:00:00.5+01:00"]]}}}, "2020-01-01", "11"),
        ({"type": "Feature", "properties": {"start_datetime": "2024-08-01T00:00:00Z"}}, "2024-08-01", None),
        ({"type": "Feature", "time": {"interval": ["..", "2024-08-01"]}}, None, "23"),
        ({"type": "Feature", "time": {"date": "2024-08-01"}}, "2024-08-01", "23"),
        (
            {"extent": {"temporal": {"interval": [["2021-01-01T00:00:00Z", "2020-12-31T23:59:59Z"]]}}},
            "2020-12-31",
            "00",
        ),
    ],
)
def test_intervals_are_read_as_people_write_them(document: JsonObject, start: str | None, end: str | None) -> None:
    (found,) = read_intervals(document, Readings())
    assert (None if found.start is None else found.start.date().isoformat()) == start
    assert (None if found.end is None else f"{found.end.hour:02}") == end


@pytest.mark.parametrize(
    "written", [[None, None], ["..", ""], ["2020"], "2020", ["yesterday", None], [2020, 2021], None]
)
def test_what_says_nothing_of_time_is_left_out(written: JsonValue) -> None:
    document: JsonObject = {"extent": {"temporal": {"interval": [written]}}}
    assert read_intervals(document, Readings()) == ()


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31)), st.integers(-23, 23))  # noqa: DTZ001 - bounds
def test_moments_of_any_zone_are_those_moments(moment: datetime, hours: int) -> None:
    aware = moment.replace(tzinfo=UTC)
    written = f"{(moment + timedelta(hours=hours)).isoformat()}{'-' if hours < 0 else '+'}{abs(hours):02}:00"
    assert read_moment(written) == aware
    assert read_moment(aware.isoformat().replace("+00:00", "z")) == aware
    assert read_moment(moment.isoformat()) == aware


@given(st.dates(), st.dates())
def test_dates_alone_mean_whole_days(one: object, other: object) -> None:
    first, last = sorted((str(one), str(other)))
    found = read_interval(f"{first}/{last}")
    assert found.start is not None
    assert found.end is not None
    assert found.start.isoformat() == f"{first}T00:00:00+00:00"
    assert found.end.isoformat() == f"{last}T23:59:59.999999+00:00"
    assert read_interval(first) == read_interval(f"{first}/{first}")
    if first != last:
        with pytest.raises(InputError, match="ends before it starts"):
            read_interval(f"{last}/{first}")


def test_an_open_end() -> None:
    assert read_interval("2020-01-01/..") == read_interval("2020-01-01/")
    assert read_interval("../2020-01-01").start is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "..", "../..", "/", "2020", "2020-13-01", "2020-W01-1", "20200101", "a/b", "2020-01-01T00:00/.."),
        *("2020-01-01/2020-01-02/2020-01-03", "0001-01-01T00:00:00+01:00/..", "9999-12-31T23:59:59-01:00"),
    ],
)
def test_times_that_are_none(text: str) -> None:
    with pytest.raises(InputError, match="Write START/END"):
        read_interval(text)


@given(st.text(max_size=40))
def test_any_text_is_an_interval_or_refused(text: str) -> None:
    try:
        found = read_interval(text)
    except InputError:
        return
    assert found.start is not None or found.end is not None


def test_boxes_that_are_typed() -> None:
    assert read_box("-10,35,5,45.5") == (-10, 35, 5, 45.5)
    assert read_box(" 170, -20, 0, -170, 20, 99 ") == (170, -20, -170, 20)
    for text in ("", "1,2,3", "1,2,3,4,5", "a,b,c,d", "1 2 3 4"):
        with pytest.raises(InputError, match="is no box"):
            read_box(text)
