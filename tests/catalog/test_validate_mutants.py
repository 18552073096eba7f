"""Each rule refuses what it is for, in a catalog that is right but for one thing."""

import json

import pytest
from catalog_factories import published
from catalog_mutants import MUTANTS, PRODUCT, Mutant

from earthcode_platform.catalog.kinds import Kind
from earthcode_platform.catalog.seed import seed_files
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.whole import RULES, validate
from earthcode_platform.models.finding import Severity

ALL = [rule for rules in RULES.values() for rule in rules]
STRICT = {rule.code for rule in ALL if rule.strict} - {rule.code for rule in ALL if not rule.strict}
SEEN_OTHERWISE = {"path-too-long", "place-unexpected", "id-refused", "id-unportable", "id-ambiguous"}
"""Codes of documents whose place is wrong: they have tests of their own."""


@pytest.fixture(scope="module")
def right() -> Catalog:
    return published(Catalog(seed_files(), "0" * 40))


def test_the_embedded_catalog_is_valid_in_strict_mode(embedded: Catalog) -> None:
    report = validate(embedded, strict=True)
    assert list(map(str, report.findings)) == []
    assert report.valid
    assert report.documents == len([path for path in embedded.files if path.endswith(".json")]) == 16


def test_so_it_is_after_a_publication(right: Catalog) -> None:
    assert list(map(str, validate(right, strict=True).findings)) == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda it: f"{it.code}-{it.path.split('/', maxsplit=1)[0]}")
def test_a_mutant_is_refused(right: Catalog, mutant: Mutant) -> None:
    mutated = mutant.of(right)
    code, file = f"catalog-{mutant.code}", mutant.found_in or mutant.path
    found = [one for one in validate(mutated, strict=True).findings if (one.code, one.file) == (code, file)]
    assert found
    assert all(one.message.endswith(".") and one.mend.endswith(".") for one in found)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda it: f"{it.code}-{it.path.split('/', maxsplit=1)[0]}")
def test_gate_mode_refuses_warns_or_is_blind(right: Catalog, mutant: Mutant) -> None:
    report = validate(mutant.of(right))
    code, file = f"catalog-{mutant.code}", mutant.found_in or mutant.path
    found = [one for one in report.findings if (one.code, one.file) == (code, file)]
    if mutant.exception:
        assert report.valid
        assert any(f"({mutant.exception})" in one.message for one in found)
    elif mutant.code in STRICT or (mutant.code, mutant.path) == ("child-dangling", PRODUCT):
        assert (report.valid, found) == (True, [])
    else:
        assert (report.valid, bool(found)) == (False, True)


def test_every_rule_of_every_kind_has_a_mutant() -> None:
    assert {rule.code for rule in ALL} - {mutant.code for mutant in MUTANTS} == SEEN_OTHERWISE
    for kind in Kind:
        own = {rule.code for rule in RULES[kind]} - {rule.code for rule in RULES[Kind.MISSION]}
        paths = {(one.code, (one.found_in or one.path).split("/", maxsplit=1)[0]) for one in MUTANTS}
        assert {(code, kind.value) for code in own} - paths == set()


def test_every_rule_has_a_source_or_is_made_of_one_that_has() -> None:
    told = [(rule.check.__doc__ or "") for rules in RULES.values() for rule in rules if rule.check.__name__ != "check"]
    assert [text for text in told if "Source:" not in text and "(Win32" not in text] == []


def test_a_path_too_long_for_windows_is_refused(right: Catalog) -> None:
    long = right.content(PRODUCT).replace(b"sst-anomaly-el-nino-2009", b"x" * 190)
    found = [
        one.code
        for one in validate(right.with_edits({f"products/{'x' * 190}/collection.json": long}), strict=True).findings
    ]
    assert "catalog-path-too-long" in found


def renamed(catalog: Catalog, name: str) -> Catalog:
    """Return the catalog with a theme of another name beside the others."""
    files = {path: content for path, content in catalog.files.items() if path.startswith("themes/oceans/")}
    document = json.loads(files.pop("themes/oceans/catalog.json")) | {"id": name}
    copied = {path.replace("oceans", name, 1): content for path, content in files.items()}
    return catalog.with_edits({f"themes/{name}/catalog.json": json.dumps(document).encode()} | copied)


def codes(catalog: Catalog, path: str, *, strict: bool = False) -> set[str]:
    return {one.code.removeprefix("catalog-") for one in validate(catalog, strict=strict).findings if one.file == path}


@pytest.mark.parametrize("name", ["con", "Aux", "nul.1", "com7", "ice.", "ice ", "a:b", "a?b", "a\\b", "lpt²"])
def test_an_id_that_windows_does_not_take_is_refused_in_strict_mode(right: Catalog, name: str) -> None:
    mutated = renamed(right, name)
    assert codes(mutated, f"themes/{name}/catalog.json", strict=True) == {"id-unportable"}
    assert codes(mutated, f"themes/{name}/catalog.json") == set()


@pytest.mark.parametrize("name", ["console", "auxiliary", "com", "com10", "ice.cap", "nul-1", "ajson"])
def test_an_id_that_only_looks_like_it_is_taken(right: Catalog, name: str) -> None:
    assert codes(renamed(right, name), f"themes/{name}/catalog.json", strict=True) == set()


def test_ids_that_differ_in_case_are_refused_in_strict_mode(right: Catalog) -> None:
    mutated = renamed(right, "Oceans")
    assert "id-ambiguous" in codes(mutated, "themes/catalog.json", strict=True)
    assert "id-ambiguous" not in codes(right, "themes/catalog.json", strict=True)


@pytest.mark.parametrize("name", ["geojson-land", "jsonx", "a-json"])
def test_an_id_that_the_official_validator_cannot_read_is_told(right: Catalog, name: str) -> None:
    """EX15: folder and id are equal, and it refuses them."""
    path = f"themes/{name}/catalog.json"
    mutated = renamed(right, name)
    found = [one for one in validate(mutated, strict=True).findings if one.file == path]
    assert [(one.code, one.severity) for one in found] == [("catalog-id-refused", Severity.WARNING)]
    assert "(EX15)" in found[0].message


@pytest.mark.parametrize("path", ["more/themes/oceans/catalog.json", "more/products/catalog.json"])
def test_a_copy_of_the_layout_is_told(right: Catalog, path: str) -> None:
    """EX14: the official validator takes it for the real one."""
    source = path.removeprefix("more/")
    document = json.loads(right.content(source))
    with_children = right.with_edits({path: right.content(source)})
    document["links"] = [link for link in document["links"] if link["rel"] != "child"]
    mutated = right.with_edits({path: json.dumps(document).encode()})
    assert codes(mutated, path) == codes(mutated, path, strict=True) == {"place-unexpected"}
    assert (validate(mutated).valid, validate(mutated, strict=True).valid) == (True, False)
    assert not validate(with_children).valid


@pytest.mark.parametrize("path", ["extra.json", "more/x.json", "themes/oceans/x.json", "products/x.json", "x.GeoJSON"])
def test_a_document_out_of_place_is_refused(right: Catalog, path: str) -> None:
    mutated = right.with_edits({path: right.content("themes/oceans/catalog.json")})
    assert codes(mutated, path) == {"place-unexpected"}
    assert not validate(mutated).valid


def test_a_document_that_is_no_json_is_told_once_and_blamed_on_nobody_else(right: Catalog) -> None:
    report = validate(right.with_edits({"themes/oceans/catalog.json": b'{"id": '}))
    assert [(one.code, one.file, one.line) for one in report.findings] == [
        ("catalog-document-unreadable", "themes/oceans/catalog.json", 1)
    ]


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b'{\n  "id": "x",\n  title: "y"\n}', 3, "line 3, column 3: expecting property name"),
        (b'{\n  "id": "x"\n', 2, "at its end: expecting ',' delimiter"),
        (b'{\n  "id": "\xe9"\n}', 2, "line 2 holds the byte 0xe9, which is no UTF-8 there"),
        (b"\n", 1, "it is empty"),
        (b"null", 1, "it holds null, not a JSON object"),
        (b"[{}]", 1, "it holds an array, not a JSON object"),
        (b'{"id": ' + b"9" * 9000 + b"}", 1, "a whole number has thousands of digits"),
        (b'{"id": ' + b"[" * 300 + b"]" * 300 + b"}", 1, "its values are nested deeper than 200 levels"),
        (b'{"id": ' + b"[" * 600 + b"]" * 600 + b"}", 1, "its values are nested deeper than 200 levels"),
        (b'{"id": ' + b"[" * 90_000, 1, "its values are nested deeper than 200 levels"),
        (b"{\n<<<<<<< HEAD\n=======\n>>>>>>> main\n}", 2, "Resolve the merge conflict in it."),
    ],
)
def test_what_cannot_be_read_is_told_where_and_why(right: Catalog, content: bytes, line: int, said: str) -> None:
    path = "themes/oceans/catalog.json"
    found = [one for one in validate(right.with_edits({path: content})).findings if one.file == path]
    assert [(one.code, one.line) for one in found if said in f"{one.message} {one.mend}"] == [
        ("catalog-document-unreadable", line)
    ]


def test_deep_documents_have_a_verdict(right: Catalog) -> None:
    deep = json.dumps(json.loads(right.content(PRODUCT)) | {"x": json.loads("[" * 198 + "]" * 198)}).encode()
    assert validate(right.with_edits({PRODUCT: deep}), strict=True).findings == ()


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"id": NaN}', b"[" * 100_000])
def test_what_no_reader_can_read_is_refused(right: Catalog, content: bytes) -> None:
    item = "products/sst-anomaly-el-nino-2009/item.json"
    found = validate(right.with_edits({item: content})).findings
    assert [(one.code, one.file) for one in found] == [("catalog-document-unreadable", item)]


def test_a_listing_that_is_missing_is_told(right: Catalog) -> None:
    files = {path: content for path, content in right.files.items() if path != "themes/catalog.json"}
    found = {(one.code, one.file) for one in validate(Catalog(files)).findings}
    assert ("catalog-document-unreadable", "themes/catalog.json") in found


def test_a_finding_says_where_and_what(right: Catalog) -> None:
    document = json.loads(right.content(PRODUCT)) | {"license": "other"}
    content = json.dumps(document, indent=2).encode()
    found = validate(right.with_edits({PRODUCT: content})).findings
    assert len(found) == 1
    line = 1 + [text.strip() for text in content.decode().splitlines()].index('"license": "other",')
    assert (found[0].file, found[0].pointer, found[0].line, found[0].value) == (PRODUCT, "/license", line, '"other"')
    assert found[0].where == f"{PRODUCT}:{line} /license"
    assert found[0].severity is Severity.ERROR
    assert str(found[0]).startswith(
        f"error [catalog-license-wrong] {PRODUCT}:{line} /license: license is 'other'. Write"
    )


def test_no_finding_tells_a_password(right: Catalog) -> None:
    document = json.loads(right.content(PRODUCT))
    document["links"].append({"rel": "self", "href": "https://ada:hunter2@example.org/x.json"})
    found = validate(right.with_edits({PRODUCT: json.dumps(document).encode()})).findings
    assert [one.code for one in found] == ["catalog-self-foreign"]
    assert "hunter2" not in found[0].model_dump_json()


@pytest.mark.parametrize("value", [None, [], {}, 7, "x", [None], [{}], [[]], {"a": {}}, "\ud800", [{"concepts": [1]}]])
def test_no_shape_of_a_value_stops_it(right: Catalog, value: object) -> None:
    for path in (PRODUCT, "experiments/sst-anomaly/record.json", "themes/oceans/catalog.json", "catalog.json"):
        document = json.loads(right.content(path))
        for key in document:
            content = json.dumps(document | {key: value}).encode()
            for one in validate(right.with_edits({path: content}), strict=True).findings:
                assert one.model_dump_json()
