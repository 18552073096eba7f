"""Processes on time: aggregation, normals and anomalies, dates as texts."""

import numpy as np
import pytest
import xarray as xr
from cube_factories import series
from process_calls import call, reducer

from earthcode_platform.engines.openeo.periods import PERIOD_START
from earthcode_platform.engines.openeo.registry import processes, unfit
from earthcode_platform.engines.openeo.shapes import dimension_type
from earthcode_platform.errors import ExecutionError, UnknownNameError


def stamped(stamps: list[str], values: list[float] | None = None) -> xr.DataArray:
    numbers = values or [float(at) for at in range(len(stamps))]
    return series(numbers).assign_coords(t=np.array(stamps, dtype="datetime64[ns]"))


def test_calendar_periods_are_complete() -> None:
    made = stamped(["2020-01-31", "2020-02-29", "2020-05-01"], [1.0, 2.0, 3.0])
    found = call("aggregate_temporal_period", data=made, period="month", reducer=reducer("mean"))
    assert found["t"].values.tolist() == ["2020-01", "2020-02", "2020-03", "2020-04", "2020-05"]
    np.testing.assert_array_equal(found.values.ravel(), [1, 2, np.nan, np.nan, 3])
    assert [str(begin)[:10] for begin in found[PERIOD_START].values][:2] == ["2020-01-01", "2020-02-01"]
    counted = call("aggregate_temporal_period", data=made, period="month", reducer=reducer("count"))
    assert counted.values.ravel().tolist() == [1, 1, 0, 0, 1]


def test_intervals_may_overlap() -> None:
    made = stamped(["2020-01-01", "2020-01-10", "2020-02-01"], [1.0, 2.0, 4.0])
    spans = [["2020-01-01", "2020-02-01"], ["2020-01-10", "2020-03-01"]]
    found = call("aggregate_temporal", data=made, intervals=spans, reducer=reducer("sum"))
    assert found.values.ravel().tolist() == [3, 6]
    assert found["t"].dtype.kind == "M"
    named = call("aggregate_temporal", data=made, intervals=spans, labels=["a", "b"], reducer=reducer("sum"))
    assert named["t"].values.tolist() == ["a", "b"]


def test_intervals_of_hours_take_these_hours_of_every_day() -> None:
    stamps = ["2020-01-01T05:59:59", "2020-01-01T06:00:00", "2020-01-02T17:59:59", "2020-01-02T18:00:00"]
    made = stamped(stamps, [1.0, 2.0, 4.0, 8.0])
    hours = [["06:00:00", "18:00:00"], ["18:00:00", "06:00:00"]]
    found = call("aggregate_temporal", data=made, intervals=hours, reducer=reducer("sum"))
    assert found.values.ravel().tolist() == [6, 9]
    assert found["t"].values.tolist() == ["06:00:00", "18:00:00"]
    assert dimension_type(found, "t") == "temporal"


@pytest.mark.parametrize(
    ("intervals", "words"),
    [
        ([[None, "2020-01-02"], ["2020-01-02", None]], "DistinctDimensionLabelsRequired.*without a start"),
        ([["2020-01-01", "2020-01-02"]] * 2, "DistinctDimensionLabelsRequired"),
        ([["2020-01-02", "2020-01-01"]], "TemporalExtentEmpty"),
    ],
)
def test_intervals_without_labels_of_their_own_need_some(intervals: list[list[str | None]], words: str) -> None:
    made = stamped(["2020-01-01", "2020-01-02"])
    with pytest.raises(ExecutionError, match=words):
        call("aggregate_temporal", data=made, intervals=intervals, reducer=reducer("sum"))


def test_an_empty_interval_of_hours_is_refused_before_the_run() -> None:
    argument = processes()["aggregate_temporal"].arguments["intervals"]
    assert unfit(argument, [["06:00:00", "18:00:00"]]) is None
    found = unfit(argument, [["06:00:00", "06:00:00"]])
    assert found is not None
    assert "TemporalExtentEmpty" in found.message
    assert unfit(argument, [["06:00:00", None]]) is not None


def test_an_empty_period_of_integers_is_no_data() -> None:
    made = stamped(["2020-01-31", "2020-03-01"]).astype("int16")
    found = call("aggregate_temporal_period", data=made, period="month", reducer=reducer("max"))
    np.testing.assert_array_equal(found.values.ravel(), [0, np.nan, 1])


def test_normals_and_anomalies_by_month() -> None:
    stamps = [f"{year}-{month:02d}-15" for year in (2001, 2002, 2003) for month in range(1, 13)]
    made = stamped(stamps, [100.0 * year + month for year in (0, 1, 2) for month in range(1, 13)])
    normals = call("climatological_normal", data=made, period="month", climatology_period=[2001, 2002])
    assert normals["t"].values.tolist() == [f"{month:02d}" for month in range(1, 13)]
    assert normals.values.ravel().tolist() == [50.0 + month for month in range(1, 13)]
    found = call("anomaly", data=made, normals=normals, period="month")
    assert found.values.ravel().tolist() == [-50.0] * 12 + [50.0] * 12 + [150.0] * 12
    np.testing.assert_array_equal(found["t"].values, made["t"].values)


def test_normals_of_seasons_take_whole_winters_only() -> None:
    stamps = [str(day)[:10] for day in np.arange("2000-12", "2003-01", dtype="datetime64[M]")]
    made = stamped(stamps, [float(at) for at in range(len(stamps))])
    normals = call("climatological_normal", data=made, period="season", climatology_period=[2001, 2002])
    assert normals["t"].values.tolist() == ["djf", "mam", "jja", "son"]
    winters = [0, 1, 2, 12, 13, 14]
    assert normals.values.ravel()[0] == np.mean(winters)
    later = made.isel(t=slice(1, None))
    normals = call("climatological_normal", data=later, period="season", climatology_period=[2001, 2002])
    assert normals.values.ravel()[0] == np.mean([12, 13, 14])


def test_other_normals() -> None:
    made = stamped(["2001-01-01", "2001-07-01", "2002-01-01"], [1.0, 3.0, 8.0])
    whole = call("climatological_normal", data=made, period="climatology-period", climatology_period=["2001", "2002"])
    assert whole.values.ravel().tolist() == [4.0]
    assert call("anomaly", data=made, normals=whole, period="climatology-period").values.ravel().tolist() == [-3, -1, 4]
    monthly = call("aggregate_temporal_period", data=made, period="month", reducer=reducer("mean"))
    january = call("climatological_normal", data=made, period="month", climatology_period=[2001, 2002])
    with pytest.raises(ExecutionError, match="no normal for the month 02"):
        call("anomaly", data=monthly, normals=january, period="month")
    with pytest.raises(ExecutionError, match="normals with one label"):
        call("anomaly", data=made, normals=january, period="climatology-period")


def test_texts_and_dates() -> None:
    assert call("text_concat", data=[None, True, 1, -1.5, "ß"], separator="-") == "null-true-1--1.5-ß"
    assert call("text_begins", data="Lorem", pattern="lor", case_sensitive=False) is True
    assert call("text_contains", data="Lorem", pattern="x") is False
    assert call("text_ends", data=None, pattern="x") is None
    assert call("date_shift", date="2020-01-31", value=1, unit="month") == "2020-02-29"
    assert call("date_shift", date="2018-12-31T17:22:45Z", value=1150, unit="millisecond") == "2018-12-31T17:22:46.150Z"
    assert call("date_shift", date="2021-03-31T00:00:00+02:00", value=-7, unit="day") == "2021-03-24T00:00:00+02:00"
    assert call("date_difference", date1="2020-01-01T00:00:00Z", date2="2020-01-01T01:00:00+01:00") == 0
    assert call("date_difference", date1="2020-01-02", date2="2020-01-01", unit="day") == -1
    assert call("date_difference", date1="2020-01-01", date2="2021-07-01", unit="month") == 18
    assert call("date_between", x="2020-01-01", min="2020-01-01", max="2021-01-01") is True
    for unit in ("dey", "century"):
        with pytest.raises(UnknownNameError, match="no unit"):
            call("date_shift", date="2020-01-01", value=1, unit=unit)
