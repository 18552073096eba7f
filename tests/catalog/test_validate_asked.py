"""Which schemas a document must meet, which documents the official validator passes over, and what formats mean."""

import json

import pytest
from pydantic import JsonValue

from earthcode_platform.catalog.documents import JsonObject
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.asked import is_passed_over, schemas_asked
from earthcode_platform.catalog.validate.formats import FORMATS
from earthcode_platform.catalog.validate.inspection import Inspection

OFFICIAL = "https://esa-earthcode.github.io/open-science-catalog-validation/schemas"
CORE = "https://schemas.stacspec.org/v1.1.0"
EXTENSION = "https://stac.example/x/v1.0.0/schema.json"


def asked(path: str, document: JsonObject) -> list[tuple[str, str]]:
    catalog = Catalog({path: json.dumps(document).encode()})
    return [tuple(one) for one in schemas_asked(Inspection(catalog, path))]


@pytest.mark.parametrize(
    ("path", "document", "expected"),
    [
        (
            "products/a/collection.json",
            {"type": "Collection", "stac_version": "1.1.0", "stac_extensions": [EXTENSION, EXTENSION, 7]},
            [
                (f"{OFFICIAL}/products/children.json", ""),
                (f"{CORE}/collection-spec/json-schema/collection.json", ""),
                (EXTENSION, ""),
            ],
        ),
        (
            "products/a/item.json",
            {"type": "Feature", "stac_version": "1.1.0"},
            [(f"{CORE}/item-spec/json-schema/item.json", "")],
        ),
        ("products/a/item.json", {"type": "Feature"}, [(f"{OFFICIAL}/records.json", "")]),
        ("more/settings.json", {}, [(f"{OFFICIAL}/records.json", "")]),
        (
            "workflows/a/record.json",
            {"type": "Feature", "stac_extensions": [EXTENSION]},
            [(f"{OFFICIAL}/workflows/children.json", ""), (f"{OFFICIAL}/records.json", ""), (EXTENSION, "EX11")],
        ),
        (
            "themes/a/catalog.json",
            {"type": "Catalog", "stac_version": "1.1.0"},
            [(f"{OFFICIAL}/themes/children.json", "EX02"), (f"{CORE}/catalog-spec/json-schema/catalog.json", "")],
        ),
        (
            "themes/catalog.json",
            {"type": "Catalog", "stac_version": "1.1.0"},
            [(f"{OFFICIAL}/themes/parent.json", ""), (f"{CORE}/catalog-spec/json-schema/catalog.json", "")],
        ),
        ("products/a/collection.json", {"type": "Collection"}, [(f"{OFFICIAL}/products/children.json", "")]),
        ("themes/catalog.json", {"stac_version": 1}, [(f"{OFFICIAL}/themes/parent.json", "")]),
    ],
)
def test_a_document_has_the_schemas_of_what_it_is(
    path: str, document: JsonObject, expected: list[tuple[str, str]]
) -> None:
    assert asked(path, document) == expected


@pytest.mark.parametrize(
    "version",
    [None, 1.0, [], {}, "0.9.0", "0", "0.9", "v0.8.1", "1.0.0-beta.2", "1.0.0-alpha", "1.0.0-rc.0", "1.0.0-rc"],
)
def test_old_documents_are_passed_over(version: JsonValue) -> None:
    assert is_passed_over({"type": "Catalog", "stac_version": version})


@pytest.mark.parametrize(
    "version",
    ["1.0.0", "1.1.0", "1", "1.0", "2.0.0", "1.0.0-rc.1", "1.0.0-rc.2", "1.0.0-rc.1.1", "newest", "", "10.0.0", "1.x"],
)
def test_others_are_not(version: str) -> None:
    assert not is_passed_over({"type": "Catalog", "stac_version": version})
    is_version = version not in ("newest", "")
    assert is_passed_over({"type": "FeatureCollection", "stac_version": version}) == is_version


def test_a_record_is_not_passed_over() -> None:
    assert not is_passed_over({"type": "FeatureCollection"})


MOMENTS = ["2020-02-29T00:00:00Z", "0000-02-29 23:59:60z", "2020-01-01T00:00:00", "2020-01-01t00:00:00.5+0130"]
NO_MOMENTS = ["2021-02-29T00:00:00Z", "2020-01-01", "2020-01-01T24:00:00Z", "2020-01-01T00:00Z", "2020-1-1T00:00:00Z"]
TRUTHS = {
    "date-time": (MOMENTS, NO_MOMENTS),
    "email": (["a@b.c", "A.b+c@d-e.FG"], ["a@b", "a..b@c.d", "ä@b.c", "a b@c.d", "a@b.c\n"]),
    "iri": (
        ["https://a", "s3://b/k", "file:///x", "https://ä/ö x"],
        ["mailto:a@b.c", "urn:a:b", "./x", "", "https://"],
    ),
    "iri-reference": (
        ["./x", "x y", "ä", "//a/b", "https://a/b", "a:b#c"],
        ["", "#x", "?x", "mailto:a@b.c", "a:b", "urn:a:b#c"],
    ),
    "uri": (
        ["https://a/b?c#d", "urn:a:b", "http://[::1]/", "a:/"],
        ["./x", "https://a/b c", "https://ä", "http://[1]/", "a"],
    ),
    "uri-reference": (["./x", "", "#x", 'a"b', "//a:1/b", "a%20b"], ["a b", "ä", "a\\b", "a%2", "{a}", "http://[::1"]),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_means_what_the_official_validator_takes(name: str) -> None:
    right, wrong = TRUTHS[name]
    assert [value for value in right if not FORMATS[name](value)] == []
    assert [value for value in wrong if FORMATS[name](value)] == []
