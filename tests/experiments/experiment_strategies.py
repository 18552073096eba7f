"""Experiments of every shape, for tests of round trips."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from earthcode_platform.models.experiment import (
    Catalogued,
    Contact,
    Experiment,
    InputReference,
    ProductFormat,
    ProductWanted,
    WorkflowDeclared,
    WorkflowKind,
)
from earthcode_platform.models.new_entries import NewProject, NewVariable, ProjectStatus, TechnicalOfficer
from earthcode_platform.models.window import BBox, TimeWindow

__all__ = ["configurations", "experiments"]

_any_text = st.text(st.characters(exclude_categories=("Cc", "Cs")) | st.sampled_from("\n\t"), max_size=40)
_traps = st.sampled_from(
    ["no", "1.10", "1e-3", "0o17", "012", "12:30:00", "2023-08-01", "~", "null", "a: b", "# x", "<<"]
)
_texts = (_any_text | _traps).map(str.strip).filter(bool)
_ids = st.from_regex(r"[a-z0-9]+([._-][a-z0-9]+){0,2}", fullmatch=True).filter(lambda one: len(one) <= 80)
_maybe_text = st.none() | _texts
_names = st.from_regex(r"[A-Za-z0-9_ é-]{1,12}", fullmatch=True).filter(lambda one: one.strip("~") == one)
_relative = st.lists(_names, min_size=1, max_size=3).map("/".join)
_hrefs = _relative | _relative.map(lambda path: f"https://example.org/{path.replace(' ', '%20')}")
_moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive here
_checksums = st.from_regex(r"1220[0-9a-f]{64}", fullmatch=True)
_versions = st.sampled_from(["1.0", "1.10", "2023.8.1", "1e2", "3", "1.0.0rc1"]).filter(lambda one: one != "1e2")

_scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _any_text | _traps
)
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_any_text | _traps, inner, max_size=3),
    max_leaves=8,
)
configurations = st.dictionaries(_any_text | _traps, _values, max_size=4)


@st.composite
def _windows(draw: st.DrawFn) -> TimeWindow:
    start, end = sorted([draw(_moments), draw(_moments)])
    open_ends = draw(st.sampled_from(["none", "start", "end"]))
    return TimeWindow(None if open_ends == "start" else start, None if open_ends == "end" else end)


@st.composite
def _boxes(draw: st.DrawFn) -> BBox:
    west, east = draw(st.lists(st.floats(-180, 180), min_size=2, max_size=2, unique=True))
    south, north = sorted(draw(st.lists(st.floats(-90, 90), min_size=2, max_size=2, unique=True)))
    return (west, south, east, north)


_references = st.builds(
    InputReference,
    href=_hrefs,
    datetime=st.none() | _windows(),
    bbox=st.none() | _boxes(),
    checksum=st.none() | _checksums,
)
_lists_of_ids = st.lists(_ids, max_size=3).map(tuple)
_pages = st.sampled_from(["https://example.org/", "http://example.org/a?b=c#d", "https://example.org/%C3%A9.pdf"])
_projects = st.builds(
    NewProject,
    title=_texts,
    description=_texts,
    status=st.sampled_from(ProjectStatus),
    website=_pages,
    technical_officer=st.builds(
        TechnicalOfficer, name=_texts.filter(lambda one: len(one) > 1), email=st.just("ada.b+c@example.org")
    ),
    themes=_lists_of_ids,
    license=st.none() | st.sampled_from(["CC-BY-4.0", "various"]),
    datetime=st.none() | _windows(),
    bbox=st.none() | _boxes(),
)
_variables = st.builds(
    NewVariable,
    id=_ids,
    title=_texts,
    description=_texts,
    themes=st.lists(_ids, min_size=1, max_size=2).map(tuple),
    definition=_pages,
)

experiments = st.builds(
    Experiment,
    id=_ids,
    version=_versions,
    title=_texts,
    description=_texts,
    license=st.sampled_from(["CC-BY-4.0", "MIT", "various", "proprietary"]),
    contacts=st.lists(
        st.builds(
            Contact,
            name=_texts,
            email=st.none() | st.just("ada@example.org"),
            organization=_maybe_text,
            roles=st.lists(_texts, max_size=2).map(tuple),
        ),
        min_size=1,
        max_size=2,
    ).map(tuple),
    osc=st.builds(
        Catalogued,
        project=_ids,
        themes=st.lists(_ids, min_size=1, max_size=2).map(tuple),
        variables=_lists_of_ids,
        missions=_lists_of_ids,
        region=_maybe_text,
        new_project=st.none() | _projects,
        new_variables=st.lists(_variables, max_size=2).map(tuple),
    ),
    workflow=st.builds(
        WorkflowDeclared,
        kind=st.sampled_from(WorkflowKind),
        entry=_relative,
        title=_texts,
        id=st.none() | _ids,
    ),
    inputs=st.dictionaries(_ids, _references, min_size=1, max_size=3),
    configuration=configurations,
    product=st.builds(
        ProductWanted,
        id=_ids,
        title=_texts,
        description=_maybe_text,
        format=st.sampled_from(ProductFormat),
    ),
)
"""Experiments that a file may declare: hrefs are relative or URLs."""
