"""What is found, in which order, and what is said of names that are not known."""

import json

import pytest
from catalog_factories import published
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from earthcode_platform.catalog.documents import JsonObject
from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.records.asking import read_box, read_interval
from earthcode_platform.catalog.records.search import look, search
from earthcode_platform.catalog.records.words import folded, patterns
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.errors import InputError, UnknownNameError
from earthcode_platform.models.catalog_record import Interval, RecordKind
from earthcode_platform.models.catalog_search import Hit, Query

THEMES = {"scheme": "https://github.com/stac-extensions/osc#theme"}


def product(entry: str, title: str, **said: object) -> tuple[str, bytes]:
    """Path and content of a product."""
    document = {"type": "Collection", "id": entry, "title": title, "links": [], **said}
    return Kind.PRODUCT.path(entry), json.dumps(document).encode()


def extent(box: list[float] | None, *interval: str | None) -> JsonObject:
    """The extent of a product."""
    spatial: JsonObject = {} if box is None else {"spatial": {"bbox": [[*box]]}}
    return {**spatial, "temporal": {"interval": [[*interval]]}} if interval else spatial


@pytest.fixture
def catalog() -> Catalog:
    land = {"themes": [{**THEMES, "concepts": [{"id": "land"}]}]}
    return Catalog(
        dict(
            [
                product("in-description", "Zulu", description="The été of sea ice.", **land),
                product(
                    "in-keywords", "Yankee", keywords=["Sea-Ice"], extent=extent([0, 0, 10, 10], "2020-01-01", None)
                ),
                product("sea-ice-id", "Xray", extent=extent([170, -5, -170, 5], "2010-01-01", "2010-12-31")),
                product("b", "Sea ice, B", **{"osc:missions": ["sentinel-1"], "osc:variables": ["sst"]}),
                product("a", "Sea ice, A", **{"osc:project": "p"}),
                product("other", "A service for sea slices"),
                *((path, b"{}") for path in ("themes/land/catalog.json", "eo-missions/sentinel-1/catalog.json")),
                ("themes/oceans/catalog.json", b'{"title": "Oc\\u00e9ans"}'),
                ("variables/sst/catalog.json", b'{"title": "Sea surface temperature"}'),
                ("projects/p/collection.json", b'{"title": "Project", "type": "Collection"}'),
            ]
        )
    )


def ids(hits: tuple[Hit, ...]) -> list[str]:
    return [hit.id for hit in hits]


def test_title_before_id_before_keywords_before_description(catalog: Catalog) -> None:
    hits = search(catalog, Query(text=("sea", "ice")))
    assert ids(hits) == ["a", "b", "sea-ice-id", "in-keywords", "in-description"]
    assert [hit.score for hit in hits] == [8, 8, 6, 4, 2]
    assert [hit.matched for hit in hits[2:]] == [("id",), ("keywords",), ("description",)]


def test_all_words_in_any_field_whatever_their_case_and_accents(catalog: Catalog) -> None:
    assert ids(search(catalog, Query(text=("ETE zulu",)))) == ["in-description"]
    assert ids(search(catalog, Query(text=("Éte", "SEA")))) == ["in-description"]
    assert ids(search(catalog, Query(text=("sea", "nowhere")))) == []
    assert ids(search(catalog, Query(text=("sea-ice",)))) == ["a", "b", "sea-ice-id", "in-keywords", "in-description"]


def test_words_are_found_by_their_beginning(catalog: Catalog) -> None:
    assert ids(search(catalog, Query(text=("serv", "slice")))) == ["other"]
    assert "other" not in ids(search(catalog, Query(text=("ice",))))


def test_a_word_needs_a_letter_or_a_digit(catalog: Catalog) -> None:
    with pytest.raises(InputError, match="has no letter and no digit"):
        search(catalog, Query(text=("sea", " *-_ ")))


def test_nothing_asked_finds_everything_by_kind_and_title(catalog: Catalog) -> None:
    hits = search(catalog, Query())
    assert [hit.title for hit in hits] == [
        *("A service for sea slices", "Sea ice, A", "Sea ice, B", "Xray", "Yankee", "Zulu"),
        "Project",
    ]
    assert hits[-1].kind is RecordKind.PROJECT
    outcome = look(catalog, Query(limit=2))
    assert (outcome.matched, ids(outcome.hits)) == (7, ["other", "a"])


def test_filters_combine_and_their_values_are_alternatives(catalog: Catalog) -> None:
    assert ids(search(catalog, Query(themes=("land",)))) == ["in-description"]
    assert ids(search(catalog, Query(themes=("land", "oceans")))) == ["in-description"]
    assert ids(search(catalog, Query(missions=("sentinel-1",), variables=("sst",)))) == ["b"]
    assert ids(search(catalog, Query(missions=("sentinel-1",), themes=("land",)))) == []
    assert ids(search(catalog, Query(projects=("p",)))) == ["a", "p"]
    assert ids(search(catalog, Query(projects=("p",), kinds=(RecordKind.PRODUCT,)))) == ["a"]
    assert ids(search(catalog, Query(kinds=(RecordKind.WORKFLOW,)))) == []


def test_names_by_title(catalog: Catalog) -> None:
    assert ids(search(catalog, Query(variables=("sea surface TEMPERATURE",)))) == ["b"]
    assert ids(search(catalog, Query(missions=("Sentinel-1",)))) == ["b"]
    assert ids(search(catalog, Query(themes=("oceans",)))) == ids(search(catalog, Query(themes=("oceàns",))))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (Query(themes=("lend",)), "no theme 'lend'. Did you mean 'land'"),
        (Query(variables=("ssst",)), "no variable 'ssst'. Did you mean 'sst'"),
        (Query(missions=("sentinel-9",)), "no EO mission 'sentinel-9'. Did you mean 'sentinel-1'"),
        (Query(projects=("nothing",)), "no project 'nothing'. Known: p"),
    ],
)
def test_unknown_names_get_the_nearest(catalog: Catalog, query: Query, said: str) -> None:
    with pytest.raises(UnknownNameError, match=said):
        search(catalog, query)


def test_boxes_and_times(catalog: Catalog) -> None:
    assert ids(search(catalog, Query(bbox=(-175, 0, -160, 1)))) == ["sea-ice-id"]
    assert ids(search(catalog, Query(bbox=(175, 0, 5, 1)))) == ["sea-ice-id", "in-keywords"]
    assert ids(search(catalog, Query(bbox=(20, 20, 30, 30)))) == []
    assert ids(search(catalog, Query(datetime=read_interval("2010-12-31T13:00:00Z/2015-01-01")))) == ["sea-ice-id"]
    assert ids(search(catalog, Query(datetime=read_interval("2090-01-01/..")))) == ["in-keywords"]
    assert ids(search(catalog, Query(datetime=read_interval("../2009-12-31")))) == []
    assert ids(search(catalog, Query(bbox=(0, 0, 1, 1), datetime=read_interval("2010-06-01")))) == []


@pytest.mark.parametrize(
    ("box", "said"),
    [
        ("200,0,10,10", "longitudes 200 and 10 must lie between"),
        ("0,10,5,0", "south before north"),
        ("0,-91,5,0", "latitudes -91 and 0"),
        ("nan,0,5,1", "no number"),
        ("0,0,inf,1", "no number"),
    ],
)
def test_boxes_that_are_none(box: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Query(bbox=read_box(box))


def test_times_that_end_before_they_start() -> None:
    late, early = (read_interval(day).start for day in ("2020-01-02", "2020-01-01"))
    with pytest.raises(ValidationError, match="after its end"):
        Query(datetime=Interval(start=late, end=early))


def test_records_have_what_their_products_have(embedded: Catalog) -> None:
    after = published(embedded)
    query = Query(
        missions=("envisat",),
        variables=("sea-surface-temperature",),
        bbox=(0, 0, 1, 1),
        datetime=read_interval("2010-01-01"),
    )
    hits = search(after, query)
    assert [(hit.kind.value, hit.id) for hit in hits] == [
        ("product", "sst-anomaly-el-nino-2009"),
        ("experiment", "sst-anomaly"),
        ("workflow", "sst-anomaly-workflow"),
        ("project", "earthcode-examples"),
    ]
    assert {hit.project for hit in hits} == {"earthcode-examples"}
    assert {hit.boxes for hit in hits[:3]} == {((-180.0, -30.0, 180.0, 30.0),)}


def test_the_real_catalog(real_files: dict[str, bytes]) -> None:
    catalog = Catalog(real_files)
    everything = search(catalog, Query())
    assert len(everything) == 585
    assert all(Hit.model_validate_json(hit.model_dump_json()) == hit for hit in everything)
    assert len(search(catalog, Query(kinds=(RecordKind.WORKFLOW, RecordKind.EXPERIMENT)))) == 26
    dated = search(catalog, Query(kinds=(RecordKind.PRODUCT,), datetime=Interval(start=None, end=None)))
    assert len(dated) == 351 - 28
    cereal = search(catalog, Query(text=("worldcereal",), missions=("sentinel-2",)))
    assert {hit.kind.value for hit in cereal} == set(RecordKind)
    assert ids(search(catalog, Query(text=("sea ice",)))) == ids(search(catalog, Query(text=("ice", "sea"))))
    for theme in sorted(catalog.ids(Kind.THEME)):
        found = search(catalog, Query(themes=(theme,)))
        assert found
        assert all(theme in hit.themes for hit in found)
    polaris = {hit.kind.value: hit.project for hit in everything if hit.id == "polaris"}
    assert polaris["experiment"] == polaris["workflow"] == "cerulean-information-factory"


def test_the_order_does_not_hang_on_that_of_the_files(real_files: dict[str, bytes]) -> None:
    turned = dict(reversed(real_files.items()))
    query = Query(text=("ocean",))
    assert search(Catalog(turned), query) == search(Catalog(real_files), query)


@given(st.text(min_size=1, max_size=20))
def test_a_word_finds_the_text_that_it_stands_in(word: str) -> None:
    try:
        found = patterns([word])
    except InputError:
        assert not any(one.isalnum() for one in folded(word))
        return
    assert all(one.search(folded(f"before {word} behind")) for one in found)
    assert all(one.search(folded(f"before {word.upper()}behind")) for one in found)


def test_folding() -> None:
    assert folded("Été: CO₂, STRASSE, straße, ℃") == "ete: co2, strasse, strasse, °c"
