"""The real catalog: valid by the official rules, and in strict mode what docs/decisions/0009 says of it."""

from collections import Counter
from pathlib import Path

import pytest
from catalog_factories import git
from catalog_mutants import put
from mirror import SchemaMirror

from earthcode_platform.catalog.checkout import read_catalog
from earthcode_platform.catalog.documents import serialize, text
from earthcode_platform.catalog.snapshot import Catalog
from earthcode_platform.catalog.validate.schemas import Schemas
from earthcode_platform.catalog.validate.whole import validate
from earthcode_platform.models.catalog_finding import CatalogFinding, CatalogReport


@pytest.fixture(scope="module")
def real(real_folder: Path) -> Catalog:
    return read_catalog(real_folder)


@pytest.fixture(scope="module")
def strict(real: Catalog, shared: Path) -> CatalogReport:
    return validate(real, strict=True, schemas=Schemas(shared / "schemas"))


def found(report: CatalogReport, code: str) -> list[CatalogFinding]:
    return [one for one in report.findings if one.code == f"catalog-{code}"]


def test_it_is_valid_in_gate_mode(real: Catalog, shared: Path) -> None:
    report = validate(real, schemas=Schemas(shared / "schemas"))
    assert list(map(str, report.findings)) == []
    assert (report.valid, report.documents, report.schemas, report.skipped, report.unchecked) == (True, 2224, 30, (), 0)


def test_without_a_mirror_the_report_says_what_was_skipped(real: Catalog) -> None:
    report = validate(real)
    assert (report.valid, report.schemas, report.unchecked) == (True, 0, 2224)
    skipped = {one.schema_url: one.documents for one in report.skipped}
    assert len(skipped) == 30
    assert skipped["https://schemas.stacspec.org/v1.0.0/catalog-spec/json-schema/catalog.json"] == 1340
    assert skipped["https://stac-extensions.github.io/osc/v1.0.0/schema.json"] == 559


def test_strict_mode_finds_the_known_faults_and_the_documented_ones(strict: CatalogReport) -> None:
    assert not strict.valid
    assert Counter((one.code.removeprefix("catalog-"), one.severity.value) for one in strict.findings) == {
        ("back-link-missing", "error"): 106,
        ("link-repeated", "error"): 69,
        ("link-dangling", "error"): 19 + 3,
        ("self-stale", "error"): 10,
        ("self-elsewhere", "error"): 6,
        ("doi-wrong", "error"): 5,
        ("input-file-missing", "error"): 2,
        ("environment-file-missing", "error"): 2,
        ("interval-reversed", "error"): 1,
        ("record-link-missing", "warning"): 28,
        ("theme-unlinked", "warning"): 5,
    }


def test_back_links_are_missing_in_four_kinds(strict: CatalogReport) -> None:
    kinds = Counter(one.message.split("/", maxsplit=1)[0] for one in found(strict, "back-link-missing"))
    assert kinds == {"projects": 4, "themes": 27, "eo-missions": 34, "variables": 41}


def test_duplicate_links_are_in_as_many_files(strict: CatalogReport) -> None:
    assert len({one.file for one in found(strict, "link-repeated")}) == 69


def test_dangling_links_are_related_but_for_three(real: Catalog, strict: CatalogReport) -> None:
    relations = Counter(
        real.links(one.file)[int(one.pointer.split("/")[2])].rel for one in found(strict, "link-dangling")
    )
    assert relations == {"related": 19, "via": 2, "cite-as": 1}


def test_every_line_holds_the_value(real: Catalog, strict: CatalogReport) -> None:
    for one in strict.findings:
        line = real.content(one.file).decode().splitlines()[one.line - 1]
        key = one.pointer.rsplit("/", maxsplit=1)[-1]
        assert key.isdigit() or f'"{key}"' in line, str(one)


def test_a_bare_repository_gives_the_same(real: Catalog, real_bare: Path) -> None:
    read = read_catalog(real_bare)
    assert dict(read.files) == dict(real.files)
    assert read.commit == git(real_bare, "rev-parse", "HEAD")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"license": "none-such-1.0"}, "/license"),
        ({"keywords": ["a", "a"]}, "/keywords"),
        ({"stac_extensions": ["https://example.org/none/v1.0.0/schema.json"]}, "/stac_extensions/0"),
    ],
)
def test_the_schemas_refuse_what_no_rule_of_ours_does(
    real: Catalog, shared: Path, mirror: SchemaMirror, changes: dict[str, object], pointer: str
) -> None:
    path = "projects/careheat/collection.json"
    document = dict(real.document(path))
    assert text(document, "license")
    assert mirror.stac_errors(document) == []
    put(**changes)(document)
    schemas = Schemas(shared / "schemas")
    report = validate(real.with_edits({path: serialize(document)}), schemas=schemas)
    assert ("catalog-schema", path, pointer) in {(one.code, one.file, one.pointer) for one in report.findings}
