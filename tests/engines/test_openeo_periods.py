"""Calendar periods: their names, where they begin, and that none is left out."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earthcode_platform.engines.openeo.periods import beginning, complete, name_in_year, name_with_year


@pytest.mark.parametrize(
    ("period", "stamp", "label", "start"),
    [
        ("hour", "2020-03-05T14:30", "2020-03-05-14", "2020-03-05T14:00"),
        ("day", "2020-12-31", "2020-366", "2020-12-31"),
        ("week", "2021-01-03", "2020-53", "2020-12-28"), ("dekad", "2020-02-29", "2020-06", "2020-02-21"),
        ("month", "2020-02-29", "2020-02", "2020-02-01"), ("season", "2020-01-15", "2019-djf", "2019-12-01"),
        ("season", "2020-12-01", "2020-djf", "2020-12-01"),
        ("tropical-season", "2020-04-30", "2019-ndjfma", "2019-11-01"),
        ("tropical-season", "2020-05-01", "2020-mjjaso", "2020-05-01"), ("year", "2020-06-01", "2020", "2020-01-01"),
        ("decade", "2020-06-01", "2020", "2020-01-01"), ("decade-ad", "2020-06-01", "2011", "2011-01-01"),
    ],
)  # fmt: skip
def test_names_and_beginnings_of_periods(period: str, stamp: str, label: str, start: str) -> None:
    moment = pd.Timestamp(stamp)
    assert name_with_year([moment], period) == [label]
    assert beginning(moment, period) == pd.Timestamp(start)


@settings(deadline=None)
@given(
    days=st.lists(st.integers(0, 2000), min_size=1, max_size=5),
    period=st.sampled_from(["day", "week", "dekad", "month", "season", "tropical-season", "year"]),
)
def test_every_moment_falls_into_a_complete_period(days: list[int], period: str) -> None:
    moments = pd.DatetimeIndex([pd.Timestamp("2019-01-01") + pd.Timedelta(days=day) for day in days]).sort_values()
    named = complete(moments, period)
    assert set(name_with_year(moments, period)) <= named.keys()
    assert list(named.values()) == sorted(named.values())
    for moment in moments:
        assert named[name_with_year([moment], period)[0]] <= moment


def test_leap_days_share_the_normal_of_the_28th() -> None:
    days = pd.DatetimeIndex(["2020-02-28", "2020-02-29", "2020-03-01", "2021-03-01", "2020-12-31"])
    assert name_in_year(days, "day") == ["059", "059", "060", "060", "365"]
