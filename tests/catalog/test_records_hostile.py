"""Whatever stands in a record or beside it: it is read or refused, and no password is shown."""

import json

import pytest
from catalog_factories import published
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue
from record_factories import link, record, with_experiment, with_workflow

from earthcode_platform.catalog.records.executability import report
from earthcode_platform.catalog.records.load import load
from earthcode_platform.catalog.records.search import look, search
from earthcode_platform.catalog.seed import seed_files
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import InputError, UnknownNameError
from earthcode_platform.models.catalog_code import InputForm
from earthcode_platform.models.catalog_record import ExperimentRecord, RecordKind
from earthcode_platform.models.catalog_search import Query

PUBLISHED = published(Catalog(seed_files()))


def test_aliases_cannot_fill_the_memory(embedded: Catalog) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]" for at in range(1, 9)]
    document = record(link("input", "./input.yaml"))
    found = load(with_experiment(embedded, document, given="\n".join(lines).encode()), "it")
    assert isinstance(found, ExperimentRecord)
    assert found.inputs[0].form is InputForm.UNREADABLE


def test_nothing_that_is_loaded_shows_a_password(embedded: Catalog) -> None:
    written = "https://me:hunter2@x.example/a.ipynb"
    links = [
        link(rel, written, title=written) for rel in ("application", "input", "environment", "application-platform")
    ]
    editor = link("via", f"https://editor.example/?process={written}&server=https://me:hunter2@openeo.example")
    document = record(*links, editor, description=written, jupyter_kernel_info={"env_file": written})
    catalog = with_workflow(with_experiment(embedded, document), document)
    for reference in ("workflows/it", "experiments/it"):
        assert "hunter2" not in load(catalog, reference).model_dump_json()
    assert "hunter2" not in report(catalog, {"notebook"}).model_dump_json()
    assert "A user name and a password for" in report(catalog, set()).model_dump_json()


def test_a_file_that_is_no_json_is_named(embedded: Catalog) -> None:
    with pytest.raises(InputError, match=r"workflows/it/record\.json: it is not readable as JSON"):
        load(embedded.with_edits({"workflows/it/record.json": b"{"}), "it")


def test_one_broken_file_takes_no_other_with_it(embedded: Catalog) -> None:
    catalog = with_workflow(embedded, record()).with_edits(
        {"workflows/bad/record.json": b"null", "products/bad/collection.json": b"", "variables/bad/catalog.json": b"["}
    )
    unread = (
        "products/bad/collection.json: it is not readable as JSON: it is empty.",
        "workflows/bad/record.json: it holds null, not a JSON object.",
    )
    assert load(catalog, "workflows/it").title == "It"
    told = report(catalog, ())
    assert ([one.id for one in told.records if one.record is RecordKind.WORKFLOW], told.unread) == (["it"], unread)
    assert report(catalog, (), ["it"]).unread == unread
    found = look(catalog, Query(text=("it",)))
    assert ("it" in {hit.id for hit in found.hits}, found.unread) == (True, unread)
    with pytest.raises(InputError, match=r"workflows/bad/record\.json"):
        report(catalog, (), ["bad"])
    with pytest.raises(UnknownNameError, match="no variable 'nope'"):
        look(catalog, Query(variables=("nope",)))


def test_what_is_no_unicode_can_still_be_written(embedded: Catalog) -> None:
    document = record(link("application", "https://github.com/a/b/blob/main/\ud800.ipynb"), title="\ud800")
    catalog = with_workflow(embedded, document)
    assert json.loads(load(catalog, "it").model_dump_json())["title"] == "\\ud800"
    assert json.loads(report(catalog, ()).model_dump_json())["records"][0]["kind"] == "notebook"
    assert [hit.title for hit in search(catalog, Query(kinds=(RecordKind.WORKFLOW,)))] == ["\\ud800"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value: JsonValue, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The place of every value inside a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, one in inner for place in places(one, (*at, key)))]


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_whatever_stands_in_a_record_it_is_read_or_refused(data: st.DataObject) -> None:
    catalog = PUBLISHED
    path = data.draw(
        st.sampled_from(
            [
                "experiments/sst-anomaly/record.json",
                "workflows/sst-anomaly-workflow/record.json",
                "products/sst-anomaly-el-nino-2009/collection.json",
                "projects/earthcode-examples/collection.json",
            ]
        )
    )
    document = json.loads(catalog.content(path))
    place = data.draw(st.sampled_from(places(document)[1:]))
    inner = document
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = data.draw(JSON)
    spoiled = catalog.with_edits({path: json.dumps(document).encode()})
    assert json.loads(load(spoiled, path).model_dump_json())["path"] == path
    assert len(json.loads(report(spoiled, {"openeo"}).model_dump_json())["records"]) == 2
    assert [hit.model_dump_json() for hit in search(spoiled, Query())] != []
